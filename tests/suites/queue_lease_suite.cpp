// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <set>
#include <thread>

#include "tests/suites/queue_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

namespace {

Change intent() {
  Change change;
  change.intent = true;
  return change;
}
Change reference(const std::string& text) {
  Change change;
  change.reference = text;
  return change;
}
Release backToQueue(std::chrono::nanoseconds delay = {}) {
  Release release;
  release.delay = delay;
  return release;
}
Release staysRunning() {
  Release release;
  release.stay_running = true;
  return release;
}

}  // namespace

TEST_P(QueueSuite, AnEmptyQueueLeasesNothing) {
  EXPECT_TRUE(leased(5).empty());
}

TEST_P(QueueSuite, TheOldestTaskIsLeasedFirst) {
  submitted("t1");
  submitted("t2");
  submitted("t3");
  EXPECT_THAT(ids(leased(2)), ElementsAre("t1", "t2"));
  EXPECT_THAT(ids(leased(2)), ElementsAre("t3"));
}

TEST_P(QueueSuite, AGrantTellsAllThatItsHolderNeeds) {
  submitted("t1");

  const QueuedTask task = leased(1).at(0);

  EXPECT_EQ(task.state, TaskState::running);
  EXPECT_EQ(task.epoch, 1u);
  EXPECT_NE(task.token, LeaseToken{});
  EXPECT_EQ(task.instance, "a");
  EXPECT_EQ(task.worker, "worker-1");
  EXPECT_EQ(task.previous_worker, "");
  EXPECT_GT(task.started_us, 0);
  EXPECT_GT(task.lease_left, minute / 2);
  EXPECT_LE(task.lease_left, minute);
  EXPECT_EQ(task.submission, R"({"targets":"10.0.0.1"})");
}

TEST_P(QueueSuite, OnlyAGrantTellsItsToken) {
  running("t1");
  EXPECT_EQ(get("t1").token, LeaseToken{});
  EXPECT_EQ(get("t1").epoch, 1u);
}

TEST_P(QueueSuite, OnlyPoolsOfTheRequestAreServed) {
  submitted("t1", "wan");
  EXPECT_TRUE(leased(1).empty());
  EXPECT_THAT(ids(leased(1, minute, {{"wan", "w", 1}})), ElementsAre("t1"));
}

TEST_P(QueueSuite, TasksGoToTheLeastLoadedInstance) {
  for (int i = 0; i < 6; ++i) submitted("t" + std::to_string(i));
  leased(6, minute, {{"lan", "a", 2}, {"lan", "b", 4}});
  EXPECT_EQ(activeOn("a"), 2u);
  EXPECT_EQ(activeOn("b"), 4u);
}

TEST_P(QueueSuite, LoadIsSharedInTheRatioOfTheLimits) {
  for (int i = 0; i < 3; ++i) submitted("t" + std::to_string(i));
  leased(3, minute, {{"lan", "a", 10}, {"lan", "b", 20}});
  EXPECT_EQ(activeOn("a"), 1u);
  EXPECT_EQ(activeOn("b"), 2u);
}

TEST_P(QueueSuite, NoInstanceExceedsItsLimit) {
  for (int i = 0; i < 5; ++i) submitted("t" + std::to_string(i));
  EXPECT_EQ(leased(5, minute, {{"lan", "a", 2}}).size(), 2u);
  EXPECT_TRUE(leased(5, minute, {{"lan", "a", 2}}, "worker-2").empty());
}

TEST_P(QueueSuite, NoInstanceExceedsItsLimitWhenManyWorkersAskAtOnce) {
  for (int i = 0; i < 40; ++i) submitted("t" + std::to_string(i));
  std::atomic<std::size_t> granted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      LeaseRequest request;
      request.max_tasks = 7;
      request.worker = "w" + std::to_string(i);
      request.lease = minute;
      request.instances = {{"lan", "a", 10}};
      if (const auto tasks = queue().lease(request, {})) granted += tasks->size();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted, 10u);
  EXPECT_EQ(activeOn("a"), 10u);
}

TEST_P(QueueSuite, EachTaskIsGrantedOnceHoweverManyAsk) {
  constexpr int count = 60;
  for (int i = 0; i < count; ++i) submitted("t" + std::to_string(i));
  std::mutex mutex;
  std::multiset<std::string> granted;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        LeaseRequest request;
        request.max_tasks = 3;
        request.worker = "w";
        request.lease = minute;
        request.instances = {{"lan", "a", 1000}};
        const auto tasks = queue().lease(request, {});
        const std::lock_guard lock(mutex);
        if (tasks)
          for (const QueuedTask& task : *tasks) granted.insert(task.id);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(std::set<std::string>(granted.begin(), granted.end()).size(),
            static_cast<std::size_t>(count));
}

