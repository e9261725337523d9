// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/progress.h"

#include <algorithm>

namespace scanhost {

void noteProgress(const Work& work, Run& run, int percent, const std::string& status) {
  ProgressDocument& progress = run.progress;
  if (percent >= 0) progress.percent = std::min(percent, 100);
  progress.scanner_status = status;
  progress.polled_at = work.time.wall();
  run.progress_changed = true;
  const int milestone = progress.percent.value_or(0) / 25 * 25;
  if (milestone <= progress.announced_percent) return;
  progress.announced_percent = milestone;
  run.renew_soon = true;
  work.events.emit(Level::info, "scan_progress", run.task,
                   Json::object({{"progress", milestone}, {"scanner_status", status}}));
}

}  // namespace scanhost
