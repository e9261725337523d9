// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Routes: which handler answers which path, and the promise that a removed one is not running.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/http/message.h"

namespace scanhost::http {

struct Route {
  std::vector<std::string> methods;  ///< "GET" answers HEAD as well
  std::string path;                  ///< "/mcp", or "/exports/*" for everything below "/exports/"
  std::string name;                  ///< in metrics and log; the path when empty
  Handler handler;                   ///< on a pool thread; many at once
  bool open = false;                 ///< needs no caller: /health and the like
  bool check_origin = true;          ///< Host and Origin by OriginGuard
  bool resource = false;  ///< has a description of its own below ChallengeOptions::metadata_url
  /// Roles of which a caller needs one, where there is a resolver; none: any caller will do.
  std::vector<std::string> roles = {};
  bool essential = false;  ///< has threads in reserve, so that a full pool does not starve it
  std::optional<std::size_t> max_body = {};  ///< instead of Limits::body_bytes
};

/// A route in the table, with what is running of it.
class RouteEntry {
 public:
  explicit RouteEntry(Route route) : route_(std::move(route)) {}
  const Route& route() const { return route_; }
  bool allows(std::string_view method) const;

  /// Keeps the entry in use until destroyed: a call, or a stream with its close callback.
  class Use {
   public:
    explicit Use(std::shared_ptr<RouteEntry> entry) : entry_(std::move(entry)) {}
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    const Route& route() const { return entry_->route_; }
    const RouteEntry* entry() const { return entry_.get(); }

   private:
    const std::shared_ptr<RouteEntry> entry_;
  };

  /// Null when the route has been retired.
  static std::shared_ptr<Use> use(const std::shared_ptr<RouteEntry>& entry);
  /// No new uses; returns when the last one is gone, calling `hurry` meanwhile.
  void retire(const std::function<void()>& hurry);

 private:
  const Route route_;
  std::mutex mutex_;
  std::condition_variable unused_;
  std::size_t uses_ = 0;
  bool retired_ = false;
};

class RouteTable {
 public:
  struct Match {
    std::shared_ptr<RouteEntry::Use> use;  ///< null: not found, or not this method
    std::string allow;                     ///< the methods there are, when the path is known
  };

  /// Fails when the path is malformed or a method of it is taken.
  Result<std::shared_ptr<RouteEntry>> add(Route route);
  void remove(const std::shared_ptr<RouteEntry>& entry);
  /// An exact path wins over a prefix, a longer prefix over a shorter.
  Match find(std::string_view path, std::string_view method) const;

 private:
  using Entries = std::vector<std::shared_ptr<RouteEntry>>;
  const Entries* entriesFor(std::string_view path) const;

  mutable std::mutex mutex_;
  std::map<std::string, Entries, std::less<>> by_path_;
};

/// Holds a route mounted; removes it when destroyed, then waits for its calls and streams to end.
/// Never destroy it inside a handler or a close callback of that route.
class RouteHandle {
 public:
  RouteHandle() = default;
  explicit RouteHandle(std::function<void()> unroute) : unroute_(std::move(unroute)) {}
  ~RouteHandle() { reset(); }
  RouteHandle(RouteHandle&& other) noexcept : unroute_(std::exchange(other.unroute_, nullptr)) {}
  RouteHandle& operator=(RouteHandle&& other) noexcept {
    if (this != &other) {
      reset();
      unroute_ = std::exchange(other.unroute_, nullptr);
    }
    return *this;
  }
  void reset() {
    if (auto unroute = std::exchange(unroute_, nullptr)) unroute();
  }

 private:
  std::function<void()> unroute_;
};

}  // namespace scanhost::http
