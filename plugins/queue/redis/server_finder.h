// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Finds the server that takes writes: the configured one, or the master that Sentinel names.
///
/// Safe from any thread.
#pragma once

#include <scanhost/call.h>

#include <mutex>
#include <string>

#include "plugins/queue/redis/config.h"
#include "plugins/queue/redis/redis_connection.h"

namespace scanhost::queue_redis {

class ServerFinder {
 public:
  explicit ServerFinder(const Config& config) : config_(config) {}

  bool usesSentinel() const { return !config_.sentinels.empty(); }
  /// Throws ConnectionLost when no Sentinel can tell, with the last one's reason.
  Address find(const Call& call);
  /// Throws ConnectionLost when the server, found through Sentinel, is no master by its own word:
  /// Sentinel may be behind.
  void confirm(RedisConnection& connection, const Call& call) const;

 private:
  Address ask(const Address& sentinel, const Call& call) const;

  const Config& config_;
  std::mutex mutex_;
  std::size_t first_ = 0;  ///< the Sentinel that answered last
};

}  // namespace scanhost::queue_redis
