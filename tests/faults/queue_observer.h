// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sees what the queue does, without asking the queue: reads Redis's MONITOR, which tells every
/// script with its arguments and, after it, every command that the script made.
///
/// So the lease that a write *claims* (an argument) stands beside the lease that was last *granted*
/// (a write), and it needs no faith in the fence to see that a stale write went through.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/faults/history.h"

namespace scanhost::faults {

/// What a node adds to its name when it starts, to tell the queue who it is: "-" and eight digits.
inline constexpr std::size_t worker_suffix = 9;

/// Turns lines of MONITOR into events. One thread.
class MonitorReader {
 public:
  explicit MonitorReader(std::function<void(Event)> tell) : tell_(std::move(tell)) {}

  void line(std::string_view line);

 private:
  struct Claim {
    std::uint64_t epoch = 0;
    std::string token;
    bool told = false;
  };
  using Words = std::vector<std::string>;

  void beginScript(const Words& words);
  void command(const Words& words);
  void recordWritten(const std::string& task, const std::map<std::string, std::string>& fields);
  void claimUsed(const std::string& task, const char* detail);
  void tell(Event event);

  std::function<void(Event)> tell_;
  std::int64_t at_us_ = 0;
  std::map<std::string, Claim> claims_;  ///< of the script under way, by task
  bool renewal_ = false;                 ///< it extends leases
};

/// Follows the server whose port `port` answers, through restarts and moves. Both functions are
/// called on a thread of its own.
class QueueObserver {
 public:
  QueueObserver(std::function<void(Event)> tell, std::function<unsigned short()> port);
  ~QueueObserver();
  QueueObserver(const QueueObserver&) = delete;
  QueueObserver& operator=(const QueueObserver&) = delete;

 private:
  void run();
  void follow(unsigned short port);

  std::function<void(Event)> tell_;
  std::function<unsigned short()> port_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> following_{false};
  std::thread thread_;
};

}  // namespace scanhost::faults
