// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_state.h"

namespace scanhost {

std::optional<TaskState> parseTaskState(std::string_view name) {
  for (const TaskState state :
       {TaskState::queued, TaskState::running, TaskState::paused, TaskState::completed,
        TaskState::failed, TaskState::timeout, TaskState::cancelled})
    if (name == taskStateName(state)) return state;
  return std::nullopt;
}

bool mayMove(TaskState from, TaskState to) {
  switch (from) {
    case TaskState::queued:
      return to == TaskState::running || to == TaskState::paused || to == TaskState::cancelled ||
             to == TaskState::timeout;
    case TaskState::running: return true;
    case TaskState::paused: return to != TaskState::paused;
    case TaskState::failed: return to == TaskState::queued;
    case TaskState::completed:
    case TaskState::timeout:
    case TaskState::cancelled: return false;
  }
  return false;
}

}  // namespace scanhost
