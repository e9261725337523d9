// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The states of a task and the moves between them.
///
/// The table here is the contract that clients see; the queue plugin enforces each move as one
/// atomic step. What the table does not list is refused with the state that was found.
#pragma once

#include <scanhost/queue_records.h>

#include <optional>
#include <string_view>

namespace scanhost {

/// The state that taskStateName() names so.
std::optional<TaskState> parseTaskState(std::string_view name);

/// Whether a task may move so. Running to running covers renewals, progress and takeovers.
bool mayMove(TaskState from, TaskState to);

}  // namespace scanhost
