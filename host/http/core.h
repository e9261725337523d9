// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the connections of one listener share. Internal to host/http.
///
/// Lives as long as any connection or stream of it, so that a plugin may hold a stream past the
/// listener's end.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/http/caller.h"
#include "host/http/hooks.h"
#include "host/http/options.h"
#include "host/http/origin.h"
#include "host/http/proxies.h"
#include "host/http/route.h"
#include "host/http/tls.h"
#include "host/http/worker_pool.h"

namespace scanhost::http {

class Connection;

/// The connections there are, by id and counted by address. Any thread; takes no other lock.
class ConnectionList {
 public:
  std::uint64_t nextId() { return ++last_id_; }
  void add(std::uint64_t id, const std::string& address, std::shared_ptr<Connection> connection);
  /// Forgets it; the caller keeps it alive for as long as it needs.
  void remove(std::uint64_t id);
  std::shared_ptr<Connection> find(std::uint64_t id) const;
  std::vector<std::shared_ptr<Connection>> all() const;
  /// Every so many of them, by id: to visit thousands without keeping the others waiting.
  static constexpr std::size_t parts = 32;
  std::vector<std::shared_ptr<Connection>> part(std::size_t number) const;
  std::size_t size() const;
  std::size_t countOf(const std::string& address) const;

 private:
  struct Listed {
    std::shared_ptr<Connection> connection;
    std::string address;
  };
  std::atomic<std::uint64_t> last_id_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Listed>& partOf(std::uint64_t id) { return by_id_[id % parts]; }

  std::array<std::unordered_map<std::uint64_t, Listed>, parts> by_id_;
  std::size_t size_ = 0;
  std::unordered_map<std::string, std::size_t> per_address_;
};

struct Core {
  explicit Core(ListenOptions listen_options)
      : options(std::move(listen_options)),
        pool(options.threads, options.reserve_threads, options.queued_requests) {}

  bool hasRoomForStream() const { return streams + deferred < options.limits.streams; }
  /// Tells the hook; never throws.
  void report(const Exchange& exchange) const;

  const ListenOptions options;
  Hooks hooks;              // set before start
  CallerResolver resolver;  // set before start
  OriginGuard guard;
  TrustedProxies proxies;
  RouteTable routes;
  ConnectionList connections;
  int epoll_fd = -1;  // valid while there are connections

  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> streams{0}, deferred{0};
  std::atomic<std::size_t> unsent_bytes{0};
  std::atomic<std::size_t> body_waits{0};  // handlers that wait for their client's body
  std::atomic<std::uint64_t> streams_overflowed{0}, connections_refused{0}, requests_refused{0};

  WorkerPool pool;  // last: its jobs use all of the above
};

using Clock = std::chrono::steady_clock;

}  // namespace scanhost::http
