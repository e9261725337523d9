// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <mutex>
#include <set>
#include <thread>

#include "tests/suites/queue_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;

TEST_P(QueueSuite, AnAcceptedTaskIsToldAsItWasGiven) {
  Submission given = submission("t1");
  given.wanted_instance = "b";
  given.submission = "{\"name\":\"\xC3\xA9\"}";

  const auto answer = queue().submit(given, {});

  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->outcome, QueueOutcome::created);
  const QueuedTask& task = answer->task.value();
  EXPECT_EQ(task.id, "t1");
  EXPECT_EQ(task.trace_id, "trace-t1");
  EXPECT_EQ(task.owner, "alice");
  EXPECT_EQ(task.pool, "lan");
  EXPECT_EQ(task.wanted_instance, "b");
  EXPECT_EQ(task.submission, given.submission);
  EXPECT_EQ(task.created_us, given.created_us);
  EXPECT_EQ(task.state, TaskState::queued);
  EXPECT_EQ(task.attempt, 1);
  EXPECT_EQ(task.epoch, 0u);
  EXPECT_EQ(task.started_us, 0);
}

TEST_P(QueueSuite, PositionCountsWithinThePool) {
  EXPECT_EQ(submitted("t1").position, 1u);
  EXPECT_EQ(submitted("t2").position, 2u);
  EXPECT_EQ(submitted("other", "wan").position, 1u);

  leased(1);

  EXPECT_EQ(get("t2").position, 1u);
  EXPECT_EQ(get("t1").position, 0u);
}

TEST_P(QueueSuite, AnEqualSubmissionUnderAKeyIsReplayed) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  Submission again = submission("t2");
  again.key = "k";
  again.key_hash = "h";
  again.key_ttl = minute;

  const auto answer = queue().submit(again, {});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->outcome, QueueOutcome::replay);
  EXPECT_EQ(answer->task.value().id, "t1");
  EXPECT_EQ(answer->task->position, 1u);
  EXPECT_FALSE(queue().get("t2", {})->has_value());
}

TEST_P(QueueSuite, AReplayTellsTheTaskInWhateverStateItIs) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  const auto tasks = leased(1);
  ASSERT_TRUE(queue().finish(tasks.at(0).lease(), {}, {}));
  first.id = "t2";

  const auto answer = queue().submit(first, {});

  EXPECT_EQ(answer->outcome, QueueOutcome::replay);
  EXPECT_EQ(answer->task.value().state, TaskState::completed);
}

TEST_P(QueueSuite, AnotherSubmissionUnderAKeyIsAConflict) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  first.id = "t2";
  first.key_hash = "other";

  const auto answer = queue().submit(first, {});

  EXPECT_EQ(answer->outcome, QueueOutcome::conflict);
  EXPECT_FALSE(answer->task.has_value());
}

TEST_P(QueueSuite, AKeyBelongsToItsOwner) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  first.id = "t2";
  first.owner = "bob";
  first.key_hash = "other";
  EXPECT_EQ(queue().submit(first, {})->outcome, QueueOutcome::created);
}

TEST_P(QueueSuite, AKeyIsForgottenAfterItsTime) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = blink;
  ASSERT_TRUE(queue().submit(first, {}));
  wait(2 * blink);
  first.id = "t2";
  first.key_hash = "other";
  EXPECT_EQ(queue().submit(first, {})->outcome, QueueOutcome::created);
}

TEST_P(QueueSuite, AFullPoolTakesNoMoreAndReservesNothing) {
  Submission first = submission("t1");
  first.cap = 1;
  ASSERT_EQ(queue().submit(first, {})->outcome, QueueOutcome::created);
  Submission second = submission("t2");
  second.cap = 1;
  second.key = "k";
  second.key_ttl = minute;
  EXPECT_EQ(queue().submit(second, {})->outcome, QueueOutcome::full);
  EXPECT_EQ(poolCounts().queued, 1u);

  leased(1);

  EXPECT_EQ(queue().submit(second, {})->outcome, QueueOutcome::created);
}

TEST_P(QueueSuite, AFullPoolStillReplays) {
  Submission first = submission("t1");
  first.cap = 1;
  first.key = "k";
  first.key_ttl = minute;
  ASSERT_EQ(queue().submit(first, {})->outcome, QueueOutcome::created);
  first.id = "t2";
  EXPECT_EQ(queue().submit(first, {})->outcome, QueueOutcome::replay);
}

TEST_P(QueueSuite, ATakenIdIsRefused) {
  submitted("t1");
  EXPECT_EQ(queue().submit(submission("t1"), {})->outcome, QueueOutcome::id_taken);
}

TEST_P(QueueSuite, AHundredSubmissionsAtOnceUnderOneKeyMakeOneTask) {
  std::vector<Submission> submissions;
  for (int i = 0; i < 100; ++i) {
    submissions.push_back(submission("t" + std::to_string(i)));
    submissions.back().key = "k";
    submissions.back().key_hash = "h";
    submissions.back().key_ttl = minute;
  }
  std::mutex mutex;
  std::set<std::string> told;
  int created = 0, replayed = 0;

  std::vector<std::thread> threads;
  for (const Submission& one : submissions)
    threads.emplace_back([&] {
      const auto answer = queue().submit(one, {});
      const std::lock_guard lock(mutex);
      if (!answer || !answer->task) return;
      told.insert(answer->task->id);
      created += answer->outcome == QueueOutcome::created;
      replayed += answer->outcome == QueueOutcome::replay;
    });
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(replayed, 99);
  EXPECT_EQ(poolCounts().queued, 1u);
}

TEST_P(QueueSuite, AcceptedTasksAndTheirKeysAreThereAfterARestart) {
  Submission first = submission("t1");
  first.key = "k";
  first.key_hash = "h";
  first.key_ttl = minute;
  ASSERT_TRUE(queue().submit(first, {}));
  const auto tasks = leased(1);
  ASSERT_EQ(tasks.size(), 1u);
  advanced(tasks[0], {.intent = true,
                      .reference = "42",
                      .run_id = {},
                      .progress = "{}",
                      .state = {},
                      .launch = {}});
  submitted("t2");

  reopen();

  EXPECT_EQ(get("t2").state, TaskState::queued);
  EXPECT_EQ(get("t1").reference, "42");
  EXPECT_EQ(renewed(tasks[0]), QueueOutcome::done);
  first.id = "t3";
  EXPECT_EQ(queue().submit(first, {})->outcome, QueueOutcome::replay);
  EXPECT_EQ(poolCounts().queued, 1u);
  EXPECT_EQ(activeOn("a"), 1u);
}

}  // namespace scanhost::suites
