// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a task when its scan, its scanner or its report fails.
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using FailuresTest = DispatcherTest;

TEST_F(FailuresTest, TransientTroubleIsTriedAgainUntilTheAttemptsAreSpent) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"class": "transient", "always": true}]})");
  worker();

  const QueuedTask failed = waitFor(submit("far"), TaskState::failed);

  EXPECT_THAT(calls(backend, "prepare"), SizeIs(3));
  EXPECT_EQ(failed.attempt, 3);
  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_EQ(failed.error_class, ErrorClass::transient);
  ASSERT_TRUE(waitForEvent("task_dead_lettered"));
  EXPECT_THAT(events("scan_retry_scheduled"), SizeIs(2));
  EXPECT_EQ(metric("scanhost_task_retries_total", {{"pool", "far"}, {"class", "transient"}}), 2);
  EXPECT_EQ(metric("scanhost_dead_letters_total", {{"pool", "far"}}), 1);
}

TEST_F(FailuresTest, ABusyScannerCostsNoAttempt) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"class": "busy", "retry_ms": 50},
                                  {"class": "busy", "retry_ms": 50},
                                  {"class": "busy", "retry_ms": 50},
                                  {"class": "busy", "retry_ms": 50}]})");
  worker();

  const QueuedTask done = waitFor(submit("far"), TaskState::completed);

  EXPECT_EQ(done.attempt, 1);
  EXPECT_EQ(scanner().condition().circuit, CircuitState::closed);
}

TEST_F(FailuresTest, AScannerOutOfReachOpensItsCircuitAndTheTaskGoesBackUnspent) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"class": "transient", "subject": "backend"},
                                  {"class": "transient", "subject": "backend"}],
                      "self_test": [{"class": "transient", "subject": "backend"}]})");
  worker();
  const std::string id = submit("far");

  ASSERT_TRUE(waitForEvent("circuit_opened"));
  EXPECT_EQ(scanner().condition().state, ScannerState::unreachable);
  EXPECT_FALSE(scanner().takesWork());

  const QueuedTask done = waitFor(id, TaskState::completed);
  EXPECT_EQ(done.attempt, 1);
  EXPECT_THAT(calls(backend, "self_test"), SizeIs(2)) << "one probe failed, the next closed it";
  EXPECT_THAT(events("circuit_opened"), SizeIs(2));
  EXPECT_THAT(events("circuit_half_open"), SizeIs(2));
  EXPECT_THAT(events("circuit_closed"), SizeIs(1));
  EXPECT_EQ(scanner().condition().state, ScannerState::ready);
}

TEST_F(FailuresTest, ATaskTakenOverBehindAnOpenBreakerBeforeItsLaunchWaitsWithoutARequestToIt) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"self_test": [{"class": "transient", "subject": "backend"}]})");
  const std::string id = submit("far");
  LeaseRequest dying{1, "dying", 1ms, 1, 0ns, {{"far", "one", 1}}};
  const auto held = queue->lease(dying, {});
  ASSERT_EQ(held.value().size(), 1u);
  work();
  for (int failure = 0; failure < 2; ++failure)
    scanner().recordFailure({ErrorClass::transient, "down", ErrorSubject::backend, {}});

  worker("surviving");

  ASSERT_TRUE(waitForEvent("task_taken_over"));
  EXPECT_EQ(waitFor(id, TaskState::queued).attempt, 1);
  EXPECT_THAT(task(id).error_message, HasSubstr("far:one takes no work at present: down"));
  EXPECT_THAT(calls(backend, "find"), SizeIs(0));
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(0));

  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
  EXPECT_THAT(calls(backend, "start"), SizeIs(1));
}

TEST_F(FailuresTest, AScannerThatRefusesOurLoginIsSuspendedAndTheTaskWaits) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"class": "auth", "subject": "backend"}]})");
  worker();
  const std::string id = submit("far");

  ASSERT_TRUE(waitForEvent("authentication_failed"));
  const QueuedTask waiting = waitFor(id, TaskState::queued);

  EXPECT_EQ(scanner().condition().state, ScannerState::suspended);
  EXPECT_EQ(waiting.attempt, 1);
  EXPECT_EQ(metric("scanhost_scanner_state",
                   {{"pool", "far"}, {"scanner_instance", "one"}, {"state", "suspended"}}),
            1);
  scanner().recordHealth(ScannerHealth{});
  waitFor(id, TaskState::completed);
}

