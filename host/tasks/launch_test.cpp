// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One launch per task, whatever happens between its steps.
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using LaunchTest = DispatcherTest;

TEST_F(LaunchTest, ATaskIsLaunchedOnceFollowedAndCompletedWithItsFindings) {
  const auto backend = addScanner("far", ScannerKind::remote);
  worker();
  const std::string id = submit("far");

  const QueuedTask done = waitFor(id, TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), ElementsAre(makeMarker(id, 1)));
  EXPECT_THAT(calls(backend, "start"), ElementsAre("1"));
  EXPECT_EQ(done.reference, "1");
  EXPECT_EQ(done.run_id, "run-1");
  EXPECT_EQ(done.attempt, 1);
  EXPECT_FALSE(done.generation.empty());
  EXPECT_TRUE(results->summary(done.generation, {}).value().has_value());
  ASSERT_TRUE(waitForEvent("scan_completed"));
  EXPECT_EQ(Json::parse(events("scan_completed")[0]->line())["vulnerabilities_found"].asInteger(),
            1);
}

TEST_F(LaunchTest, TheIntentIsWrittenBeforeTheScannerIsTouched) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"sleep_ms": 1000}]})");
  worker();
  const std::string id = submit("far");

  ASSERT_TRUE(waitForCall(backend, "prepare"));

  EXPECT_EQ(task(id).launch, 1u);
  EXPECT_EQ(task(id).reference, "");
  waitFor(id, TaskState::completed);
}

TEST_F(LaunchTest, AScanWhoseReplyWasLostIsFoundByItsMarkerAndNotMadeTwice) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"acts": true, "class": "ambiguous"}]})");
  worker();
  const std::string id = submit("far");

  const QueuedTask done = waitFor(id, TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
  EXPECT_EQ(done.attempt, 1) << "the scanner's trouble is not the task's";
  EXPECT_THAT(events("scan_adopted"), SizeIs(1));
  EXPECT_EQ(metric("scanhost_scans_adopted_total", {{"pool", "far"}}), 1);
}

TEST_F(LaunchTest, ALaunchInDoubtInOneStepIsMadeOnNoOtherInstance) {
  config.tasks.retry.max_delay = 2s;
  const Json one_step = Json::object({{"two_step", false}});
  const auto first = addScanner("far", ScannerKind::remote, one_step);
  const auto second = addScanner("far", ScannerKind::remote, one_step, 10, "two");
  for (const auto& backend : {first, second})
    script(backend, R"({"prepare": [{"acts": true, "class": "ambiguous"}],
                        "find": [{"class": "busy", "retry_ms": 500}]})");
  worker();

  const QueuedTask done = waitFor(submit("far"), TaskState::completed);

  EXPECT_EQ(calls(first, "prepare").size() + calls(second, "prepare").size(), 1u);
  EXPECT_EQ(done.launch, 1u);
  EXPECT_EQ(done.takeovers, 0);
  for (const EventPtr& move : events("scan_state_transition"))
    EXPECT_NE(Json::parse(move->line())["to_state"].asString(), "queued")
        << "any instance could have taken it";
}

TEST_F(LaunchTest, AStartWhoseReplyWasLostIsNotRepeated) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"start": [{"acts": true, "class": "ambiguous"}]})");
  worker();

  waitFor(submit("far"), TaskState::completed);

  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(LaunchTest, ACallThatTimedOutIsNotTheTasksTimeout) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"acts": true, "class": "timeout"}],
                      "start": [{"acts": true, "class": "timeout"}]})");
  worker();

  waitFor(submit("far"), TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(LaunchTest, AWorkerThatDiesInTheMiddleOfALaunchIsFollowedByOneThatAdopts) {
  config.tasks.lease = 1s;
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 60000}]})");
  Dispatcher& first = worker("first");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  kill(first);
  worker("second");
  const QueuedTask done = waitFor(id, TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
  EXPECT_EQ(done.launch, 1u);
  ASSERT_THAT(events("task_taken_over"), SizeIs(1));
  EXPECT_EQ(Json::parse(events("task_taken_over")[0]->line())["previous_worker"].asString(),
            "first");
  EXPECT_EQ(metric("scanhost_takeovers_total", {{"pool", "far"}}), 1);
}

