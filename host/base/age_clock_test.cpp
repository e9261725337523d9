// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/age_clock.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class AgeClockTest : public testing::Test {
 protected:
  struct HandClock : TimeSource {
    std::chrono::steady_clock::time_point steady() const override { return ticked; }
    Timestamp wall() const override { return shown; }
    std::chrono::steady_clock::time_point ticked{5h};
    Timestamp shown{1'700'000'000'000'000};
  };

  void pass(std::chrono::microseconds time) {
    clock.ticked += time;
    setBy(time);
  }
  void setBy(std::chrono::microseconds time) { clock.shown.micros += time.count(); }
  std::chrono::microseconds sinceStart(Timestamp now) const {
    return std::chrono::microseconds(now.micros - start.micros);
  }

  HandClock clock;
  const Timestamp start = clock.shown;
  const AgeClock ages{clock};
};

TEST_F(AgeClockTest, GoesWithAClockThatNobodySets) {
  pass(3h);
  EXPECT_EQ(sinceStart(ages.now()), 3h);
  EXPECT_EQ(sinceStart(ages.anchored()), 3h);
  EXPECT_EQ(ages.setAhead(), 0us);
}

TEST_F(AgeClockTest, OneSetAheadMakesNothingOlder) {
  pass(1h);
  setBy(24h);
  pass(1h);
  EXPECT_EQ(sinceStart(ages.now()), 2h);
  EXPECT_EQ(sinceStart(ages.wall()), 26h);
  EXPECT_EQ(ages.setAhead(), 24h);
}

TEST_F(AgeClockTest, OneSetBackMakesNothingOlderAndStopsNoMeasure) {
  pass(1h);
  setBy(-24h);
  pass(1h);
  EXPECT_EQ(sinceStart(ages.now()), -22h);
  EXPECT_EQ(sinceStart(ages.anchored()), 2h);
  EXPECT_EQ(ages.setAhead(), -24h);
}

}  // namespace
}  // namespace scanhost
