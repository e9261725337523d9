// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/rate_limiter.h"

#include <algorithm>

namespace scanhost {

std::optional<std::chrono::nanoseconds> RateLimiter::take(std::string_view client) {
  const std::lock_guard lock(mutex_);
  if (rate_.per_second <= 0) return std::nullopt;
  const auto now = time_.steady();
  Bucket& bucket = bucketOf(client, now);
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.left = std::min(rate_.burst, bucket.left + passed.count() * rate_.per_second);
  bucket.at = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>((1 - bucket.left) / rate_.per_second));
}

RateLimiter::Bucket& RateLimiter::bucketOf(std::string_view client,
                                           std::chrono::steady_clock::time_point now) {
  if (const auto found = by_client_.find(client); found != by_client_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return buckets_.front();
  }
  // The one used longest ago is also the first to be full again.
  while (buckets_.size() >= max_clients_) {
    by_client_.erase(buckets_.back().client);
    buckets_.pop_back();
  }
  buckets_.push_front({std::string(client), rate_.burst, now});
  by_client_.emplace(buckets_.front().client, buckets_.begin());
  return buckets_.front();
}

void RateLimiter::setRate(Rate rate) {
  const std::lock_guard lock(mutex_);
  if (rate_ == rate) return;
  rate_ = rate;
  by_client_.clear();
  buckets_.clear();
}

std::size_t RateLimiter::clients() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace scanhost
