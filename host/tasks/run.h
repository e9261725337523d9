// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One leased task as the dispatcher's loop sees it. Touched by the loop thread alone.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "host/plugins/host_call.h"
#include "host/tasks/launch.h"
#include "host/tasks/scanners.h"
#include "host/tasks/task_documents.h"

namespace scanhost {

/// How a task is meant to end once its scan has stopped.
struct Ending {
  TaskState state = TaskState::cancelled;
  ErrorClass error_class = ErrorClass::cancelled;
  std::string message;
};

struct Run {
  using Clock = std::chrono::steady_clock;

  QueuedTask task;
  SubmissionDocument submission;
  ProgressDocument progress;
  ScannerInstance* instance = nullptr;
  std::shared_ptr<CancelSource> cancel = std::make_shared<CancelSource>();

  bool busy = false;  ///< a step runs on a pool; nothing else is begun meanwhile
  bool progress_changed = false;
  bool good_poll = false;
  std::optional<Ending> ending;
  bool stop_sent = false;
  bool pause_sent = false;
  bool resume_sent = false;
  bool timeout_warned = false;
  int gone_polls = 0;
  Clock::time_point next_poll{};
  std::optional<Clock::time_point> failing_since;

  /// What remains to be written to the queue; tried again until the queue answers.
  std::optional<Finish> finish;
  std::optional<Release> release;
  Clock::time_point next_write{};

  TaskContext context() const { return {task, submission, instance, cancel}; }
  bool launched() const { return !task.reference.empty() && !task.run_id.empty(); }

  /// Running time of this launch without pauses; zero before it.
  std::chrono::microseconds runningTime(Timestamp now) const {
    if (!progress.launched_at) return std::chrono::microseconds(0);
    const std::int64_t pause_now = progress.paused_at ? now.micros - progress.paused_at->micros : 0;
    return std::chrono::microseconds(now.micros - progress.launched_at->micros -
                                     progress.paused_us - pause_now);
  }
};

}  // namespace scanhost
