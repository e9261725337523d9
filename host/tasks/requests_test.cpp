// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What clients ask of tasks, and what time does to them.
#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class RequestsTest : public DispatcherTest {
 protected:
  static Json endless() { return Json::object({{"polls", 0}}); }
};

TEST_F(RequestsTest, ATaskCancelledWhileItWaitsIsNeverLaunched) {
  const auto backend = addScanner("far", ScannerKind::remote, endless(), 1);
  worker();
  submit("far");
  ASSERT_TRUE(waitForCall(backend, "start"));
  const std::string waiting = submit("far");

  request(waiting, TaskRequest::cancel);

  waitFor(waiting, TaskState::cancelled);
  EXPECT_THAT(calls(backend, "prepare"), SizeIs(1));
}

TEST_F(RequestsTest, ARemoteScanIsCancelledWhenTheScannerConfirms) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);
  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_THAT(calls(backend, "stop"), ElementsAre("1"));
  EXPECT_FALSE(cancelled.generation.empty()) << "what was found so far stays readable";
  EXPECT_EQ(cancelled.error_class, ErrorClass::cancelled);
  EXPECT_TRUE(waitForEvent("scan_cancelled"));
}

TEST_F(RequestsTest, AStopThatFailedIsAskedForAgain) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"stop": [{"class": "transient", "subject": "backend"}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);

  waitFor(id, TaskState::cancelled);
  EXPECT_THAT(calls(backend, "stop"), SizeIs(2));
}

TEST_F(RequestsTest, AScanThatCannotBeStoppedKeepsItsTaskOnlySoLong) {
  config.tasks.scanner_outage = 1s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"stop": [{"class": "internal", "always": true}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);
  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_EQ(cancelled.attempt, 1);
  EXPECT_THAT(cancelled.error_message,
              AllOf(HasSubstr("cancelled on request"), HasSubstr("as the script says"),
                    HasSubstr("tasks.scanner_outage"), HasSubstr(makeMarker(id, 1))));
  EXPECT_TRUE(waitForEvent("remote_scan_kept"));
  EXPECT_THAT(cancelled.progress, HasSubstr("\"ending_since\":null"));
}

TEST_F(RequestsTest, AScanThatGoesOnAfterItsStopKeepsItsTaskOnlySoLong) {
  config.tasks.scanner_outage = 1s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"stop": [{"class": "busy", "always": true}],
                      "poll": [{}, {"class": "transient", "subject": "backend", "always": true}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);

  waitFor(id, TaskState::cancelled);
}

TEST_F(RequestsTest, ATaskEndsNoSoonerThanItsScannerSaysThatItsScanStopped) {
  const auto backend =
      addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}, {"polls_after_stop", 6}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);
  ASSERT_TRUE(waitForCall(backend, "stop"));
  const auto at_stop = calls(backend, "poll").size();
  ASSERT_TRUE(waitForCall(backend, "poll", at_stop + 3)) << "it is followed on";
  EXPECT_EQ(task(id).state, TaskState::running);
  EXPECT_TRUE(task(id).flags.cancel_requested) << "which clients see";
  EXPECT_THAT(events("scan_cancelled"), SizeIs(0));

  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_GE(calls(backend, "poll").size(), at_stop + 5);
  EXPECT_EQ(cancelled.error_message, "cancelled on request");
  EXPECT_FALSE(cancelled.generation.empty()) << "what was found so far stays readable";
  EXPECT_THAT(calls(backend, "stop"), SizeIs(1)) << "it was given time";
  EXPECT_THAT(events("remote_scan_kept"), SizeIs(0));
}

TEST_F(RequestsTest, AScanThatTakesItsStopAndGoesOnForEverKeepsItsTaskOnlySoLong) {
  config.tasks.scanner_outage = 45s;
  const auto backend = addScanner("far", ScannerKind::remote,
                                  Json::object({{"polls", 0}, {"polls_after_stop", 1'000'000}}));
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::cancel);
  ASSERT_TRUE(waitForCall(backend, "stop"));
  clock.pass(31s);
  ASSERT_TRUE(waitForCall(backend, "stop", 2)) << "it is asked again";
  EXPECT_EQ(task(id).state, TaskState::running);
  clock.pass(31s);
  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_THAT(cancelled.error_message, HasSubstr("was asked to stop it, and it goes on"));
  EXPECT_TRUE(waitForEvent("remote_scan_kept"));
}