TEST_F(FailuresTest, ALoginWhoseKeyThisNodeLacksWaitsForANodeThatHasIt) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const Keyring other_keys = otherKeys();
  Dispatcher& without = worker("without");
  const std::string id = submitWithLogin("far", other_keys);

  ASSERT_TRUE(waitForEvent("login_key_missing"));
  const QueuedTask waiting = waitFor(id, TaskState::queued);

  EXPECT_EQ(waiting.attempt, 1);
  EXPECT_THAT(waiting.error_message,
              HasSubstr("give all nodes of the queue the same node.key_file"));
  EXPECT_EQ(Json::parse(events("login_key_missing")[0]->line())["task_id"].asString(), id);
  EXPECT_THAT(waiting.error_message,
              HasSubstr(Json::parse(events("login_key_missing")[0]->line())["key_id"].asString()));
  EXPECT_TRUE(scanner().takesWork()) << "the scanner is not to blame";
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(0));

  kill(without);
  const Credentials with_key({}, other_keys);
  const Work& same = work();
  const Work other_work{same.config,  same.queue,     same.results, same.scanners,
                        same.scope,   same.resolver,  with_key,     same.events,
                        same.metrics, same.durations, same.disk,    same.time};
  Dispatcher with(other_work, "with");
  with.start();
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 1);
}

TEST_F(FailuresTest, ALoginThatItsOwnKeyDoesNotOpenFailsItsTask) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submitWithLogin("far", keys(), "another task");
  worker();

  EXPECT_EQ(waitFor(id, TaskState::failed).error_class, ErrorClass::auth);
}

TEST_F(FailuresTest, WhatTheRequestIsToBlameForFailsAtOnceAndIsNoDeadLetter) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"prepare": [{"class": "target"}]})");
  worker();

  const QueuedTask failed = waitFor(submit("far"), TaskState::failed);

  EXPECT_FALSE(failed.flags.dead_letter);
  EXPECT_EQ(failed.error_class, ErrorClass::target);
  EXPECT_EQ(failed.attempt, 1);
}

TEST_F(FailuresTest, AScanThatVanishedOnTheScannerIsLostWithinTwoPolls) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  ASSERT_TRUE(client().remove({"1", "", ""}, {}));
  const auto polls_before = calls(backend, "poll").size();
  const QueuedTask failed = waitFor(id, TaskState::failed);

  EXPECT_EQ(failed.error_class, ErrorClass::lost);
  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_LE(calls(backend, "poll").size(), polls_before + 3);
  EXPECT_TRUE(waitForEvent("scan_lost"));
}

TEST_F(FailuresTest, ALostScanIsLaunchedAnewWhereThatIsAllowed) {
  config.tasks.relaunch_lost = true;
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 8}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  ASSERT_TRUE(client().remove({"1", "", ""}, {}));
  const QueuedTask done = waitFor(id, TaskState::completed);

  EXPECT_EQ(done.attempt, 2);
  EXPECT_EQ(done.reference, "2");
}

TEST_F(FailuresTest, AScanThatTheScannerAbortedStartsAnew) {
  const auto backend = addScanner("far", ScannerKind::remote);
  worker();

  const QueuedTask failed = waitFor(submit("far", "aborting"), TaskState::failed);

  EXPECT_EQ(failed.attempt, 3);
  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(3));
  EXPECT_THAT(calls(backend, "remove"), SizeIs(2)) << "nothing is launched beside its remains";
  EXPECT_EQ(failed.reference, "3") << "which the task refers to until housekeeping removes them";
}

TEST_F(FailuresTest, ASecondRunOfAScanIsStoppedAndReported) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 1000}}));
  worker();

  const QueuedTask failed = waitFor(submit("far", "restarted"), TaskState::failed);

  EXPECT_EQ(failed.error_class, ErrorClass::ambiguous);
  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_THAT(calls(backend, "stop"), SizeIs(1));
  EXPECT_TRUE(waitForEvent("second_run_detected"));
}

