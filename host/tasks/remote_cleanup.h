// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is left of ours on the scanners: scans that ended a while ago, scans of launches that came
/// to nothing, and scans that go on although their task has ended.
///
/// Touched is only what carries our marker with the id of a task that is in this queue, found on
/// this very instance by that marker and known by its reference or by the whole name that we gave
/// it; a number alone never decides. Scanners that cannot list their
/// scans are left alone. Any thread.
#pragma once

#include <cstddef>
#include <memory>

#include "host/tasks/task_id.h"
#include "host/tasks/work.h"

namespace scanhost {

enum class Leftover {
  keep,
  stop,  ///< it runs and nobody follows it
  remove,
};

/// What is to be done about a remote scan with a task's marker, found on `instance`. `task` is that
/// task as the queue knows it; `ended_before_us`: what ended earlier may go.
Leftover judgeRemoteScan(const RemoteState& scan, const Marker& marker, std::string_view instance,
                         const QueuedTask& task, std::int64_t ended_before_us);

/// Cleans up on all instances; answers how many scans were removed. Blocks.
std::size_t cleanUpRemoteScans(const Work& work, const std::shared_ptr<const CancelSource>& cancel);

/// Stops what a task that has just ended left running; answers how many scans. What its scanner
/// cannot be asked now waits for `cleanUpRemoteScans`. Blocks.
std::size_t stopRemoteScans(const Work& work, const QueuedTask& task,
                            const std::shared_ptr<const CancelSource>& cancel);

/// Removes the remote scan of a task that was ended without its worker, stopping it first if it may
/// run; answers whether it went. `task` is as it was before. Blocks.
bool removeRemoteScan(const Work& work, const QueuedTask& task,
                      const std::shared_ptr<const CancelSource>& cancel);

}  // namespace scanhost
