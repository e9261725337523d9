// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How many streams each client has open, so that one client cannot take those of all. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace scanhost::mcp {

class StreamCount {
 public:
  explicit StreamCount(std::size_t max_per_client) : max_per_client_(max_per_client) {}

  /// A stream of that client, counted while it lives; null when there are too many.
  std::shared_ptr<void> take(std::string_view client);

 private:
  const std::size_t max_per_client_;
  std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> open_;
};

}  // namespace scanhost::mcp
