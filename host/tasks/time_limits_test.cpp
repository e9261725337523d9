// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/time_limits.h"

#include <gtest/gtest.h>

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
    return judgeTime(progress, settings, at(after));
  }

  static constexpr std::int64_t start = 1'700'000'000'000'000;
  TasksConfig settings;
  ProgressDocument progress;
};

TEST_F(TimeLimitsTest, AScanThatIsNotLaunchedHasAllTheTime) {
  EXPECT_EQ(verdictAt(10h), TimeVerdict::in_time);
}

TEST_F(TimeLimitsTest, TheWarningComesBeforeTheTimeout) {
  progress.launched_at = at(0s);
  EXPECT_EQ(verdictAt(53min), TimeVerdict::in_time);
  EXPECT_EQ(verdictAt(54min), TimeVerdict::warn);
  EXPECT_EQ(verdictAt(60min), TimeVerdict::ran_too_long);
}

TEST_F(TimeLimitsTest, PausesDoNotCount) {
  progress.launched_at = at(0s);
  progress.paused_us = std::chrono::microseconds(30min).count();
  EXPECT_EQ(verdictAt(80min), TimeVerdict::in_time);
  progress.paused_at = at(80min);
  EXPECT_EQ(verdictAt(5h), TimeVerdict::in_time);
  EXPECT_EQ(runningTime(progress, at(5h)), 50min);
}

TEST_F(TimeLimitsTest, APauseMayNotLastForEver) {
  progress.launched_at = at(0s);
  progress.paused_at = at(1min);
  EXPECT_EQ(verdictAt(24h), TimeVerdict::in_time);
  EXPECT_EQ(verdictAt(24h + 1min), TimeVerdict::paused_too_long);
}

}  // namespace
}  // namespace scanhost
