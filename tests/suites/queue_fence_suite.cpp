// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/suites/queue_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;

TEST_P(QueueSuite, AWorkerThatLostItsLeaseChangesNothing) {
  const QueuedTask stale = running("t1", blink);
  wait(2 * blink);
  const QueuedTask holder = leased(1, minute, {{"lan", "a", 10}}, "worker-2").at(0);
  Change change;
  change.intent = true;
  Release release;
  release.stay_running = true;

  EXPECT_EQ(renewed(stale), QueueOutcome::lease_lost);
  EXPECT_EQ(queue().advance(stale.lease(), change, {})->outcome, QueueOutcome::lease_lost);
  EXPECT_EQ(*queue().finish(stale.lease(), {}, {}), QueueOutcome::lease_lost);
  EXPECT_EQ(*queue().release(stale.lease(), release, {}), QueueOutcome::lease_lost);

  const QueuedTask now = get("t1");
  EXPECT_EQ(now.state, TaskState::running);
  EXPECT_EQ(now.launch, 0u);
  EXPECT_EQ(now.worker, "worker-2");
  EXPECT_EQ(renewed(holder), QueueOutcome::done);
}

TEST_P(QueueSuite, TheRightEpochWithAnotherTokenHoldsNothing) {
  const QueuedTask task = running("t1");
  Lease forged = task.lease();
  forged.token[7] ^= 1;
  EXPECT_EQ(*queue().finish(forged, {}, {}), QueueOutcome::lease_lost);
}

TEST_P(QueueSuite, AReleasedLeaseHoldsNothing) {
  const QueuedTask task = running("t1");
  Release release;
  release.stay_running = true;
  ASSERT_TRUE(queue().release(task.lease(), release, {}));
  EXPECT_EQ(renewed(task), QueueOutcome::lease_lost);
}

TEST_P(QueueSuite, AnEndedTaskIsHeldByNobody) {
  const QueuedTask task = running("t1");
  ASSERT_EQ(*queue().finish(task.lease(), {}, {}), QueueOutcome::done);
  EXPECT_EQ(*queue().finish(task.lease(), {}, {}), QueueOutcome::lease_lost);
  EXPECT_EQ(renewed(task), QueueOutcome::lease_lost);
}

TEST_P(QueueSuite, AWriteToAnUnknownTaskSaysSo) {
  Lease lease;
  lease.id = "nobody";
  EXPECT_EQ(queue().advance(lease, {}, {})->outcome, QueueOutcome::not_found);
  EXPECT_EQ(*queue().finish(lease, {}, {}), QueueOutcome::not_found);
  EXPECT_EQ(*queue().release(lease, {}, {}), QueueOutcome::not_found);
}

TEST_P(QueueSuite, ManyLeasesAreRenewedAtOnceEachWithItsOutcome) {
  submitted("t1");
  submitted("t2");
  const auto tasks = leased(2, blink);
  ASSERT_TRUE(queue().request("t2", TaskRequest::cancel, 1, {}));
  Lease lost = tasks[0].lease();
  lost.epoch = 99;
  Lease unknown;
  unknown.id = "nobody";
  const std::vector<Renewal> renewals{{tasks[0].lease(), false, "{\"a\":1}"},
                                      {lost, false, ""},
                                      {unknown, false, ""},
                                      {tasks[1].lease(), false, ""}};

  const auto outcomes = queue().renew(renewals, minute, {});

  ASSERT_TRUE(outcomes);
  EXPECT_EQ(outcomes->at(0).outcome, QueueOutcome::done);
  EXPECT_EQ(outcomes->at(1).outcome, QueueOutcome::lease_lost);
  EXPECT_EQ(outcomes->at(1).found_epoch, 1u);
  EXPECT_EQ(outcomes->at(2).outcome, QueueOutcome::not_found);
  EXPECT_EQ(outcomes->at(3).outcome, QueueOutcome::done);
  EXPECT_TRUE(outcomes->at(3).flags.cancel_requested);
  EXPECT_EQ(get("t1").progress, "{\"a\":1}");
  wait(2 * blink);
  EXPECT_GT(get("t2").lease_left, minute / 2);
}

