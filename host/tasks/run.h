// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One leased task as the dispatcher's loop sees it. Touched by the loop thread alone.
#pragma once

#include <scanhost/abi/scanner.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "host/abi/host_call.h"
#include "host/tasks/launch.h"
#include "host/tasks/scanners.h"
#include "host/tasks/task_documents.h"
#include "host/tasks/time_limits.h"

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
  ScanTimes times;  ///< of `progress`
  ScannerPtr instance;
  Timestamp leased_at;
  std::shared_ptr<CancelSource> cancel = std::make_shared<CancelSource>();

  bool busy = false;     ///< a step runs on a pool; nothing else is begun meanwhile
  bool waiting = false;  ///< for one of its instance's requests to end
  bool progress_changed = false;
  bool renew_soon = false;  ///< its progress should be known before the next renewal is due
  bool good_poll = false;
  bool timeout_warned = false;
  bool deadly = false;  ///< buried at once: what its scan may do is asked for afterwards
  /// Taken over while its scanner was out of order, and not told of since. It may have completed,
  /// so that its time is not judged yet.
  bool unheard_of = false;
  bool launch_in_doubt = false;  ///< begun, and its scan not found yet

  // What is wanted of the remote scan, and what was asked for already.
  std::optional<Ending> ending;
  std::optional<Clock::time_point> pause_sent, resume_sent, stop_sent;
  Clock::time_point next_request{};  ///< nothing is asked for before; set after a failure

  // What the polls told.
  std::optional<Clock::time_point> next_poll;
  std::optional<Clock::time_point> failing_since;
  int gone_polls = 0;
  std::optional<TaskState> confirmed_state;  ///< to be written: running to paused and back
  std::optional<RemoteStatus> ended;         ///< its results are to be read

  /// What remains to be written to the queue; tried again until the queue answers.
  std::optional<Finish> finish;
  std::optional<Release> release;
  Clock::time_point next_write{};

  TaskContext context() const { return {task, submission, instance, cancel}; }
  bool isRemote() const { return instance && instance->isRemote(); }
  bool launched() const { return !task.reference.empty() && !task.run_id.empty(); }
  /// Whether the scanner may hold a scan of this task.
  bool maybeLaunched() const {
    return task.launch > 0 || !task.reference.empty() || submission.resubmitted;
  }
  /// Cut short by a node that goes, not by anyone's wish: what came of it counts for nothing.
  bool interrupted() const { return cancel->cancelled() && !ending; }
  bool leaving() const { return finish || release; }
  /// Its instance retired without another in its place, or before a scan that ran there ended: the
  /// task is for whoever comes.
  bool mustLeave() const {
    return interrupted() || (instance->retired() && !launched() && !ending);
  }
  /// Elsewhere a launch in doubt would be made a second time. One that was only prepared may.
  bool boundByDoubt() const {
    return launch_in_doubt && isRemote() && !instance->can(SCANHOST_SCANNER_TWO_STEP);
  }
  /// From now on it is to end so. The time counts from when it was wanted first, on any node.
  void endAs(Ending wanted, const AgeClock& clock) {
    ending = std::move(wanted);
    if (!progress.ending_since) progress.ending_since = clock.wall();
    if (!times.ending_since) times.ending_since = clock.anchored();
    progress_changed = true;
  }
  /// Its running time counts from now.
  void launchedNow(const AgeClock& clock) {
    progress.launched_at = clock.wall();
    times.launched_at = clock.anchored();
    progress_changed = true;
  }
};

}  // namespace scanhost
