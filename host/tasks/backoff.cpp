// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/backoff.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "host/base/random.h"

namespace scanhost {

std::chrono::milliseconds retryDelay(int attempt, std::chrono::milliseconds base,
                                     std::chrono::milliseconds most, double share) {
  const int doublings = std::clamp(attempt - 1, 0, 30);
  const std::int64_t widest = std::min<std::int64_t>(most.count(), base.count() << doublings);
  const auto delay = static_cast<std::int64_t>(share * static_cast<double>(widest));
  return std::chrono::milliseconds(std::max(base.count() / 10, delay));
}

double randomShare() {
  const auto bytes = randomBytes<8>();
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), sizeof bits);
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

}  // namespace scanhost
