// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads the stream of changes, waiting for new ones.
///
/// A sequence is an entry's id as one number: its milliseconds, and in the low bits its number
/// within them.
#pragma once

#include <scanhost/call.h>
#include <scanhost/queue_records.h>

#include <atomic>
#include <chrono>
#include <string>

#include "plugins/queue/redis/redis_client.h"

namespace scanhost::queue_redis {

class ChangeReader {
 public:
  explicit ChangeReader(RedisClient& client) : client_(client) {}

  QueueChanges after(std::uint64_t sequence, std::chrono::nanoseconds wait, Call& call);
  /// Ends every wait.
  void close() { closed_ = true; }

 private:
  QueueChanges known(const std::string& id, Call& call);
  bool waitForMore(const std::string& id, std::chrono::milliseconds wait, Call& call);

  RedisClient& client_;
  std::atomic<bool> closed_{false};
};

}  // namespace scanhost::queue_redis
