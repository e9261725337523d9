// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/time_limits.h"

#include <algorithm>

namespace scanhost {

ScanTimes ScanTimes::fromRecord(const ProgressDocument& progress, const AgeClock& clock) {
  const auto onThisClock = [now = clock.now(),
                            anchored = clock.anchored()](std::optional<Timestamp> recorded) {
    if (recorded)
      recorded->micros = anchored.micros - std::max<std::int64_t>(0, now.micros - recorded->micros);
    return recorded;
  };
  return {onThisClock(progress.launched_at), onThisClock(progress.paused_at),
          onThisClock(progress.ending_since), progress.paused_us};
}

std::chrono::microseconds runningTime(const ScanTimes& times, Timestamp now) {
  if (!times.launched_at) return std::chrono::microseconds(0);
  const std::int64_t pause = times.paused_at ? now.micros - times.paused_at->micros : 0;
  return std::chrono::microseconds(now.micros - times.launched_at->micros - times.paused_us -
                                   pause);
}

TimeVerdict judgeTime(const ScanTimes& times, const TasksConfig& settings, Timestamp now) {
  if (times.paused_at &&
      std::chrono::microseconds(now.micros - times.paused_at->micros) >= settings.max_paused)
    return TimeVerdict::paused_too_long;
  const auto elapsed = runningTime(times, now);
  if (elapsed >= settings.timeout) return TimeVerdict::ran_too_long;
  if (times.launched_at && elapsed >= settings.timeout * settings.timeout_warning)
    return TimeVerdict::warn;
  return TimeVerdict::in_time;
}

}  // namespace scanhost