TEST_P(QueueSuite, AWantedInstanceBindsAndDoesNotBlockOthers) {
  Submission bound = submission("t1");
  bound.wanted_instance = "b";
  ASSERT_TRUE(queue().submit(bound, {}));
  submitted("t2");

  EXPECT_THAT(ids(leased(5)), ElementsAre("t2"));
  const auto tasks = leased(5, minute, {{"lan", "b", 1}});
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].instance, "b");
}

TEST_P(QueueSuite, ARunningLeaseIsLeftAlone) {
  running("t1");
  EXPECT_TRUE(leased(1, minute, {{"lan", "a", 10}}, "worker-2").empty());
}

TEST_P(QueueSuite, AnExpiredLeaseIsTakenOver) {
  const QueuedTask first = running("t1", blink);
  wait(2 * blink);
  EXPECT_LT(get("t1").lease_left.count(), 0);

  const auto taken = leased(1, minute, {{"lan", "a", 10}}, "worker-2");

  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].epoch, first.epoch + 1);
  EXPECT_NE(taken[0].token, first.token);
  EXPECT_EQ(taken[0].takeovers, 1);
  EXPECT_EQ(taken[0].worker, "worker-2");
  EXPECT_EQ(taken[0].previous_worker, "worker-1");
  EXPECT_EQ(taken[0].started_us, first.started_us);
  EXPECT_EQ(taken[0].attempt, 1);
  EXPECT_EQ(activeOn("a"), 1u);
}

TEST_P(QueueSuite, ExpiredTasksThatAWorkerHasNoRoomForHideNoneOfItsOwn) {
  for (const char* id : {"b1", "b2", "b3"}) submitted(id);
  ASSERT_EQ(leased(3, blink, {{"lan", "b", 10}}).size(), 3u);
  submitted("a1");
  ASSERT_EQ(leased(1, blink, {{"lan", "a", 1}}).size(), 1u);
  wait(2 * blink);

  EXPECT_THAT(ids(leased(1, minute, {{"lan", "a", 1}}, "worker-2")), ElementsAre("a1"));
  EXPECT_THAT(ids(leased(9, minute, {{"lan", "a", 3}}, "worker-2")), SizeIs(2));
  EXPECT_EQ(activeOn("a"), 3u);
  EXPECT_EQ(activeOn("b"), 1u);
}

TEST_P(QueueSuite, AnExpiredLeaseMayBeRenewedWhileNobodyTookIt) {
  const QueuedTask task = running("t1", blink);
  wait(2 * blink);
  EXPECT_EQ(renewed(task), QueueOutcome::done);
  EXPECT_TRUE(leased(1).empty());
}

TEST_P(QueueSuite, AnExpiredLeaseIsLeftAloneForTheGraceAfterAnOutage) {
  running("t1", blink);
  wait(2 * blink);
  LeaseRequest request;
  request.max_tasks = 1;
  request.worker = "worker-2";
  request.lease = minute;
  request.instances = {{"lan", "a", 10}};
  request.takeover_grace = minute;
  EXPECT_TRUE(queue().lease(request, {})->empty());
  request.takeover_grace = {};
  EXPECT_EQ(queue().lease(request, {})->size(), 1u);
}

TEST_P(QueueSuite, ATakeoverOnTheSameInstanceNeedsNoFreePlace) {
  running("t1", blink);
  wait(2 * blink);
  EXPECT_EQ(leased(1, minute, {{"lan", "a", 1}}).size(), 1u);
}

TEST_P(QueueSuite, AGoodPollMakesTakeoversCountAnew) {
  running("t1", blink);
  wait(2 * blink);
  const QueuedTask taken = leased(1, minute).at(0);
  ASSERT_EQ(taken.takeovers, 1);
  const std::vector<Renewal> renewals{{taken.lease(), true, "{\"p\":5}"}};

  const auto outcomes = queue().renew(renewals, minute, {});

  EXPECT_EQ(outcomes->at(0).outcome, QueueOutcome::done);
  EXPECT_EQ(get("t1").takeovers, 0);
  EXPECT_EQ(get("t1").progress, "{\"p\":5}");
}

TEST_P(QueueSuite, ATaskWithARemoteScanGoesToItsInstanceOnly) {
  const QueuedTask task = running("t1", blink);
  advanced(task, reference("42"));
  wait(2 * blink);
  EXPECT_TRUE(leased(1, minute, {{"lan", "b", 10}}).empty());
  const auto taken = leased(1, minute, {{"lan", "b", 10}, {"lan", "a", 10}});
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].instance, "a");
  EXPECT_EQ(taken[0].reference, "42");
}

