// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells of a wall clock that was set while the node runs, once for each time it was.
#pragma once

#include "host/base/age_clock.h"
#include "host/telemetry/event_log.h"

namespace scanhost {

class ClockWatch {
 public:
  /// Borrows both.
  ClockWatch(const AgeClock& clock, EventLog& events) : clock_(clock), events_(events) {}

  /// Compares the clocks. Call it often, from one thread.
  void look();

 private:
  const AgeClock& clock_;
  EventLog& events_;
  std::chrono::microseconds told_{0};
};

}  // namespace scanhost
