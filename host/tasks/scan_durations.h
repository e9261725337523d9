// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How long scans of each pool took lately, for estimates of waiting time. Any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

class ScanDurations {
 public:
  static constexpr std::chrono::minutes until_known{15};

  void record(const std::string& pool, std::chrono::seconds duration) {
    const std::lock_guard lock(mutex_);
    auto& durations = by_pool_[pool];
    durations.push_back(duration);
    if (durations.size() > remembered) durations.pop_front();
  }

  /// The median of the last fifty completed scans.
  std::chrono::seconds median(std::string_view pool) const {
    return known(pool).value_or(until_known);
  }
  /// The same; nothing before the first has completed.
  std::optional<std::chrono::seconds> known(std::string_view pool) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_pool_.find(pool);
    if (found == by_pool_.end()) return std::nullopt;
    std::vector<std::chrono::seconds> sorted(found->second.begin(), found->second.end());
    std::nth_element(sorted.begin(),
                     sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }

 private:
  static constexpr std::size_t remembered = 50;

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<std::chrono::seconds>, std::less<>> by_pool_;
};

}  // namespace scanhost