TEST_P(QueueSuite, AnEmptyProgressKeepsTheStoredOne) {
  const QueuedTask task = running("t1");
  const std::vector<Renewal> first{{task.lease(), false, "{\"p\":1}"}};
  ASSERT_TRUE(queue().renew(first, minute, {}));
  renewed(task);
  EXPECT_EQ(get("t1").progress, "{\"p\":1}");
}

TEST_P(QueueSuite, AnIntentIsNumberedAndForgetsTheScanBefore) {
  const QueuedTask task = running("t1");
  Change launch;
  launch.intent = true;
  EXPECT_EQ(advanced(task, launch).launch, 1u);
  Change created;
  created.reference = "42";
  created.run_id = "run-1";
  EXPECT_EQ(advanced(task, created).run_id, "run-1");

  const QueuedTask again = advanced(task, launch);

  EXPECT_EQ(again.launch, 2u);
  EXPECT_EQ(again.reference, "");
  EXPECT_EQ(again.run_id, "");
}

TEST_P(QueueSuite, AnAdoptedScanSetsItsLaunchNumber) {
  const QueuedTask task = running("t1");
  Change adopt;
  adopt.launch = 7;
  adopt.reference = "42";
  const QueuedTask adopted = advanced(task, adopt);
  EXPECT_EQ(adopted.launch, 7u);
  EXPECT_EQ(adopted.reference, "42");
}

TEST_P(QueueSuite, ARunningTaskIsPausedAndRunsAgain) {
  const QueuedTask task = running("t1");
  Change change;
  change.state = TaskState::paused;
  EXPECT_EQ(advanced(task, change).state, TaskState::paused);
  EXPECT_EQ(poolCounts().paused, 1u);
  EXPECT_EQ(activeOn("a"), 1u);
  change.state = TaskState::running;
  EXPECT_EQ(advanced(task, change).state, TaskState::running);
  EXPECT_EQ(poolCounts().running, 1u);
}

TEST_P(QueueSuite, AdvanceCannotEndATask) {
  const QueuedTask task = running("t1");
  Change change;
  change.state = TaskState::completed;
  EXPECT_EQ(queue().advance(task.lease(), change, {})->outcome, QueueOutcome::wrong_state);
  EXPECT_EQ(get("t1").state, TaskState::running);
}

TEST_P(QueueSuite, AFinishedTaskKeepsWhatWasSaidOfItsEnd) {
  const QueuedTask task = running("t1");
  Finish finish;
  finish.state = TaskState::failed;
  finish.dead_letter = true;
  finish.error_class = ErrorClass::lost;
  finish.error_message = "the scan is gone";
  finish.generation = "g1";
  finish.completed_us = 77;
  finish.progress = "{\"p\":9}";

  EXPECT_EQ(*queue().finish(task.lease(), finish, {}), QueueOutcome::done);

  const QueuedTask done = get("t1");
  EXPECT_EQ(done.state, TaskState::failed);
  EXPECT_TRUE(done.flags.dead_letter);
  EXPECT_EQ(done.error_class, ErrorClass::lost);
  EXPECT_EQ(done.error_message, "the scan is gone");
  EXPECT_EQ(done.generation, "g1");
  EXPECT_EQ(done.completed_us, 77);
  EXPECT_EQ(done.progress, "{\"p\":9}");
  EXPECT_EQ(poolCounts().dead, 1u);
  EXPECT_EQ(poolCounts().running, 0u);
  EXPECT_EQ(activeOn("a"), 0u);
}

TEST_P(QueueSuite, FinishNeedsATerminalState) {
  const QueuedTask task = running("t1");
  Finish finish;
  finish.state = TaskState::queued;
  EXPECT_EQ(*queue().finish(task.lease(), finish, {}), QueueOutcome::wrong_state);
  EXPECT_EQ(get("t1").state, TaskState::running);
}

}  // namespace scanhost::suites
