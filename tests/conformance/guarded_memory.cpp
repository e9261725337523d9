// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <utility>

namespace scanhost::conformance {
namespace {

/// Revoked ranges stay mapped, so that nobody else gets the addresses; the oldest are given up, for
/// a process has a bounded number of them.
void keepUnreadable(void* begin, std::size_t size) {
  constexpr std::size_t most = 4096;
  static std::mutex mutex;
  static std::deque<std::pair<void*, std::size_t>> kept;
  const std::lock_guard lock(mutex);
  kept.emplace_back(begin, size);
  if (kept.size() <= most) return;
  munmap(kept.front().first, kept.front().second);
  kept.pop_front();
}

}  // namespace

GuardedMemory::GuardedMemory(const void* bytes, std::size_t size) : size_(size) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t usable = (size / page + 1) * page;
  mapped_ = usable + page;
  begin_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin_ == MAP_FAILED) throw std::bad_alloc();
  char* end = static_cast<char*>(begin_) + usable;
  mprotect(end, page, PROT_NONE);
  data_ = end - size;
  if (size > 0) std::memcpy(data_, bytes, size);
}

void GuardedMemory::revoke() {
  if (!begin_) return;
  mprotect(begin_, mapped_, PROT_NONE);
  keepUnreadable(std::exchange(begin_, nullptr), mapped_);
}

}  // namespace scanhost::conformance
