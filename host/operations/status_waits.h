// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Calls that wait for a scan to change (`wait_s`), on one thread for all of them.
///
/// The queue's changes wake those that wait for the task they name. Since nothing may depend on
/// them, and they do not tell of progress, each waiting call also looks now and then. Their number
/// is bounded; what is one too many does not wait.
#pragma once

#include <scanhost/queue_records.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host/abi/host_call.h"

namespace scanhost {

/// Any thread.
class StatusWaits {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::size_t most = 1'000;
    std::chrono::milliseconds look_every{2'000};
    std::chrono::milliseconds tick{200};  ///< how late cancelling and time-out may be noticed
  };
  /// Called on the waits' thread, one at a time: answers the call and tells true, or goes on
  /// waiting. When it is over it must answer. Must not throw.
  using Look = std::function<bool(bool is_over)>;

  StatusWaits() : StatusWaits(Options{}) {}
  explicit StatusWaits(Options options);
  ~StatusWaits() { stop(); }
  StatusWaits(const StatusWaits&) = delete;
  StatusWaits& operator=(const StatusWaits&) = delete;

  /// Waits until `look` is content, the time is over or `cancelled` is set; a first look follows at
  /// once, so that no change is missed between the caller's own look and this. False, and `look` is
  /// never called, when too many wait or the node ends.
  bool add(std::string task_id, Clock::time_point until,
           std::shared_ptr<const CancelSource> cancelled, Look look);

  void heard(const QueueChanges& changes);
  /// All that wait answer; nobody waits any more. Returns when the last has answered.
  void stop();
  std::size_t waiting() const;

 private:
  struct Wait {
    Clock::time_point until;
    std::shared_ptr<const CancelSource> cancelled;
    Look look;
    bool is_stirred = true;  ///< the task changed, or was never looked at
    Clock::time_point next_look = {};
  };
  using Waits = std::unordered_multimap<std::string, std::shared_ptr<Wait>>;
  struct Due {
    std::string task_id;
    std::shared_ptr<Wait> wait;
    bool is_over;
  };

  void loop();
  std::vector<Due> takeDue();
  void forget(const Due& done);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable stirred_;
  Waits waits_;
  bool is_stirred_ = false;
  bool stopping_ = false;
  std::mutex stop_mutex_;  ///< joins once
  std::thread thread_;
};

}  // namespace scanhost