TEST_F(FailuresTest, AMalformedReportFailsThatTaskAlone) {
  addScanner("far", ScannerKind::remote);
  worker();
  const std::string bad = submit("far", "malformed");
  const std::string good = submit("far", "good");

  waitFor(good, TaskState::completed);
  const QueuedTask failed = waitFor(bad, TaskState::failed);

  EXPECT_THAT(failed.error_message, HasSubstr("xml_invalid"));
  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_EQ(scanner().condition().state, ScannerState::ready);
  EXPECT_EQ(
      metric("scanhost_validation_failures_total", {{"pool", "far"}, {"reason", "xml_invalid"}}),
      3);
  EXPECT_EQ(metric("scanhost_validation_total", {{"pool", "far"}, {"result", "success"}}), 1);
}

TEST_F(FailuresTest, AReportWithoutAHostIsNoCleanResult) {
  addScanner("far", ScannerKind::remote);
  worker();

  const QueuedTask failed = waitFor(submit("far", "silent"), TaskState::failed);

  EXPECT_EQ(failed.error_class, ErrorClass::target);
  EXPECT_FALSE(failed.flags.dead_letter);
  EXPECT_EQ(failed.attempt, 1);
}

TEST_F(FailuresTest, AnIncompleteResultDoesNotPassForACompleteOne) {
  addScanner("far", ScannerKind::remote);
  worker();

  const QueuedTask failed = waitFor(submit("far", "partial"), TaskState::failed);

  EXPECT_THAT(failed.error_message, HasSubstr("it broke off"));
  EXPECT_FALSE(failed.generation.empty()) << "what there is stays readable";
}

TEST_F(FailuresTest, APollThatFailedIsRepeatedAndCostsNothing) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"poll": [{"class": "transient", "subject": "backend"}]})");
  worker();

  const QueuedTask done = waitFor(submit("far"), TaskState::completed);

  EXPECT_EQ(done.attempt, 1);
  EXPECT_THAT(events("poll_failed"), SizeIs(1));
}

TEST_F(FailuresTest, PollsThatTheHostGaveUpWaitingForOpenTheCircuit) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"poll": [{"class": "timeout", "always": true}]})");
  worker();
  submit("far");

  ASSERT_TRUE(waitForEvent("circuit_opened"));
  EXPECT_EQ(
      metric("scanhost_circuit_failures_total", {{"pool", "far"}, {"scanner_instance", "one"}}), 2);
}

TEST_F(FailuresTest, AScanIsCountedAtItsFirstAnsweredPollAndNeverAgain) {
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 3}}));
  script(backend, R"({"poll": [{"class": "transient", "subject": "backend"}]})");
  worker();

  waitFor(submit("far"), TaskState::completed);

  EXPECT_THAT(calls(backend, "poll"), SizeIs(testing::Gt(2u)));
  EXPECT_EQ(metric("scanhost_first_poll_seconds", {{"pool", "far"}}), 1);
}

TEST_F(FailuresTest, AScanWhoseTaskIsBuriedForItsTakeoversIsStopped) {
  config.tasks.lease = 1s;
  config.tasks.max_takeovers = 0;
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  Dispatcher& dying = worker("dying");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "start"));
  kill(dying);
  worker("burying");

  const QueuedTask failed = waitFor(id, TaskState::failed);

  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_THAT(failed.error_message, HasSubstr("taken over 1 times"));
  EXPECT_TRUE(waitForEvent("orphaned_scan_stopped"));
  EXPECT_THAT(calls(backend, "stop"), ElementsAre("1"));
}

TEST_F(FailuresTest, ADamagedRecordIsAVisibleError) {
  addScanner("far", ScannerKind::remote);
  Submission damaged;
  damaged.id = makeTaskId("far", "one", Timestamp::now());
  damaged.pool = "far";
  damaged.submission = "no JSON";
  damaged.cap = 10;
  ASSERT_TRUE(queue->submit(damaged, {}));
  worker();

  const QueuedTask failed = waitFor(damaged.id, TaskState::failed);

  EXPECT_TRUE(failed.flags.dead_letter);
  EXPECT_THAT(failed.error_message, HasSubstr(damaged.id));
}

}  // namespace
}  // namespace scanhost
