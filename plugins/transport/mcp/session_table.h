// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The sessions of revisions that have them: bounded in number, in all and per client, ended when
/// idle. A session with running requests or open streams is not idle. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/transport/mcp/session.h"

namespace scanhost::mcp {

class SessionTable {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct Limits {
    std::size_t in_all;
    std::size_t per_client;
    std::chrono::seconds idle;
  };

  explicit SessionTable(Limits limits) : limits_(limits) {}

  /// Keeps it; an idle one gives way where there are too many. False when all are busy.
  bool add(std::shared_ptr<Session> session, Time now);
  /// Null when there is no such session of this caller; it counts as used now.
  std::shared_ptr<Session> find(std::string_view id, std::string_view subject, Time now);
  /// False when there is no such session of this caller.
  bool end(std::string_view id, std::string_view subject);
  /// Ends those that were idle for too long.
  void expire(Time now);
  void endAll();

  std::vector<std::shared_ptr<Session>> all() const;
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    Time used;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  std::shared_ptr<Session> takeOldestIdle(std::string_view subject);
  std::size_t countOf(std::string_view subject) const;

  const Limits limits_;
  mutable std::mutex mutex_;
  Entries entries_;
};

/// 128 random bits in hexadecimal.
std::string newSessionId();

}  // namespace scanhost::mcp
