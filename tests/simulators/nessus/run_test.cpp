// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/run.h"

#include <gtest/gtest.h>

#include "tests/simulators/nessus/generated_report.h"

namespace scanhost::simulator {
namespace {

/// A run of ten seconds' scanning over four hosts, and a clock in seconds.
class RunLife : public testing::Test {
 protected:
  static Timestamp at(double seconds) {
    return Timestamp{1'700'000'000'000'000 + static_cast<std::int64_t>(seconds * 1e6)};
  }
  static std::shared_ptr<const Report> fourHosts() {
    ReportOrder order;
    order.targets = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
    return std::make_shared<GeneratedReport>(order);
  }
  Phase phaseAt(double seconds) {
    run.settle(at(seconds));
    return run.phase();
  }

  Pace pace{std::chrono::seconds(1), std::chrono::seconds(10), std::chrono::seconds(1)};
  simulator::Run run{{7, "u"}, fourHosts(), pace, at(0)};
};

TEST_F(RunLife, GoesFromPendingThroughRunningToCompleted) {
  EXPECT_EQ(phaseAt(0), Phase::pending);
  EXPECT_EQ(phaseAt(0.9), Phase::pending);
  EXPECT_EQ(phaseAt(1), Phase::running);
  EXPECT_EQ(phaseAt(10.9), Phase::running);
  EXPECT_EQ(phaseAt(11), Phase::completed);
  EXPECT_FALSE(run.active());
}

TEST_F(RunLife, EndsWhenItEndedHoweverLateOneLooks) {
  EXPECT_EQ(phaseAt(500), Phase::completed);
  EXPECT_EQ(run.ended(), at(11));
}

TEST_F(RunLife, PausingTakesAMomentAndStopsTheScanningAtOnce) {
  ASSERT_TRUE(run.pause(at(6)));
  EXPECT_EQ(phaseAt(6.5), Phase::pausing);
  EXPECT_EQ(phaseAt(7), Phase::paused);
  EXPECT_EQ(phaseAt(1000), Phase::paused);
  EXPECT_DOUBLE_EQ(run.fraction(at(1000)), 0.5);
}

TEST_F(RunLife, ResumesWhereItWasPaused) {
  ASSERT_TRUE(run.pause(at(6)));
  ASSERT_TRUE(run.resume(at(100)));
  EXPECT_EQ(phaseAt(100.5), Phase::resuming);
  EXPECT_EQ(phaseAt(105.9), Phase::running);
  EXPECT_EQ(phaseAt(106), Phase::completed);
}

TEST_F(RunLife, StoppingEndsAsCanceledWithPartOfTheWorkDone) {
  ASSERT_TRUE(run.stop(at(9)));
  EXPECT_EQ(phaseAt(9.9), Phase::stopping);
  EXPECT_EQ(phaseAt(10), Phase::canceled);
  EXPECT_DOUBLE_EQ(run.fraction(at(99)), 0.8);
  EXPECT_EQ(run.finishedHosts(at(99)), 2u);
}

TEST_F(RunLife, ChangesThatThePhaseDoesNotAllowChangeNothing) {
  EXPECT_FALSE(run.pause(at(0.5)));
  EXPECT_FALSE(run.resume(at(5)));
  ASSERT_TRUE(run.stop(at(6)));
  EXPECT_FALSE(run.stop(at(6.1)));
  EXPECT_EQ(phaseAt(8), Phase::canceled);
  EXPECT_FALSE(run.stop(at(8)));
  EXPECT_FALSE(run.kill(at(8)));
  EXPECT_FALSE(run.finish(at(8)));
}

TEST_F(RunLife, AbortKeepsWhatIsFinished) {
  ASSERT_TRUE(run.abort(at(8.5)));
  EXPECT_EQ(run.phase(), Phase::aborted);
  EXPECT_EQ(run.finishedHosts(at(99)), 2u);
}

TEST_F(RunLife, HostsAppearOneByOneAndTheirProgressGrows) {
  run.settle(at(1));
  EXPECT_EQ(run.hostProgress(0, at(1)), std::nullopt);
  run.settle(at(3));
  EXPECT_TRUE(run.hostProgress(0, at(3)).has_value());
  EXPECT_EQ(run.hostProgress(3, at(3)), std::nullopt);
  int last = 0;
  for (double second = 3; second <= 11; second += 0.5) {
    run.settle(at(second));
    const int progress = run.hostProgress(0, at(second)).value();
    EXPECT_GE(progress, last);
    last = progress;
  }
  EXPECT_EQ(last, 100);
  EXPECT_EQ(run.finishedHosts(at(11)), 4u);
}

TEST(Pace, GivesEachTransitionATwentiethButAtMostASecond) {
  EXPECT_EQ(Pace::ofTotal(std::chrono::seconds(2)).transition, std::chrono::milliseconds(100));
  EXPECT_EQ(Pace::ofTotal(std::chrono::hours(1)).transition, std::chrono::seconds(1));
}

}  // namespace
}  // namespace scanhost::simulator