TEST_F(RequestsTest, ACancelledTaskWhoseHolderDiedEndsWhileItsBreakerIsOpen) {
  config.tasks.lease = 1s;
  config.tasks.scanner_outage = 4s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"poll": [{}, {"class": "transient", "subject": "backend", "always": true}],
                      "stop": [{"class": "transient", "subject": "backend", "always": true}],
                      "self_test": [{"class": "transient", "subject": "backend", "always": true}]})");
  Dispatcher& dying = worker("dying");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  request(id, TaskRequest::cancel);
  ASSERT_TRUE(waitForEvent("circuit_opened"));
  kill(dying);
  ASSERT_EQ(task(id).state, TaskState::running);

  worker("surviving");
  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_EQ(cancelled.worker, "surviving");
  EXPECT_NE(scanner().condition().circuit, CircuitState::closed);
  EXPECT_THAT(cancelled.error_message, HasSubstr("could not be stopped"));
  EXPECT_TRUE(waitForEvent("remote_scan_kept"));
}

TEST_F(RequestsTest, AScanThatCompletedWhileItsScannerWasOutOfOrderIsNotTooLateForThat) {
  config.tasks.lease = 1s;
  config.tasks.timeout = 10s;
  const auto backend = addScanner("far", ScannerKind::remote, Json::object({{"polls", 2}}));
  script(backend, R"({"poll": [{}, {"class": "transient", "subject": "backend", "always": true}],
                      "self_test": [{"class": "transient", "subject": "backend", "always": true}]})");
  Dispatcher& dying = worker("dying");
  const std::string id = submit("far");
  ASSERT_TRUE(waitForEvent("circuit_opened"));
  kill(dying);

  worker("surviving");
  ASSERT_TRUE(waitForEvent("task_taken_over"));
  const auto failed = events("poll_failed").size();
  clock.pass(20s);
  ASSERT_TRUE(waitForEvent("poll_failed", failed + 3));
  EXPECT_EQ(task(id).state, TaskState::running);
  script(backend, "{}");

  EXPECT_EQ(waitFor(id, TaskState::completed).worker, "surviving");
  EXPECT_THAT(calls(backend, "stop"), SizeIs(0));
}

TEST_F(RequestsTest, ALaunchInDoubtThatNobodyCanLookUpKeepsItsTaskOnlySoLong) {
  config.tasks.scanner_outage = 1s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"prepare": [{"acts": true, "sleep_ms": 700, "class": "ambiguous"}],
                      "find": [{"class": "transient", "subject": "backend", "always": true}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "prepare"));

  request(id, TaskRequest::cancel);
  const QueuedTask cancelled = waitFor(id, TaskState::cancelled);

  EXPECT_THAT(cancelled.error_message, HasSubstr("could not be stopped"));
  EXPECT_EQ(cancelled.epoch, 1u) << "given back it would wait for its scanner's breaker";
  EXPECT_THAT(calls(backend, "start"), SizeIs(0));
}

TEST_F(RequestsTest, ALocalScanIsCancelledWhileItRuns) {
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  worker();
  const std::string id = submit("near");
  ASSERT_TRUE(waitForCall(backend, "scan"));

  request(id, TaskRequest::cancel);

  waitFor(id, TaskState::cancelled);
  EXPECT_THAT(calls(backend, "scan"), SizeIs(1));
}

TEST_F(RequestsTest, ARemoteScanIsPausedAndResumedAsTheScannerConfirms) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::pause);
  waitFor(id, TaskState::paused);
  EXPECT_TRUE(waitForEvent("scan_paused"));
  request(id, TaskRequest::resume);
  waitFor(id, TaskState::running);

  EXPECT_TRUE(waitForEvent("scan_resumed"));
  EXPECT_THAT(calls(backend, "pause"), SizeIs(1));
  EXPECT_THAT(calls(backend, "resume"), SizeIs(1));
}

