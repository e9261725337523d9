// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_state.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanhost {
namespace {

const std::vector<TaskState> all_states = {
    TaskState::queued, TaskState::running, TaskState::paused,   TaskState::completed,
    TaskState::failed, TaskState::timeout, TaskState::cancelled};

std::string movesFrom(TaskState from) {
  std::string out;
  for (const TaskState to : all_states)
    if (mayMove(from, to)) out += std::string(taskStateName(to)) + " ";
  return out;
}

TEST(TaskState, MovesAsTheContractListsAndNoOtherWay) {
  EXPECT_EQ(movesFrom(TaskState::queued), "running paused timeout cancelled ");
  EXPECT_EQ(movesFrom(TaskState::running),
            "queued running paused completed failed timeout cancelled ");
  EXPECT_EQ(movesFrom(TaskState::paused), "queued running completed failed timeout cancelled ");
  EXPECT_EQ(movesFrom(TaskState::failed), "queued ");
  for (const TaskState ended : {TaskState::completed, TaskState::timeout, TaskState::cancelled})
    EXPECT_EQ(movesFrom(ended), "") << taskStateName(ended);
}

TEST(TaskState, NamesReadBack) {
  for (const TaskState state : all_states) EXPECT_EQ(parseTaskState(taskStateName(state)), state);
  EXPECT_FALSE(parseTaskState("done"));
}

}  // namespace
}  // namespace scanhost
