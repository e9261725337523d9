// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/age_clock.h"

#include <algorithm>

namespace scanhost {

AgeClock::AgeClock(const TimeSource& time)
    : time_(&time), wall_at_start_(time.wall()), start_(time.steady()) {}

Timestamp AgeClock::anchored() const {
  const auto since_start =
      std::chrono::duration_cast<std::chrono::microseconds>(time_->steady() - start_);
  return {wall_at_start_.micros + since_start.count()};
}

Timestamp AgeClock::now() const {
  return std::min(wall(), anchored());
}

std::chrono::microseconds AgeClock::setAhead() const {
  return std::chrono::microseconds(wall().micros - anchored().micros);
}

}  // namespace scanhost
