// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <thread>

#include "tests/suites/queue_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(QueueSuite, AnUnknownTaskIsNotThere) {
  const auto task = queue().get("nobody", {});
  ASSERT_TRUE(task);
  EXPECT_FALSE(task->has_value());
}

TEST_P(QueueSuite, AListBeginsWithTheNewestAndGoesOnByCursor) {
  for (int i = 0; i < 5; ++i) submitted("t" + std::to_string(i));
  TaskQuery query;
  query.limit = 2;
  query.count_total = true;
  std::vector<std::string> seen;
  int steps = 0;
  do {
    const auto page = queue().list(query, {});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_LE(page->tasks.size(), 2u);
    EXPECT_EQ(page->total, 5u);
    for (const std::string& id : ids(page->tasks)) seen.push_back(id);
    query.cursor = page->next;
  } while (!query.cursor.empty() && ++steps < 20);
  EXPECT_THAT(seen, ElementsAre("t4", "t3", "t2", "t1", "t0"));
}

TEST_P(QueueSuite, AListMayBeginWithTheOldest) {
  submitted("t1");
  submitted("t2");
  TaskQuery query;
  query.oldest_first = true;
  const auto page = queue().list(query, {});
  EXPECT_THAT(ids(page->tasks), ElementsAre("t1", "t2"));
  EXPECT_EQ(page->next, "");
  EXPECT_FALSE(page->total.has_value());
}

TEST_P(QueueSuite, AListIsNarrowedByStateOwnerPoolAndDeadLetter) {
  ended("completed", TaskState::completed);
  {
    const QueuedTask task = running("dead");
    Finish finish;
    finish.state = TaskState::failed;
    finish.dead_letter = true;
    ASSERT_TRUE(queue().finish(task.lease(), finish, {}));
  }
  ended("failed", TaskState::failed);
  submitted("elsewhere", "wan");
  Submission bobs = submission("bobs");
  bobs.owner = "bob";
  ASSERT_TRUE(queue().submit(bobs, {}));
  const auto found = [&](TaskQuery query) {
    query.count_total = true;
    const auto page = queue().list(query, {});
    EXPECT_EQ(page->total, page->tasks.size());
    return ids(page->tasks);
  };
  TaskQuery failed;
  failed.state = TaskState::failed;
  TaskQuery dead;
  dead.dead_letter = true;
  TaskQuery failed_alive = failed;
  failed_alive.dead_letter = false;
  TaskQuery bob;
  bob.owner = "bob";
  TaskQuery wan;
  wan.pool = "wan";
  TaskQuery queued_of_alice;
  queued_of_alice.state = TaskState::queued;
  queued_of_alice.owner = "alice";
  TaskQuery nothing = dead;
  nothing.pool = "wan";

  EXPECT_THAT(found(failed), ElementsAre("failed", "dead"));
  EXPECT_THAT(found(dead), ElementsAre("dead"));
  EXPECT_THAT(found(failed_alive), ElementsAre("failed"));
  EXPECT_THAT(found(bob), ElementsAre("bobs"));
  EXPECT_THAT(found(wan), ElementsAre("elsewhere"));
  EXPECT_THAT(found(queued_of_alice), ElementsAre("elsewhere"));
  EXPECT_THAT(found(nothing), IsEmpty());
}

TEST_P(QueueSuite, AForeignCursorIsRefused) {
  TaskQuery query;
  query.cursor = "nonsense";
  EXPECT_FALSE(queue().list(query, {}));
}

TEST_P(QueueSuite, CountsFollowEveryMove) {
  submitted("t1");
  submitted("t2");
  EXPECT_EQ(poolCounts().queued, 2u);
  EXPECT_EQ(poolCounts().oldest_us, get("t1").created_us);
  const QueuedTask task = leased(1).at(0);
  EXPECT_EQ(poolCounts().queued, 1u);
  EXPECT_EQ(poolCounts().running, 1u);
  EXPECT_EQ(poolCounts().oldest_us, get("t2").created_us);
  Finish finish;
  finish.state = TaskState::failed;
  finish.dead_letter = true;
  ASSERT_TRUE(queue().finish(task.lease(), finish, {}));
  EXPECT_EQ(poolCounts().running, 0u);
  EXPECT_EQ(poolCounts().dead, 1u);
  ASSERT_TRUE(queue().remove("t1", {}));
  EXPECT_EQ(poolCounts().dead, 0u);
  leased(1);
  EXPECT_EQ(poolCounts().oldest_us, 0);
}

