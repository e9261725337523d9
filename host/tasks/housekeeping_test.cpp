// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/housekeeping.h"

#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Timestamp ago(std::chrono::microseconds age) {
  return {Timestamp::now().micros - age.count()};
}

class HousekeepingTest : public DispatcherTest {
 protected:
  HousekeepingTest() {
    config.housekeeping.completed_ttl = 24h;
    config.housekeeping.failed_ttl = 48h;
    config.housekeeping.stale_after = 24h;
    config.results.retention = 24h * 365;
  }

  std::optional<QueuedTask> lease(std::chrono::nanoseconds length = 60s) {
    auto granted = queue->lease({1, "worker", length, 1, 0ns, {{"far", "one", 10}}}, {});
    if (!granted || granted->empty()) return std::nullopt;
    return granted->front();
  }

  std::string ended(TaskState state, std::chrono::microseconds age, bool dead_letter = false,
                    std::string generation = {}) {
    const std::string id = submit("far");
    Finish finish;
    finish.state = state;
    finish.completed_us = ago(age).micros;
    finish.dead_letter = dead_letter;
    finish.generation = std::move(generation);
    EXPECT_TRUE(queue->finish(lease()->lease(), finish, {}));
    return id;
  }
  bool exists(const std::string& id) { return queue->get(id, {}).value().has_value(); }

  std::string findingsOf(const std::string& task_id, std::chrono::microseconds age) {
    Generation generation;
    generation.task_id = task_id;
    generation.created_us = ago(age).micros;
    return *results->openGeneration(generation, {});
  }
  bool hasFindings(const std::string& generation) {
    return results->summary(generation, {}).has_value();
  }

  const InstanceReports reports{config.node, *queue};
  const std::shared_ptr<CancelSource> uncancelled = std::make_shared<CancelSource>();
};

TEST_F(HousekeepingTest, RecordsGoByTheAgeOfTheirKindAndAreCounted) {
  addScanner("far", ScannerKind::remote);
  const std::string old_completed = ended(TaskState::completed, 25h);
  const std::string new_completed = ended(TaskState::completed, 23h);
  const std::string new_failed = ended(TaskState::failed, 47h);
  const std::string old_dead = ended(TaskState::failed, 49h, true);

  EXPECT_EQ(expireRecords(work(), uncancelled), 2u);

  EXPECT_FALSE(exists(old_completed));
  EXPECT_FALSE(exists(old_dead));
  EXPECT_TRUE(exists(new_completed));
  EXPECT_TRUE(exists(new_failed));
  EXPECT_EQ(metric("nessus_ttl_deletions_total", {}), 2);
  ASSERT_THAT(events("task_expired"), SizeIs(2));
  EXPECT_NEAR(Json::parse(events("task_expired")[0]->line())["age_days"].asNumber(), 25.0 / 24,
              0.01);
}

TEST_F(HousekeepingTest, FindingsGoAfterTheirRetention) {
  addScanner("far", ScannerKind::remote);
  const std::string old = findingsOf("gone", 24h * 366);
  const std::string young = findingsOf("gone", 24h * 364);

  EXPECT_EQ(FindingsExpiry(work()).run(uncancelled), 1u);

  EXPECT_FALSE(hasFindings(old));
  EXPECT_TRUE(hasFindings(young)) << "its record has expired; it may have been named";
}

TEST_F(HousekeepingTest, FindingsThatTheirTaskDoesNotNameGo) {
  addScanner("far", ScannerKind::remote);
  const std::string named = findingsOf("any", 50h);
  const std::string id = ended(TaskState::completed, 1h, false, named);
  const std::string abandoned = findingsOf(id, 50h);
  const std::string unfinished = findingsOf(submit("far"), 50h);

  FindingsExpiry expiry(work());
  EXPECT_EQ(expiry.run(uncancelled), 1u);

  EXPECT_FALSE(hasFindings(abandoned));
  EXPECT_TRUE(hasFindings(named));
  EXPECT_TRUE(hasFindings(unfinished));
  EXPECT_EQ(expiry.run(uncancelled), 0u);
}

TEST_F(HousekeepingTest, ATaskThatWaitedTooLongTimesOut) {
  addScanner("far", ScannerKind::remote);
  const std::string old = submit("far", "old", ago(25h));
  const std::string young = submit("far", "young", ago(23h));

  const auto stale = StaleTasks(work(), reports).run(StaleTasks::Clock::now(), uncancelled);

  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(task(old).state, TaskState::timeout);
  EXPECT_EQ(task(young).state, TaskState::queued);
  ASSERT_THAT(events("stale_task_timed_out"), SizeIs(1));
  EXPECT_NEAR(Json::parse(events("stale_task_timed_out")[0]->line())["age_hours"].asNumber(), 25,
              0.01);
  EXPECT_EQ(metric("nessus_scans_total", {{"scan_type", "untrusted"}, {"status", "timeout"}}), 1);
}

