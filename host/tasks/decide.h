// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a task after a failure: its class decides, and nothing else does.
#pragma once

#include <scanhost/queue_records.h>

#include <chrono>

#include "host/base/result.h"
#include "host/config/config.h"

namespace scanhost {

struct FailureDecision {
  bool retry = false;

  // Of a retry:
  bool spend_attempt = false;
  bool keep_scan = false;  ///< the next attempt follows the remote scan that there is
  std::chrono::nanoseconds delay{0};

  // Of an end:
  TaskState state = TaskState::failed;
  bool dead_letter = false;

  friend bool operator==(const FailureDecision&, const FailureDecision&) = default;
};

/// `share`, a random number in [0, 1), spreads the delay. A scanner's own trouble (subject backend)
/// is never held against the task.
FailureDecision decide(const Error& error, const QueuedTask& task, const TasksConfig& settings,
                       double share);

}  // namespace scanhost