TEST_F(RequestsTest, APauseWhoseAnswerWasLostIsUndoneByAResume) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"pause": [{"acts": true, "sleep_ms": 1500, "class": "transient"}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  request(id, TaskRequest::pause);
  ASSERT_TRUE(waitForCall(backend, "pause"));
  request(id, TaskRequest::resume);

  EXPECT_TRUE(waitForCall(backend, "resume"));
  EXPECT_TRUE(eventually([&] { return task(id).state == TaskState::running; }));
  EXPECT_TRUE(waitForEvent("scan_resumed"));
}

TEST_F(RequestsTest, AScanPausedOnTheScannerStaysPaused) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  ASSERT_TRUE(client().pause({"1", "", ""}, {}));
  waitFor(id, TaskState::paused);

  std::this_thread::sleep_for(1s);
  EXPECT_THAT(calls(backend, "resume"), SizeIs(0));
  EXPECT_EQ(task(id).state, TaskState::paused);
}

TEST_F(RequestsTest, AScanStoppedOnTheScannerIsCancelled) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));

  ASSERT_TRUE(client().stop({"1", "", ""}, {}));

  EXPECT_EQ(waitFor(id, TaskState::cancelled).error_message, "stopped on the scanner");
}

TEST_F(RequestsTest, AScanThatRunsTooLongIsWarnedOfStoppedAndTimedOut) {
  config.tasks.timeout = 3s;
  config.tasks.timeout_warning = 0.3;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");

  ASSERT_TRUE(waitForEvent("scan_timeout_approaching"));
  EXPECT_THAT(calls(backend, "stop"), SizeIs(0));
  const QueuedTask ended = waitFor(id, TaskState::timeout);

  EXPECT_THAT(events("scan_timeout_approaching"), SizeIs(1));
  EXPECT_THAT(calls(backend, "stop"), SizeIs(1));
  EXPECT_FALSE(ended.generation.empty());
}

TEST_F(RequestsTest, AClockSetADayAheadEndsNoScan) {
  config.tasks.timeout = 1h;
  config.tasks.max_paused = 1h;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string running = submit("far"), resting = submit("far");
  ASSERT_TRUE(waitForCall(backend, "start", 2));
  request(resting, TaskRequest::pause);
  waitFor(resting, TaskState::paused);

  clock.setAhead(24h);

  const auto polls = calls(backend, "poll").size();
  ASSERT_TRUE(waitForCall(backend, "poll", polls + 3));
  EXPECT_EQ(task(running).state, TaskState::running);
  EXPECT_EQ(task(resting).state, TaskState::paused);
  EXPECT_THAT(events("scan_timeout_approaching"), SizeIs(0));
}

TEST_F(RequestsTest, AClockSetBackMakesNoScanImmortal) {
  config.tasks.timeout = 2s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "start"));

  clock.setAhead(-24h);

  waitFor(id, TaskState::timeout);
}

TEST_F(RequestsTest, AClockSetBackMakesNoPauseImmortal) {
  config.tasks.max_paused = 2s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  request(id, TaskRequest::pause);
  waitFor(id, TaskState::paused);

  clock.setAhead(-24h);

  waitFor(id, TaskState::timeout);
}

TEST_F(RequestsTest, AClockThatIsSetNeitherHastensAnEndNorPutsItOff) {
  config.tasks.scanner_outage = 3s;
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  script(backend, R"({"stop": [{"class": "internal", "always": true}]})");
  worker();
  const std::string id = submit("far");
  ASSERT_TRUE(waitForCall(backend, "poll"));
  request(id, TaskRequest::cancel);
  ASSERT_TRUE(waitForCall(backend, "stop"));

  clock.setAhead(24h);
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(task(id).state, TaskState::running);
  clock.setAhead(-24h);

  waitFor(id, TaskState::cancelled);
}

TEST_F(RequestsTest, ALocalScanThatRunsTooLongIsTimedOut) {
  config.tasks.timeout = 1s;
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  worker();

  EXPECT_EQ(waitFor(submit("near"), TaskState::timeout).error_class, ErrorClass::timeout);
}

}  // namespace
}  // namespace scanhost