TEST_P(QueueSuite, ALaunchInDoubtIsLookedForWhereItWasMade) {
  const QueuedTask task = running("t1", blink);
  advanced(task, intent());
  wait(2 * blink);
  EXPECT_TRUE(leased(1, minute, {{"lan", "b", 10}}).empty());
  EXPECT_EQ(leased(1, minute, {{"lan", "a", 10}}).size(), 1u);
}

TEST_P(QueueSuite, ATaskThatTouchedNoScannerMayMove) {
  running("t1", blink);
  wait(2 * blink);
  const auto taken = leased(1, minute, {{"lan", "b", 10}});
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].instance, "b");
  EXPECT_EQ(activeOn("a"), 0u);
  EXPECT_EQ(activeOn("b"), 1u);
}

TEST_P(QueueSuite, AReleasedRunningTaskIsFollowedByAnotherWithoutATakeover) {
  const QueuedTask task = running("t1");
  advanced(task, reference("42"));
  EXPECT_EQ(*queue().release(task.lease(), staysRunning(), {}), QueueOutcome::done);
  EXPECT_EQ(get("t1").state, TaskState::running);
  EXPECT_EQ(activeOn("a"), 1u);

  const auto taken = leased(1, minute, {{"lan", "a", 1}}, "worker-2");

  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].takeovers, 0);
  EXPECT_EQ(taken[0].reference, "42");
  EXPECT_EQ(taken[0].previous_worker, "worker-1");
}

TEST_P(QueueSuite, AReleasedTaskWaitsAgainWithoutItsRemoteScan) {
  const QueuedTask task = running("t1");
  advanced(task, intent());
  advanced(task, reference("42"));

  EXPECT_EQ(*queue().release(task.lease(), backToQueue(), {}), QueueOutcome::done);

  const QueuedTask waiting = get("t1");
  EXPECT_EQ(waiting.state, TaskState::queued);
  EXPECT_EQ(waiting.reference, "");
  EXPECT_EQ(waiting.launch, 1u);
  EXPECT_EQ(waiting.attempt, 1);
  EXPECT_EQ(activeOn("a"), 0u);
  EXPECT_EQ(leased(1, minute, {{"lan", "b", 1}}).size(), 1u);
}

TEST_P(QueueSuite, AReleaseMaySpendAnAttemptAndSayWhy) {
  const QueuedTask task = running("t1");
  Release release = backToQueue();
  release.spend_attempt = true;
  release.error_class = ErrorClass::transient;
  release.error_message = "connection reset";
  ASSERT_TRUE(queue().release(task.lease(), release, {}));
  EXPECT_EQ(get("t1").attempt, 2);
  EXPECT_EQ(get("t1").error_class, ErrorClass::transient);
  EXPECT_EQ(get("t1").error_message, "connection reset");
}

TEST_P(QueueSuite, ADelayedTaskIsLeasedWhenItsDelayIsOver) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().release(task.lease(), backToQueue(2 * blink), {}));
  EXPECT_GT(get("t1").delay.count(), 0);
  EXPECT_EQ(poolCounts().delayed, 1u);
  EXPECT_EQ(poolCounts().queued, 1u);
  EXPECT_TRUE(leased(1).empty());

  wait(3 * blink);

  EXPECT_EQ(get("t1").delay.count(), 0);
  EXPECT_EQ(poolCounts().delayed, 0u);
  EXPECT_EQ(leased(1).size(), 1u);
}

TEST_P(QueueSuite, StartedIsSetOnce) {
  const QueuedTask task = running("t1");
  ASSERT_TRUE(queue().release(task.lease(), backToQueue(), {}));
  EXPECT_EQ(leased(1).at(0).started_us, task.started_us);
}

TEST_P(QueueSuite, APausedTaskWhoseLeaseEndedStaysPausedWithItsNextHolder) {
  const QueuedTask task = running("t1", blink);
  Change change = reference("42");
  change.state = TaskState::paused;
  advanced(task, change);
  wait(2 * blink);
  EXPECT_EQ(leased(1).at(0).state, TaskState::paused);
}

TEST_P(QueueSuite, AnInstanceWithoutAnyRoomTakesOverItsOwnAndNothingNew) {
  running("t1", blink);
  submitted("t2");
  wait(2 * blink);
  EXPECT_THAT(ids(leased(10, minute, {{"lan", "a", 0}})), ElementsAre("t1"));
}

}  // namespace scanhost::suites
