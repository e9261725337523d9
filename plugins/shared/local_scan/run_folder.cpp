// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/run_folder.h"

#include <fcntl.h>
#include <scanhost/error.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace scanhost::local_scan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "run-";

/// A descriptor of the folder that holds its lock; -1 when another run does.
int lockFolder(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

std::string readAll(int fd, const std::string& name, std::uint64_t most) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    throw PluginError(ErrorClass::unsupported, name + " is no regular file");
  std::string text;
  std::array<char, 65'536> piece;
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw PluginError(ErrorClass::transient,
                        name + " cannot be read: " + std::generic_category().message(errno));
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > most)
      throw PluginError(ErrorClass::unsupported, name + " is larger than " + std::to_string(most) +
                                                     " bytes; scan less at once, or fewer pages");
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

RunFolder::RunFolder(const fs::path& data_dir) {
  std::string name = (data_dir / (std::string(prefix) + "XXXXXX")).string();
  if (data_dir.empty() || !mkdtemp(name.data()))
    throw PluginError(ErrorClass::config,
                      "no folder for a run can be made in \"" + data_dir.string() + "\": " +
                          std::generic_category().message(errno) + "; let the service write there",
                      ErrorSubject::backend);
  path_ = name;
  lock_ = lockFolder(path_);
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

std::string RunFolder::read(const std::string& name, std::uint64_t most) const {
  const int fd = open((path_ / name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return {};
  try {
    std::string text = readAll(fd, name, most);
    close(fd);
    return text;
  } catch (...) {
    close(fd);
    throw;
  }
}

void RunFolder::removeAbandoned(const fs::path& data_dir) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(data_dir, ignored)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    const int lock = lockFolder(entry.path());
    if (lock < 0) continue;
    fs::remove_all(entry.path(), ignored);
    close(lock);
  }
}

}  // namespace scanhost::local_scan
