// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/time_limits.h"

#include <gtest/gtest.h>

#include "host/base/movable_clock_test.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class TimeLimitsTest : public ::testing::Test {
 protected:
  TimeLimitsTest() {
    settings.timeout = 1h;
    settings.timeout_warning = 0.9;
    settings.max_paused = 24h;
  }

  static Timestamp at(std::chrono::microseconds after) { return {start + after.count()}; }
  TimeVerdict verdictAt(std::chrono::microseconds after) const {
    return judgeTime(times, settings, at(after));
  }

  static constexpr std::int64_t start = 1'700'000'000'000'000;
  TasksConfig settings;
  ScanTimes times;
};

TEST_F(TimeLimitsTest, AScanThatIsNotLaunchedHasAllTheTime) {
  EXPECT_EQ(verdictAt(10h), TimeVerdict::in_time);
}

TEST_F(TimeLimitsTest, TheWarningComesBeforeTheTimeout) {
  times.launched_at = at(0s);
  EXPECT_EQ(verdictAt(53min), TimeVerdict::in_time);
  EXPECT_EQ(verdictAt(54min), TimeVerdict::warn);
  EXPECT_EQ(verdictAt(60min), TimeVerdict::ran_too_long);
}

TEST_F(TimeLimitsTest, PausesDoNotCount) {
  times.launched_at = at(0s);
  times.paused_us = std::chrono::microseconds(30min).count();
  EXPECT_EQ(verdictAt(80min), TimeVerdict::in_time);
  times.paused_at = at(80min);
  EXPECT_EQ(verdictAt(5h), TimeVerdict::in_time);
  EXPECT_EQ(runningTime(times, at(5h)), 50min);
}

TEST_F(TimeLimitsTest, APauseMayNotLastForEver) {
  times.launched_at = at(0s);
  times.paused_at = at(1min);
  EXPECT_EQ(verdictAt(24h), TimeVerdict::in_time);
  EXPECT_EQ(verdictAt(24h + 1min), TimeVerdict::paused_too_long);
}

TEST_F(TimeLimitsTest, ThePauseOfAScanThatRunsIsOver) {
  times.launched_at = at(0s);
  times.paused_at = at(10min);
  markPause(times, TaskState::running, at(40min));
  EXPECT_EQ(runningTime(times, at(50min)), 20min);
  markPause(times, TaskState::running, at(60min));
  EXPECT_EQ(runningTime(times, at(60min)), 30min) << "it ended once";
}

TEST_F(TimeLimitsTest, APauseThatGoesOnBeganWhenItBegan) {
  times.launched_at = at(0s);
  markPause(times, TaskState::paused, at(10min));
  markPause(times, TaskState::paused, at(40min));
  EXPECT_EQ(times.paused_at, at(10min));
}

class RecordedTimesTest : public testing::Test {
 protected:
  RecordedTimesTest() {
    progress.launched_at = ago(2h);
    progress.paused_at = ago(1h);
    progress.ending_since = ago(1min);
    progress.paused_us = 7;
  }

  Timestamp ago(std::chrono::microseconds age) const {
    return {ages.anchored().micros - age.count()};
  }
  static void expectNear(const std::optional<Timestamp>& time, Timestamp expected) {
    ASSERT_TRUE(time);
    EXPECT_NEAR(static_cast<double>(time->micros), static_cast<double>(expected.micros), 5e6);
  }

  MovableClock clock;
  const AgeClock ages{clock};
  ProgressDocument progress;
};

TEST_F(RecordedTimesTest, AreTheSameOnAClockThatNobodySet) {
  const ScanTimes times = ScanTimes::fromRecord(progress, ages);
  expectNear(times.launched_at, ago(2h));
  expectNear(times.paused_at, ago(1h));
  expectNear(times.ending_since, ago(1min));
  EXPECT_EQ(times.paused_us, 7);
}

TEST_F(RecordedTimesTest, AreNoOlderForAClockSetAhead) {
  clock.setAhead(24h);
  expectNear(ScanTimes::fromRecord(progress, ages).launched_at, ago(2h));
}

TEST_F(RecordedTimesTest, BeginNowWhereTheyAreYetToCome) {
  clock.setAhead(-24h);
  const ScanTimes times = ScanTimes::fromRecord(progress, ages);
  expectNear(times.launched_at, ages.anchored());
  expectNear(times.ending_since, ages.anchored());
}

TEST_F(RecordedTimesTest, AreNoneWhereTheRecordHasNone) {
  const ScanTimes times = ScanTimes::fromRecord({}, ages);
  EXPECT_FALSE(times.launched_at);
  EXPECT_FALSE(times.paused_at);
  EXPECT_FALSE(times.ending_since);
}

}  // namespace
}  // namespace scanhost
