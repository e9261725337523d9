// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace scanhost {
namespace {

bool writeAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// As root, who may replace what belongs to the service's user, and must not take it away.
bool keepOwner(int fd, const std::filesystem::path& replaced) {
  struct stat info {};
  if (geteuid() != 0 || lstat(replaced.c_str(), &info) != 0) return true;
  return fchown(fd, info.st_uid, info.st_gid) == 0;
}

/// link() rather than rename(), which would replace what another made in the meantime.
bool linkNew(const char* temporary, const char* file) {
  if (link(temporary, file) != 0) return false;
  unlink(temporary);
  return true;
}

bool renameOver(const char* temporary, const char* file) {
  return rename(temporary, file) == 0;
}

Status writeThen(bool (*put_in_place)(const char*, const char*), const std::filesystem::path& file,
                 std::string_view content, mode_t mode) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::string temporary = (folder / ("." + file.filename().string() + ".XXXXXX")).string();
  const auto failed = [&](int error) {
    return fail(ErrorClass::transient,
                file.string() + " cannot be written: " + std::strerror(error));
  };
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return failed(errno);
  const bool written =
      fchmod(fd, mode) == 0 && keepOwner(fd, file) && writeAll(fd, content) && fsync(fd) == 0;
  int error = errno;
  if (close(fd) != 0 && written) error = errno;
  if (!written || !put_in_place(temporary.c_str(), file.c_str())) {
    if (written) error = errno;
    unlink(temporary.c_str());
    return failed(error);
  }
  if (!syncFolder(folder)) return failed(errno);
  return {};
}

}  // namespace

bool syncFolder(const std::filesystem::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

Status writeDurably(const std::filesystem::path& file, std::string_view content, mode_t mode) {
  return writeThen(renameOver, file, content, mode);
}

Status createDurably(const std::filesystem::path& file, std::string_view content, mode_t mode) {
  return writeThen(linkNew, file, content, mode);
}

}  // namespace scanhost
