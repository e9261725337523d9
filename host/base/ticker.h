// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Calls a function again and again on a thread of its own, until it is destroyed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace scanhost {

class Ticker {
 public:
  /// The first call comes at once. `turn` must not throw.
  Ticker(std::chrono::milliseconds interval, std::function<void()> turn);
  /// Waits for the turn under way.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// Makes the next turn come now. Any thread.
  void soon();

 private:
  void run();

  const std::chrono::milliseconds interval_;
  const std::function<void()> turn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool soon_ = false, stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace scanhost
