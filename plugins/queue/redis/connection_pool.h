// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Connections to the server that takes writes, made when needed and kept.
///
/// A server that cannot be reached is tried again after a time that doubles with every failure,
/// with jitter; until then every caller is told the last reason at once. When Sentinel names
/// another master, connections to the one before are dropped.
///
/// Safe from any thread.
#pragma once

#include <scanhost/call.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "plugins/queue/redis/config.h"
#include "plugins/queue/redis/redis_connection.h"
#include "plugins/queue/redis/server_finder.h"

namespace scanhost::queue_redis {

class ConnectionPool {
 public:
  explicit ConnectionPool(const Config& config);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// A connection for one caller; it goes back at the end unless `drop` was called.
  class Borrowed {
   public:
    Borrowed(ConnectionPool& pool, std::unique_ptr<RedisConnection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed() { pool_.giveBack(std::move(connection_)); }
    RedisConnection& operator*() const { return *connection_; }
    RedisConnection* operator->() const { return connection_.get(); }
    /// Closes it: it broke.
    void drop() { connection_.reset(); }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<RedisConnection> connection_;
  };

  /// Waits for a free one within the call's time. Throws ConnectionLost, ServerError, PluginError.
  Borrowed borrow(const Call& call);
  /// One that is not of the pool, for a caller who keeps it. Throws as `borrow` does.
  std::unique_ptr<RedisConnection> open(const Call& call);
  /// Where the server was found last.
  Address current();
  /// Asks Sentinel, if there is one, whether the master moved.
  void lookForMove(const Call& call);
  /// Closes what is idle; later calls fail.
  void close();

 private:
  std::unique_ptr<RedisConnection> takeIdle();
  void giveBack(std::unique_ptr<RedisConnection> connection);
  void noteSuccess(const Address& address);
  void noteFailure(const std::string& reason);

  const Config& config_;
  ServerFinder finder_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::size_t open_ = 0;  ///< idle ones and those in use
  Address current_;
  bool closed_ = false;
  int failures_ = 0;  ///< in a row
  std::chrono::steady_clock::time_point not_before_;
  std::string last_failure_;
  std::minstd_rand jitter_;
};

}  // namespace scanhost::queue_redis
