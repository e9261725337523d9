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
  std::shared_ptr<const ScannerInstance> instance;
  std::shared_ptr<const CancelSource> cancel;
};

struct LaunchOutcome {
  std::optional<Error> error;
  bool store_failed = false;  ///< `error` came from the queue and says nothing about the scanner
  bool lease_lost = false;
  bool in_doubt = false;  ///< the scanner may hold a scan of it that nobody knows
  QueuedTask task;        ///< with launch number, reference and run id as they are now
};

/// The request that the scanner gets: targets checked afresh and pinned, the login opened.
/// A refusal by policy is an error of class target; what only this node lacks, room on its disk or
/// the key of the login, is one of class busy.
Result<ScanRequest> makeScanRequest(const Work& work, const TaskContext& context);

/// Blocks through all steps of a remote launch.
LaunchOutcome launchRemote(const Work& work, const TaskContext& context);

/// For a task that is to end before its launch is known to have succeeded: finds out what of it is
/// at the scanner. Without an error, either a run goes on there, to be stopped, and the task has
/// its reference and run id, or nothing is left and the task has neither, nor a launch. Starts
/// nothing. Blocks.
LaunchOutcome settleLaunch(const Work& work, const TaskContext& context);

/// What the queue's or the result store's failure means for a task: their trouble is no more the
/// task's than a scanner's is, but a refusal that will not pass is tried only so often.
Error storeError(Error error);

/// The remote scan as stored in a task.
RemoteScan remoteScanOf(const QueuedTask& task);

/// Whether a remote scan that `find` told for a task is the task's own, by its reference or its
/// whole name. A copy that a person made of one carries the marker too, and is theirs.
bool isOwnScan(const RemoteState& scan, const QueuedTask& task);

}  // namespace scanhost
