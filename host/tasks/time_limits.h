// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How long a scan may run and rest, and how long its end may take. Setting the wall clock moves
/// none of it: a node counts on its own from what the record said when it took the task.
#pragma once

#include <scanhost/queue_records.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "host/base/age_clock.h"
#include "host/config/config.h"
#include "host/tasks/task_documents.h"

namespace scanhost {

/// What the progress document says in wall clock time, as AgeClock::anchored tells it.
struct ScanTimes {
  std::optional<Timestamp> launched_at, paused_at, ending_since;
  std::int64_t paused_us = 0;  ///< of pauses that ended

  /// From what another process may have written. What it dates after now has only just happened.
  static ScanTimes fromRecord(const ProgressDocument& progress, const AgeClock& clock);
};

/// Running time of this launch without pauses; zero before it.
std::chrono::microseconds runningTime(const ScanTimes& times, Timestamp now);

/// What the state says of a pause, in the running time too: it begins, goes on, ends, or is none.
/// `Times` are ScanTimes, or the ProgressDocument in wall clock time.
template <class Times>
void markPause(Times& times, TaskState state, Timestamp now) {
  if ((state == TaskState::paused) == times.paused_at.has_value()) return;
  if (state == TaskState::paused) {
    times.paused_at = now;
  } else {
    times.paused_us += now.micros - times.paused_at->micros;
    times.paused_at.reset();
  }
}

enum class TimeVerdict {
  in_time,
  warn,             ///< past `timeout_warning`'s share of `timeout`
  ran_too_long,     ///< past `timeout`
  paused_too_long,  ///< past `max_paused`
};

TimeVerdict judgeTime(const ScanTimes& times, const TasksConfig& settings, Timestamp now);

}  // namespace scanhost