TEST_F(LaunchTest, AWorkerThatDiesWhileItFollowsIsFollowedByOneThatGoesOn) {
  config.tasks.lease = 1s;
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 12}}));
  Dispatcher& first = worker("first");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll", 2));

  kill(first);
  worker("second");
  waitFor(id, TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(LaunchTest, ADoubtfulLaunchOnAScannerThatCannotFindIsADeadLetter) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"finds", false}}));
  script(backend, R"({"prepare": [{"acts": true, "class": "ambiguous", "subject": "backend"}]})");
  worker();

  const QueuedTask failed = waitFor(submit("far"), TaskState::failed);

  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_EQ(failed.error_class, ErrorClass::ambiguous);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_TRUE(waitForEvent("launch_ambiguous"));
}

TEST_F(LaunchTest, AScannerThatSaidNoLeavesNoDoubtEvenWhenItCannotFind) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"finds", false}}));
  script(backend, R"({"prepare": [{"class": "transient", "subject": "backend"}]})");
  worker();

  waitFor(submit("far"), TaskState::completed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(2));
}

TEST_F(LaunchTest, ACancelledTaskIsNotStartedToBeStopped) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 800, "class": "ambiguous"}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  request(id, TaskRequest::cancel);
  waitFor(id, TaskState::cancelled);

  EXPECT_THAT(calls(backend, "start"), SizeIs(0));
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "remove"), ElementsAre("1"));
}

class NewerLaunchTest : public LaunchTest {
 protected:
  /// A task whose record knows of one launch, and a scan of its second.
  std::string submitWithNewerScan() {
    const std::string id = submit("far");
    const auto leased = queue->lease(requestBy("earlier"), {});
    EXPECT_TRUE(leased && leased->size() == 1);
    Change intent;
    intent.intent = true;
    EXPECT_EQ(queue->advance(leased->front().lease(), intent, {})->outcome, QueueOutcome::done);
    EXPECT_EQ(*queue->release(leased->front().lease(), {}, {}), QueueOutcome::done);
    makeScan(id, 2);
    return id;
  }
  void makeScan(const std::string& id, std::uint64_t launch, const std::string& name = "scan") {
    ScanRequest made;
    made.task_id = id;
    made.name = name;
    made.launch = launch;
    made.marker = makeMarker(id, launch);
    EXPECT_TRUE(client().prepare(made, {}));
  }
  static LeaseRequest requestBy(const std::string& worker) {
    LeaseRequest request;
    request.worker = worker;
    request.lease = 60s;
    request.now_us = Timestamp::now().micros;
    request.max_tasks = 1;
    request.instances = {{"far", "one", 10}};
    return request;
  }
};

TEST_F(NewerLaunchTest, UnderAStaleLeaseItIsAnothersAndIsNotTouched) {
  config.tasks.lease = 100ms;  // shorter than a turn, so that it always runs out
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"find": [{"sleep_ms": 1500}]})");
  submitWithNewerScan();
  worker("loser");
  ASSERT_TRUE(waitForCall(backend, "find"));

  ASSERT_TRUE(eventually([&] {
    const auto leased = queue->lease(requestBy("winner"), {});
    return leased && !leased->empty();
  }));

  EXPECT_TRUE(waitForEvent("lease_lost"));
  EXPECT_THAT(calls(backend, "remove"), SizeIs(0));
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(events("scan_adopted"), SizeIs(0));
}

TEST_F(NewerLaunchTest, UnderALeaseThatHoldsItWasForgottenByTheQueueAndIsAdopted) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submitWithNewerScan();

  worker();

  EXPECT_EQ(waitFor(id, TaskState::completed).launch, 2u);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(NewerLaunchTest, ACopyThatAPersonMadeIsNeitherAdoptedNorRemovedWhereTheTaskHasItsScan) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submit("far", "scan", Timestamp::now(), true);
  makeScan(id, 1, "Copy of scan");
  makeScan(id, 2, "Copy of scan");
  makeScan(id, 2);
  makeScan(id, 1);

  worker();

  EXPECT_EQ(waitFor(id, TaskState::completed).reference, "3");
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(4));
  EXPECT_THAT(calls(backend, "start"), ElementsAre("3"));
  EXPECT_THAT(calls(backend, "remove"), ElementsAre("4"));
}

