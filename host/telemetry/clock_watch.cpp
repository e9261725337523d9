// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/clock_watch.h"

namespace scanhost {
namespace {

constexpr std::chrono::minutes noticeable{1};

double inSeconds(std::chrono::duration<double> duration) {
  return duration.count();
}

}  // namespace

void ClockWatch::look() {
  const auto ahead = clock_.setAhead();
  const auto by = ahead - told_;
  if (std::chrono::abs(by) <= noticeable) return;
  told_ = ahead;
  events_.emit(Level::warning, "node", "wall_clock_set", "",
               Json::object({{"by_seconds", inSeconds(by)},
                             {"since_start_seconds", inSeconds(ahead)},
                             {"remedy",
                              "keep the clocks of all nodes synchronised; this node judges "
                              "ages as if it had not been set, until it is restarted"}}));
}

}  // namespace scanhost
