// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The seeded part of the driver that every test run does. scripts/faults does the long one.
#include <gmock/gmock.h>

#include "tests/faults/round.h"

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;

void expectClean(const RoundPlan& plan) {
  const RoundResult result = runRound(plan);
  EXPECT_TRUE(result.verdict.isClean()) << result.verdict.text();
  EXPECT_THAT(result.verdict.failed, testing::IsEmpty()) << result.verdict.text();
  EXPECT_GT(result.verdict.completed, 10u);
  for (const std::string& note : result.notes) std::cout << "note: " << note << "\n";
}

TEST(Faults, NodesThatDieBetweenTwoEffectsLoseAndRepeatNothing) {
  expectClean({.kind = Kind::point, .faults = 24, .tasks = 30, .seed = 11});
}

TEST(Faults, AllKindsAtOnceLoseAndRepeatNothing) {
  expectClean({.kind = Kind::mixed, .faults = 16, .tasks = 30, .seed = 12});
}

TEST(Faults, AFailoverLosesAndRepeatsNothing) {
  expectClean({.kind = Kind::failover, .faults = 1, .nodes = 2, .tasks = 15, .seed = 13});
}

TEST(Faults, PartsThatAreSwappedUnderLoadLoseNoTaskAndFailNoCall) {
  const RoundResult result = runRound(
      {.kind = Kind::swap, .faults = 8, .nodes = 2, .tasks = 20, .seed = 15, .every = 1500ms});
  EXPECT_TRUE(result.verdict.isClean()) << result.verdict.text();
  EXPECT_THAT(result.verdict.failed, testing::IsEmpty()) << result.verdict.text();
  EXPECT_THAT(result.verdict.usurped, testing::IsEmpty()) << result.verdict.text();
  EXPECT_THAT(result.failed_calls, testing::IsEmpty());
  EXPECT_GT(result.verdict.completed, 30u);
}

TEST(Faults, WhatAFailoverForgotComesBackFromTheJournals) {
  const RoundResult result = runRound({.kind = Kind::failover_async,
                                       .faults = 2,
                                       .nodes = 2,
                                       .tasks = 25,
                                       .seed = 14,
                                       .failover_way = "failover behind"});
  EXPECT_TRUE(result.verdict.isClean()) << result.verdict.text();
  EXPECT_GT(result.verdict.restored, 0u);
}

}  // namespace
}  // namespace scanhost::faults