TEST_F(NewerLaunchTest, ATaskOlderThanADoubtAboutTheQueueIsLookedForBeforeItsFirstLaunch) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submit("far");
  makeScan(id, 1);
  doubtTheQueue(Timestamp::now());

  worker();

  EXPECT_EQ(waitFor(id, TaskState::completed).launch, 1u);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
}

TEST_F(NewerLaunchTest, ADoubtSpendsNoTaskOfAScannerThatCannotFind) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"finds", false}}));
  const std::string id = submit("far");
  doubtTheQueue(Timestamp::now());

  worker();

  waitFor(id, TaskState::completed);
}

TEST_F(LaunchTest, ATaskThatTheQueueHadLostAdoptsItsScanWhateverItsNumber) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submit("far", "scan", Timestamp::now(), true);
  for (const int launch : {3, 4}) {  // the number of the last is lost with the record
    ScanRequest made;
    made.task_id = id;
    made.name = "scan";
    made.launch = static_cast<std::uint64_t>(launch);
    made.marker = makeMarker(id, made.launch);
    ASSERT_TRUE(client().prepare(made, {}));
  }

  worker();

  const QueuedTask done = waitFor(id, TaskState::completed);
  EXPECT_EQ(done.reference, "1");
  EXPECT_EQ(done.launch, 4u) << "so that no later launch takes a number that was used";
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(2));
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
  EXPECT_EQ(calls(backend, "remove").front(), "2");
}

TEST_F(NewerLaunchTest, ACancelledTaskOfWhichTheScannerHasNoScanEnds) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submit("far", "scan", Timestamp::now(), true);
  LeaseRequest lease = requestBy("earlier");
  lease.lease = 100ms;
  ASSERT_THAT(queue->lease(lease, {}).value(), SizeIs(1));
  request(id, TaskRequest::cancel);

  worker();

  waitFor(id, TaskState::cancelled);
  EXPECT_THAT(calls(backend, "find"), SizeIs(1));
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(0));
}

TEST_F(LaunchTest, TheLoserOfARaceDropsTheTaskAndWritesNothingMore) {
  config.tasks.lease = 100ms;  // shorter than a turn, so that it always runs out
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"sleep_ms": 1500}]})");
  Dispatcher& loser = worker("loser");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  LeaseRequest theft;
  theft.worker = "winner";
  theft.lease = 60s;
  theft.now_us = Timestamp::now().micros;
  theft.max_tasks = 1;
  theft.instances = {{"far", "one", 10}};
  std::optional<QueuedTask> won;
  ASSERT_TRUE(eventually([&] {
    const auto leased = queue->lease(theft, {});
    if (leased && !leased->empty()) won = leased->front();
    return won.has_value();
  }));
  Change intent;
  intent.intent = true;
  ASSERT_EQ(queue->advance(won->lease(), intent, {})->outcome, QueueOutcome::done);

  ASSERT_TRUE(waitForEvent("lease_lost"));
  ASSERT_TRUE(eventually([&] { return loser.activeTasks() == 0; }));
  ASSERT_TRUE(waitForCall(backend, "remove"))
      << "it removes what it made\n"
      << PluginFolder::contents(backend / "journal") << "launch " << task(id).launch;
  const QueuedTask now = task(id);
  EXPECT_EQ(now.worker, "winner");
  EXPECT_EQ(now.epoch, won->epoch);
  EXPECT_EQ(now.launch, 2u);
  EXPECT_EQ(now.reference, "");
  EXPECT_THAT(calls(backend, "start"), SizeIs(0));
  EXPECT_EQ(metric("scanhost_leases_lost_total", {{"pool", "far"}}), 1);
}

}  // namespace
}  // namespace scanhost