TEST_P(QueueSuite, AnnouncedInstancesAreToldUntilTheyAreForgotten) {
  const std::vector<InstanceState> states{{"", "lan", "a", 2, "{\"circuit\":\"open\"}", minute},
                                          {"", "lan", "b", 1, "{}", blink}};
  ASSERT_TRUE(queue().announce("worker-1", states, {}));
  const auto told = queue().instances({});
  ASSERT_EQ(told->size(), 2u);
  EXPECT_EQ(told->at(0).worker, "worker-1");
  EXPECT_EQ(told->at(0).name, "a");
  EXPECT_EQ(told->at(0).limit, 2u);
  EXPECT_EQ(told->at(0).state, "{\"circuit\":\"open\"}");

  wait(2 * blink);

  EXPECT_EQ(queue().instances({})->size(), 1u);
}

TEST_P(QueueSuite, TheNewestAnnouncementCounts) {
  const std::vector<InstanceState> first{{"", "lan", "a", 2, "{\"n\":1}", minute}};
  const std::vector<InstanceState> second{{"", "lan", "a", 3, "{\"n\":2}", minute}};
  ASSERT_TRUE(queue().announce("worker-1", first, {}));
  ASSERT_TRUE(queue().announce("worker-1", second, {}));
  const auto told = queue().instances({});
  ASSERT_EQ(told->size(), 1u);
  EXPECT_EQ(told->at(0).state, "{\"n\":2}");
}

TEST_P(QueueSuite, ChangesAreToldInTheirOrder) {
  const std::uint64_t from = queue().changes(0, {}, {})->gap.value();
  submitted("t1");
  leased(1);
  submitted("t2");
  ASSERT_TRUE(queue().request("t2", TaskRequest::cancel, 1, {}));
  ASSERT_TRUE(queue().remove("t2", {}));

  std::vector<std::pair<std::string, std::optional<TaskState>>> seen;
  std::uint64_t last = from;
  for (int i = 0; i < 10 && seen.size() < 5; ++i) {
    const auto found = queue().changes(last, blink, {});
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->gap.has_value());
    for (const QueueChange& change : found->changes) {
      EXPECT_GT(change.sequence, last);
      last = change.sequence;
      seen.emplace_back(change.id, change.state);
    }
  }

  using Seen = std::pair<std::string, std::optional<TaskState>>;
  EXPECT_THAT(seen, ElementsAre(Seen{"t1", TaskState::queued}, Seen{"t1", TaskState::running},
                                Seen{"t2", TaskState::queued}, Seen{"t2", TaskState::cancelled},
                                Seen{"t2", std::nullopt}));
}

TEST_P(QueueSuite, AWaitForChangesEndsWhenOneComes) {
  const std::uint64_t from = queue().changes(0, {}, {})->gap.value();
  std::optional<QueueChanges> found;
  std::thread waiter([&] {
    if (auto changes = queue().changes(from, std::chrono::seconds(20), {})) found = *changes;
  });
  wait(blink);
  submitted("t1");
  waiter.join();
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->changes.size(), 1u);
  EXPECT_EQ(found->changes[0].id, "t1");
}

TEST_P(QueueSuite, AWaitForChangesEndsWhenItIsCancelled) {
  const std::uint64_t from = queue().changes(0, {}, {})->gap.value();
  const auto source = std::make_shared<CancelSource>();
  std::thread waiter([&] {
    const auto found = queue().changes(from, std::chrono::seconds(60), {.cancel = source});
    EXPECT_FALSE(found);
  });
  source->cancel();
  waiter.join();
}

TEST_P(QueueSuite, WhoIsTooFarBehindIsToldOfAGap) {
  submitted("t1");
  EXPECT_TRUE(queue().changes(1, {}, {})->gap.has_value());
}

TEST_P(QueueSuite, DurabilityIsSaidInWords) {
  const auto found = queue().durability({});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->detail.empty());
}

}  // namespace scanhost::suites
