// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Memory that ends where what it holds ends: a reader one byte further dies, and so does one who
/// comes back after `revoke`. Makes "borrowed until the call returns" and "no zero byte at the end"
/// visible without a sanitizer.
#pragma once

#include <scanhost/abi/base.h>

#include <cstddef>
#include <string_view>

namespace scanhost::conformance {

class GuardedMemory {
 public:
  /// A copy of `bytes`, whose end is the end of what can be read.
  GuardedMemory(const void* bytes, std::size_t size);
  explicit GuardedMemory(std::string_view text) : GuardedMemory(text.data(), text.size()) {}
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory() { revoke(); }

  void* data() const { return data_; }
  scanhost_text text() const { return {static_cast<const char*>(data_), size_}; }
  /// Nothing can be read or written any more. The addresses are not used again for a long time.
  void revoke();

 private:
  void* begin_ = nullptr;
  std::size_t mapped_ = 0;
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A struct of the ABI in guarded memory. Pointers within it are aligned as long as its size is.
template <class Record>
class Guarded {
 public:
  explicit Guarded(const Record& record) : memory_(&record, sizeof record) {}
  Record* get() const { return static_cast<Record*>(memory_.data()); }
  Record* operator->() const { return get(); }
  void revoke() { memory_.revoke(); }

 private:
  GuardedMemory memory_;
};

}  // namespace scanhost::conformance
