// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The time by which ages are judged, so that setting the wall clock ends nothing before its time.
///
/// A wall clock is set while a node runs: by hand, by a time service that comes late, by a host
/// that wakes a machine. Set a day ahead it makes everything a day older at once, and records,
/// findings and scans would go. So what a record says is judged by the earlier of the wall clock
/// and of what it would show had nobody set it since the start, and what begins and ends in this
/// process by the latter alone. Records and people get the wall clock.
///
/// A clock that was wrong at the start is out of reach: nodes need synchronised clocks. Any thread.
#pragma once

#include <chrono>

#include "host/base/time.h"

namespace scanhost {

class AgeClock {
 public:
  /// The start is now. Borrows `time`.
  explicit AgeClock(const TimeSource& time);

  /// For stamps and for people.
  Timestamp wall() const { return time_->wall(); }
  /// What the wall clock would show had nobody set it since the start.
  Timestamp anchored() const;
  /// For the age of what a record says: the earlier of both.
  Timestamp now() const;
  /// How far the wall clock was set ahead since the start; less than zero for back.
  std::chrono::microseconds setAhead() const;

 private:
  const TimeSource* time_;
  Timestamp wall_at_start_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace scanhost
