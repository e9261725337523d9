// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The sessions of clients that speak a revision with sessions: random ids, each bound to the
/// caller that opened it. Most clients never end theirs, so a session that is idle for long
/// expires, and a full table makes room by ending the one that is idle the longest. A session with
/// a request under way is never ended for either reason. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace scanhost::mcp {

class SessionTable {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Keeps a session busy while a request of it is served.
  class Use {
   public:
    Use(SessionTable& table, std::string id) : table_(&table), id_(std::move(id)) {}
    Use(Use&& other) noexcept : table_(std::exchange(other.table_, nullptr)), id_(other.id_) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
      if (table_) table_->leave(id_);
    }

   private:
    SessionTable* table_;
    std::string id_;
  };

  SessionTable(std::size_t max, std::chrono::seconds idle) : max_(max), idle_(idle) {}

  /// The id of a new session; nothing when every session is busy.
  std::optional<std::string> open(std::string_view subject, Time now);
  /// Nothing when there is no such session of this caller.
  std::optional<Use> enter(std::string_view id, std::string_view subject, Time now);
  /// False when there is no such session of this caller.
  bool end(std::string_view id, std::string_view subject);
  std::size_t size() const;

 private:
  struct Session {
    std::string subject;
    Time used;
    int running = 0;
  };
  using Sessions = std::map<std::string, Session, std::less<>>;

  bool isExpired(const Session& session, Time now) const {
    return session.running == 0 && now - session.used >= idle_;
  }
  void expire(Time now);
  bool makeRoom();
  void leave(const std::string& id);

  const std::size_t max_;
  const std::chrono::seconds idle_;
  mutable std::mutex mutex_;
  Sessions sessions_;
};

}  // namespace scanhost::mcp
