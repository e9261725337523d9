// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_count.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {
std::atomic<std::uint64_t> syncs{0};
}

// They stand before libc's, for an executable's symbols are found first.
extern "C" __attribute__((visibility("default"))) int fsync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fsync, file));
}
extern "C" __attribute__((visibility("default"))) int fdatasync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

namespace scanhost::bench {
std::uint64_t syncCount() {
  return syncs;
}
}  // namespace scanhost::bench