TEST_F(HousekeepingTest, TimeInWhichNoScannerCouldTakeATaskDoesNotCount) {
  addScanner("far", ScannerKind::remote);
  StaleTasks tasks(work(), reports);
  const std::string old = submit("far", "old", ago(25h));
  const auto now = StaleTasks::Clock::now();
  for (int failure = 0; failure < 2; ++failure)
    scanner().recordFailure({ErrorClass::transient, "down", ErrorSubject::backend, {}});
  tasks.watchPools(now);
  scanner().recordSuccess();

  EXPECT_THAT(tasks.run(now + 1h, uncancelled), IsEmpty());
  EXPECT_THAT(tasks.run(now + 25h, uncancelled), SizeIs(1));
}

TEST_F(HousekeepingTest, TimeUnderTheKillSwitchDoesNotCount) {
  addScanner("far", ScannerKind::remote);
  StaleTasks tasks(work(), reports);
  submit("far", "old", ago(25h));
  ASSERT_TRUE(killSwitch().engage("olga", ""));
  EXPECT_THAT(tasks.run(StaleTasks::Clock::now(), uncancelled), IsEmpty());
}

TEST_F(HousekeepingTest, APausedTaskIsNotStale) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submit("far", "old", ago(25h));
  request(id, TaskRequest::pause);

  EXPECT_THAT(StaleTasks(work(), reports).run(StaleTasks::Clock::now(), uncancelled), IsEmpty());
}

TEST_F(HousekeepingTest, ARunningTaskThatNoWorkerTakesUpTimesOut) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submit("far", "old", ago(25h));
  ASSERT_TRUE(lease(1ms));
  std::this_thread::sleep_for(5ms);
  StaleTasks tasks(work(), reports);
  const auto now = StaleTasks::Clock::now();

  EXPECT_THAT(tasks.run(now, uncancelled), IsEmpty()) << "it has only just been seen so";
  EXPECT_THAT(tasks.run(now + 25h, uncancelled), SizeIs(1));

  EXPECT_EQ(task(id).state, TaskState::timeout);
}

TEST_F(HousekeepingTest, ARunningTaskWithALiveLeaseIsNotStale) {
  addScanner("far", ScannerKind::remote);
  submit("far", "old", ago(25h));
  ASSERT_TRUE(lease());
  StaleTasks tasks(work(), reports);
  const auto now = StaleTasks::Clock::now();

  EXPECT_THAT(tasks.run(now, uncancelled), IsEmpty());
  EXPECT_THAT(tasks.run(now + 25h, uncancelled), IsEmpty());
}

TEST_F(HousekeepingTest, AClockSetADayAheadEndsNothingEarly) {
  addScanner("far", ScannerKind::remote);
  config.results.retention = 24h;
  const std::string waiting = submit("far", "waiting", ago(1h));
  work();
  clock.setAhead(24h);

  EXPECT_THAT(StaleTasks(work(), reports).run(StaleTasks::Clock::now(), uncancelled), IsEmpty());
  EXPECT_EQ(task(waiting).state, TaskState::queued);
  queue->request(waiting, TaskRequest::cancel, ago(1h).micros, {});
  ended(TaskState::completed, 1h);
  findingsOf("gone", 1h);
  EXPECT_EQ(expireRecords(work(), uncancelled), 0u);
  EXPECT_EQ(FindingsExpiry(work()).run(uncancelled), 0u);
}

TEST_F(HousekeepingTest, AClockSetBackKeepsThingsLonger) {
  addScanner("far", ScannerKind::remote);
  const std::string id = ended(TaskState::completed, 25h);
  work();
  clock.setAhead(-2h);
  EXPECT_EQ(expireRecords(work(), uncancelled), 0u);
  clock.setAhead(0h);
  EXPECT_EQ(expireRecords(work(), uncancelled), 1u);
  EXPECT_FALSE(exists(id));
}

TEST_F(HousekeepingTest, ComesRoundAndSaysWhatItDid) {
  addScanner("far", ScannerKind::remote);
  config.node.roles = {NodeRole::worker};
  config.housekeeping.interval = 100ms;
  config.housekeeping.remote_cleanup = true;
  config.housekeeping.stale_remote_delete = true;
  ended(TaskState::completed, 25h);
  submit("far", "old", ago(25h));

  const Housekeeping housekeeping(work(), reports);

  ASSERT_TRUE(waitForEvent("housekeeping_completed", 2));
  const Json first = Json::parse(events("housekeeping_completed")[0]->line());
  EXPECT_EQ(first["expired"].asInteger(), 1);
  EXPECT_EQ(first["stale"].asInteger(), 1);
  EXPECT_EQ(first["remote_deleted"].asInteger(), 0);
}

}  // namespace
}  // namespace scanhost
