// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A value that is replaced as a whole while others use it, as a reload replaces the configuration.
///
///     const auto config = work.config.get();      // this one, for as long as it is held
///     const auto lease = work.config->tasks.lease;  // a copy out of what it is now
///
/// Whoever holds the old value keeps it whole, and the last to let go destroys it. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace scanhost {

template <class T>
class Live {
 public:
  using Ptr = std::shared_ptr<const T>;

  /// Never null.
  explicit Live(Ptr value) : value_(std::move(value)) {}

  Ptr get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  /// For one expression: a reference into the value may dangle after it.
  Ptr operator->() const { return get(); }
  /// Answers what was there before.
  Ptr put(Ptr value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
    return value;
  }

 private:
  mutable std::mutex mutex_;
  Ptr value_;
};

}  // namespace scanhost
