// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/targets.h"

#include <gmock/gmock.h>

namespace scanhost::simulator {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(Targets, AreSplitAtCommasAndWhiteSpace) {
  EXPECT_THAT(expandTargets("10.0.0.1, web.example.net\n::1\t10.0.0.1"),
              ElementsAre("10.0.0.1", "web.example.net", "::1"));
}

TEST(Targets, BlocksAndRangesBecomeAddresses) {
  EXPECT_THAT(expandTargets("192.0.2.5/30"),
              ElementsAre("192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"));
  EXPECT_THAT(expandTargets("192.0.2.254-192.0.3.1"),
              ElementsAre("192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"));
  EXPECT_THAT(expandTargets("192.0.2.7-9"), ElementsAre("192.0.2.7", "192.0.2.8", "192.0.2.9"));
}

TEST(Targets, LargeBlocksEndAfter256Hosts) {
  EXPECT_THAT(expandTargets("10.0.0.0/24"), SizeIs(256));
  EXPECT_THAT(expandTargets("10.0.0.0/8"), SizeIs(256));
  EXPECT_THAT(expandTargets("0.0.0.0/0"), SizeIs(256));
}

TEST(Targets, WhatIsNoBlockStandsForOneHost) {
  EXPECT_THAT(expandTargets("10.0.0.0/33 10.0.0.9-10.0.0.1 300.0.0.1 a-b"),
              ElementsAre("10.0.0.0/33", "10.0.0.9-10.0.0.1", "300.0.0.1", "a-b"));
}

}  // namespace
}  // namespace scanhost::simulator
