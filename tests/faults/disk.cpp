// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/disk.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

namespace scanhost::faults {
namespace {

/// Only the soft limit, so that it can be lifted again without privileges.
void limitFiles(pid_t pid, rlim_t bytes) {
  rlimit limit{};
  prlimit(pid, RLIMIT_FSIZE, nullptr, &limit);
  limit.rlim_cur = bytes;
  prlimit(pid, RLIMIT_FSIZE, &limit, nullptr);
}

}  // namespace

Disk::Disk(const std::filesystem::path& folder) : folder_(folder) {
  std::filesystem::create_directories(folder_);
  mounted_ = mount("scanhost-faults", folder_.c_str(), "tmpfs", MS_NODEV | MS_NOSUID,
                   "size=24m,mode=0700") == 0;
  // What starts from here inherits it: a write above the limit fails, and does not kill.
  if (!mounted_) signal(SIGXFSZ, SIG_IGN);
}

Disk::~Disk() {
  if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
}

void Disk::fill(pid_t pid) const {
  if (!mounted_) return limitFiles(pid, 1);
  const int file = open(filling().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(65536, 'x');
  while (write(file, block.data(), block.size()) > 0) continue;
  while (write(file, block.data(), 1) > 0) continue;
  close(file);
}

void Disk::empty(pid_t pid) const {
  if (!mounted_) return limitFiles(pid, RLIM_INFINITY);
  unlink(filling().c_str());
}

}  // namespace scanhost::faults
