// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The seeded part of the driver that every test run does. scripts/faults does the long one.
#include <gmock/gmock.h>

#include "tests/faults/round.h"

namespace scanhost::faults {
namespace {

TEST(Faults, KilledNodesLoseAndRepeatNothing) {
  const RoundResult result = runRound({.kind = Kind::kill, .faults = 12, .nodes = 3, .tasks = 30});
  EXPECT_TRUE(result.verdict.isClean()) << result.verdict.text();
  EXPECT_GT(result.verdict.completed, 30u);
}

}  // namespace
}  // namespace scanhost::faults
