// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How often each client may ask: a token bucket for each, in a table that cannot grow.
///
/// A bucket that has filled up again is as good as none, so those are forgotten first; then the one
/// that was used longest ago, whose client thereby gets a full one. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/base/time.h"

namespace scanhost {

struct Rate {
  double per_second = 0;  ///< 0: no limit
  double burst = 1;       ///< at least 1
  friend bool operator==(const Rate&, const Rate&) = default;
};

class RateLimiter {
 public:
  explicit RateLimiter(Rate rate, std::size_t max_clients = 16'384,
                       const TimeSource& time = TimeSource::system())
      : rate_(rate), max_clients_(max_clients), time_(time) {}

  /// Takes one from the client's bucket. How long it has to wait when there is none.
  std::optional<std::chrono::nanoseconds> take(std::string_view client);
  void setRate(Rate rate);
  std::size_t clients() const;

 private:
  struct Bucket {
    std::string client;
    double left;
    std::chrono::steady_clock::time_point at;
  };
  using Buckets = std::list<Bucket>;

  Bucket& bucketOf(std::string_view client, std::chrono::steady_clock::time_point now);

  mutable std::mutex mutex_;
  Rate rate_;
  const std::size_t max_clients_;
  const TimeSource& time_;
  Buckets buckets_;  ///< the one used last at the front
  std::unordered_map<std::string_view, Buckets::iterator> by_client_;  ///< keys lie in buckets_
};

}  // namespace scanhost
