// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells waiting readers what changed. Every script that changes a task counts it and publishes the
/// number; this listens on a connection and with a thread of its own, from the first reader on, and
/// keeps a bounded past. Who falls behind it, or comes back after what was missed, is told of a
/// gap.
///
/// Safe from any thread.
#pragma once

#include <scanhost/call.h>
#include <scanhost/queue_records.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "plugins/queue/redis/own_call.h"
#include "plugins/queue/redis/redis_client.h"

namespace scanhost::queue_redis {

class ChangeFeed {
 public:
  explicit ChangeFeed(RedisClient& client) : client_(client) {}
  ~ChangeFeed() { close(); }

  /// Waits up to `wait` for changes after `sequence`; at once when there are some, or a gap. Throws
  /// PluginError (transient, backend) while the server cannot be listened to.
  QueueChanges after(std::uint64_t sequence, std::chrono::nanoseconds wait, Call& call);
  /// Ends every wait and the listening.
  void close();

 private:
  QueueChanges known(std::uint64_t sequence) const;
  void listen();
  void listenOnce(const Call& call);
  std::uint64_t countNow();
  void begin(std::uint64_t count);
  void addAll(std::string_view message);
  void add(QueueChange change);  ///< under the lock
  void fail(const std::string& reason);

  RedisClient& client_;
  OwnCall own_call_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueueChange> changes_;  ///< numbered without holes, up to last_
  std::uint64_t last_ = 0;
  bool listening_ = false;
  bool closed_ = false;
  int failures_ = 0;
  std::string failure_;
  std::thread listener_;
};

}  // namespace scanhost::queue_redis
