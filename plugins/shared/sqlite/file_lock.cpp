// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/sqlite/file_lock.h"

#include <fcntl.h>
#include <scanhost/error.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace scanhost::sqlite {
namespace {

std::string holder(int fd) {
  char text[32];
  const ssize_t size = pread(fd, text, sizeof text, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

FileLock::FileLock(const std::string& path, const std::string& remedy) {
  const std::string file = path + ".lock";
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0)
    throw PluginError(ErrorClass::transient,
                      file + ": " + std::strerror(errno) +
                          "; check that the folder exists and that its owner may write it",
                      ErrorSubject::backend);
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const std::string message =
        path + " is in use by " + holder(fd_) + " (" + file + "); " + remedy;
    close(fd_);
    throw PluginError(ErrorClass::config, message, ErrorSubject::backend);
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  // Only messages read it, so a full disk is no reason to refuse.
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, pid.data(), pid.size(), 0) < 0) errno = 0;
}

FileLock::~FileLock() {
  close(fd_);
}

}  // namespace scanhost::sqlite
