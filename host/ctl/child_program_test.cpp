// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/child_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::ctl {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

ChildOutcome shell(const std::string& script, const ChildLimits& limits = {}) {
  return runChild("/bin/sh", {"-c", script}, limits);
}

TEST(ChildProgram, GivesBothStreamsAndTheExitCode) {
  const ChildOutcome outcome = shell("echo out; echo err >&2; exit 7");
  EXPECT_TRUE(outcome.started);
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.output, "out\nerr\n");
}

TEST(ChildProgram, ArgumentsAreNotReadByAShell) {
  EXPECT_EQ(runChild("/bin/echo", {"$HOME `id`; #"}).output, "$HOME `id`; #\n");
}

TEST(ChildProgram, WhatItSaysIsCutAndItsEndIsAwaitedAllTheSame) {
  const ChildOutcome outcome = shell(
      "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; "
      "i=$((i+1)); done; exit 3",
      {.output_bytes = 1000});
  EXPECT_EQ(outcome.output.size(), 1000u);
  EXPECT_EQ(outcome.exit_code, 3);
}

TEST(ChildProgram, OneThatDoesNotEndIsKilledWhenItsTimeIsUp) {
  const ChildOutcome outcome = runChild("/bin/sleep", {"60"}, {.time = 50ms});
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_code, 128 + 9);
}

TEST(ChildProgram, OneThatIsNotThereSaysSo) {
  const ChildOutcome outcome = runChild("/nonexistent/program", {});
  EXPECT_FALSE(outcome.started);
  EXPECT_THAT(outcome.output, HasSubstr("/nonexistent/program: No such file"));
}

}  // namespace
}  // namespace scanhost::ctl
