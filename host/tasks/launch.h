// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From a leased task to a scan under way: exactly one.
///
/// Before the scanner is touched, the intent is written with a launch number that grows; `prepare`
/// makes the remote scan, its reference is stored by compare-and-set, and the loser of a race
/// removes its own; only then `start`. A task that comes with an intent and no reference may have
/// a remote scan already: it is looked for by its marker, and adopted.
#pragma once

#include <scanhost/scanner.h>

#include <memory>
#include <optional>
#include <string>

#include "host/tasks/task_documents.h"
#include "host/tasks/work.h"

namespace scanhost {

/// What every step needs to know about the task it works for. Copied from the dispatcher's state,
/// so that a step on another thread shares nothing with it.
struct TaskContext {
  QueuedTask task;
  SubmissionDocument submission;
  const ScannerInstance* instance = nullptr;
  std::shared_ptr<const CancelSource> cancel;
};

struct LaunchOutcome {
  std::optional<Error> error;
  bool lease_lost = false;
  QueuedTask task;  ///< with launch number, reference and run id as they are now
};

/// The request that the scanner gets: targets checked afresh and pinned, the login opened.
/// A refusal by policy is an error of class target.
Result<ScanRequest> makeScanRequest(const Work& work, const TaskContext& context);

/// Blocks through all steps of a remote launch.
LaunchOutcome launchRemote(const Work& work, const TaskContext& context);

/// The remote scan as stored in a task.
RemoteScan remoteScanOf(const QueuedTask& task);

}  // namespace scanhost
