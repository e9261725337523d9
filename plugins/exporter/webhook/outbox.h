// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Notices on their way out: a bounded number that wait, and one thread that sends them.
///
/// A notice that fails is tried again until it is too old; meanwhile those that were tried less
/// often come first, so that one that the receiver cannot take holds up no other. While the
/// receiver fails, pauses grow exponentially, with full jitter, and are no shorter than it asks
/// for. What waits is lost when the process dies.
///
/// `add` never waits for the network. Everything here may be called from any thread; `send` is
/// called on the outbox's own.
#pragma once

#include <scanhost/host.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugins/exporter/webhook/courier.h"
#include "plugins/exporter/webhook/notice.h"
#include "plugins/shared/metrics/series.h"

namespace scanhost::webhook {

class Outbox {
 public:
  struct Limits {
    std::chrono::milliseconds timeout;  ///< of one attempt, from connecting to the answer
    std::chrono::milliseconds max_age;
    std::size_t max_queue;
    std::chrono::milliseconds first_pause{1'000}, longest_pause{60'000};
    std::chrono::milliseconds told_every{60'000};  ///< about failures and losses
  };
  using Send = std::function<Attempt(const Notice&, Call&)>;

  /// `receiver` is its name in events. Throws PluginError when the host has no metrics.
  Outbox(const Host& host, std::string receiver, const Limits& limits, Send send);
  /// Stops at once.
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void start();
  /// When as many wait as may, the oldest is dropped.
  void add(Notice notice);
  /// Sends what waits for up to `most`, but for nothing once an attempt fails; then says how many
  /// are left, and drops them. May come twice, and without start.
  void stop(std::chrono::nanoseconds most);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Notice notice;
    std::uint64_t number = 0;
    Clock::time_point since;
    int attempts = 0;
  };

  void run();
  bool mayGoOn(Clock::time_point now) const;
  Clock::time_point nextTurn() const;
  Waiting takeNext();
  void settle(Waiting one, const Attempt& attempt);
  void pause(std::chrono::seconds asked);
  void keepToBounds(Clock::time_point now);
  void lose(const char* reason, std::size_t count);
  /// Counts what was lost; says so, and what failed, as often as may be.
  void report(std::unique_lock<std::mutex>& lock, bool is_last);
  void tell(Clock::time_point now, std::size_t waiting);

  const Host host_;
  const std::string receiver_;
  const Limits limits_;
  const Send send_;
  const MetricSeries delivered_, refused_, expired_, dropped_, queue_;

  std::mutex mutex_;  ///< of what follows; not held while something is sent or told
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  ///< by number
  std::uint64_t numbers_ = 0;
  std::map<std::string, std::size_t> lost_;  ///< by reason, not yet counted
  bool gone_ = false, draining_ = false, ended_ = false;

  // Of the thread alone.
  int failures_ = 0;       ///< in a row
  std::size_t shown_ = 0;  ///< waiting, in the gauge
  Clock::time_point next_try_{}, next_telling_{};
  std::string last_failure_;
  std::size_t untold_failures_ = 0;
  std::map<std::string, std::size_t> untold_losses_;  ///< by reason
  bool gone_told_ = false;

  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace scanhost::webhook
