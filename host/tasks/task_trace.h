// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scan's trace: the call that asked for it, the wait in the queue, and each attempt, which is
/// what one worker did for the task under one lease. What an attempt calls is part of it.
///
/// The span of an attempt has an id that every node can tell from the task and the lease's epoch.
/// So the worker that takes a task over can say what became of the attempt before, whose worker
/// may be dead; and a scan that survives a crash is one trace. Any thread.
#pragma once

#include <scanhost/queue_records.h>

#include "host/base/time.h"
#include "host/telemetry/spans.h"

namespace scanhost {

/// What the task's spans are children of: the call that submitted it, or its trace alone.
scanhost_trace creationTrace(const QueuedTask& task);
/// What is done for the task under its present lease. Without a log, or where this trace is not
/// recorded, that of its creation.
scanhost_trace attemptTrace(const QueuedTask& task, const SpanLog* spans);

/// The same; none where it is not recorded.
scanhost_trace recordedTrace(const QueuedTask& task, const SpanLog* spans);

/// How an attempt ended.
struct AttemptEnd {
  std::string status;       ///< "completed", "queued", "lost", ...
  std::string error_class;  ///< empty: none
  std::string message;
};

/// Records that the task waited for its lease until now.
void recordWait(SpanLog* spans, const QueuedTask& task, Timestamp now);
/// Records an attempt under the task's present lease.
void recordAttempt(SpanLog* spans, const QueuedTask& task, Timestamp from, Timestamp to,
                   const AttemptEnd& end);
/// Records the attempt that the task was taken over from. When that began is known of a first one
/// alone.
void recordLostAttempt(SpanLog* spans, const QueuedTask& task, Timestamp now);

}  // namespace scanhost
