// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/time_limits.h"

namespace scanhost {

std::chrono::microseconds runningTime(const ProgressDocument& progress, Timestamp now) {
  if (!progress.launched_at) return std::chrono::microseconds(0);
  const std::int64_t pause = progress.paused_at ? now.micros - progress.paused_at->micros : 0;
  return std::chrono::microseconds(now.micros - progress.launched_at->micros - progress.paused_us -
                                   pause);
}

TimeVerdict judgeTime(const ProgressDocument& progress, const TasksConfig& settings,
                      Timestamp now) {
  if (progress.paused_at &&
      std::chrono::microseconds(now.micros - progress.paused_at->micros) >= settings.max_paused)
    return TimeVerdict::paused_too_long;
  const auto elapsed = runningTime(progress, now);
  if (elapsed >= settings.timeout) return TimeVerdict::ran_too_long;
  if (progress.launched_at && elapsed >= settings.timeout * settings.timeout_warning)
    return TimeVerdict::warn;
  return TimeVerdict::in_time;
}

}  // namespace scanhost
