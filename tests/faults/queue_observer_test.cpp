// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the observer makes of queue-redis's own scripts, seen through MONITOR on a real server.
#include "tests/faults/queue_observer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "host/plugins/queue_client.h"
#include "tests/suites/loaded_plugin.h"
#include "tests/support/redis_server.h"

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;

class Observed : public testing::Test {
 protected:
  Observed()
      : plugin_(SCANHOST_BINARY_DIR "/plugins/queue-redis.so", SCANHOST_QUEUE_ID,
                Json::object({{"url", server_.url()}}).dump(), folder_.path()),
        started_(plugin_.start()),
        queue_("queue-redis", plugin_.table(), plugin_.self()),
        observer_([this](Event event) { history_.add(std::move(event)); },
                  [this] { return server_.port(); }) {
    Submission made;
    made.id = "t1";
    made.trace_id = "trace";
    made.owner = "alice";
    made.pool = "lan";
    made.submission = "{}";
    made.created_us = 1;
    made.cap = 10;
    made.key = "k1";
    made.key_hash = "h";
    made.key_ttl = 1min;
    EXPECT_TRUE(queue_.submit(made, {}));
  }

  QueuedTask lease() {
    LeaseRequest request;
    request.max_tasks = 1;
    request.worker = "n1-01234567";
    request.lease = 1min;
    request.now_us = 1;
    request.instances = {{"lan", "a", 100}};
    return queue_.lease(request, {})->at(0);
  }

  std::vector<std::string> seen() {
    std::this_thread::sleep_for(500ms);
    std::vector<std::string> lines;
    for (const Event& event : history_.events())
      if (event.what != What::blind)
        lines.push_back(std::string(nameOf(event.what)) +
                        (event.detail.empty() ? "" : " " + event.detail) +
                        (event.epoch == 0 ? "" : " " + std::to_string(event.epoch)));
    return lines;
  }

  History history_;
  testing_support::RedisServer server_;
  testing_support::Folder folder_;
  suites::LoadedPlugin plugin_;
  Status started_;
  QueueClient queue_;
  QueueObserver observer_;
};

TEST_F(Observed, ALifeOfATaskIsSeen) {
  const QueuedTask task = lease();
  Change intent;
  intent.intent = true;
  ASSERT_TRUE(queue_.advance(task.lease(), intent, {}));
  Change reference;
  reference.reference = "5";
  ASSERT_TRUE(queue_.advance(task.lease(), reference, {}));
  ASSERT_TRUE(queue_.renew(std::vector<Renewal>{{task.lease(), true, "{}"}}, 1min, {}));
  Finish finish;
  finish.state = TaskState::completed;
  ASSERT_EQ(*queue_.finish(task.lease(), finish, {}), QueueOutcome::done);
  EXPECT_THAT(seen(),
              testing::ElementsAre("stored", "granted 1", "written advance 1", "written advance 1",
                                   "written renew 1", "written finish 1", "ended 3"));
  const auto events = history_.events();
  const auto granted = std::find_if(events.begin(), events.end(),
                                    [](const Event& event) { return event.what == What::granted; });
  EXPECT_EQ(granted->node, "n1");
  EXPECT_EQ(granted->token.size(), 32u);
}

TEST_F(Observed, EachOfManyEndedByOneScriptIsSeen) {
  constexpr int tasks = 20;  // at once, so that they share a script
  Submission made;
  made.owner = "alice";
  made.pool = "lan";
  made.cap = 100;
  for (int i = 0; i < tasks; ++i) {
    made.id = "s" + std::to_string(i);
    ASSERT_TRUE(queue_.submit(made, {}));
  }
  std::vector<QueuedTask> leased;
  for (int i = 0; i < tasks; ++i) leased.push_back(lease());

  std::vector<std::thread> threads;
  for (const QueuedTask& task : leased)
    threads.emplace_back([this, &task] { queue_.finish(task.lease(), {}, {}); });
  for (std::thread& thread : threads) thread.join();

  const auto lines = seen();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "written finish 1"), tasks);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "ended 3"), tasks);
}

TEST_F(Observed, AReleaseIsSeenAndWhatItSpends) {
  Release release;
  release.spend_attempt = true;
  ASSERT_EQ(*queue_.release(lease().lease(), release, {}), QueueOutcome::done);
  EXPECT_THAT(seen(), testing::ElementsAre("stored", "granted 1", "written release 1", "spent"));
}

TEST_F(Observed, ARequestOfAClientClaimsNoLease) {
  lease();
  ASSERT_TRUE(queue_.request("t1", TaskRequest::cancel, 1'795'532'253'774'506, {}));
  EXPECT_THAT(seen(), testing::ElementsAre("stored", "granted 1"));
}

TEST_F(Observed, ARefusedWriteIsNotSeenAsWritten) {
  Lease old = lease().lease();
  old.epoch = 9;
  ASSERT_NE(*queue_.finish(old, {}, {}), QueueOutcome::done);
  ASSERT_TRUE(queue_.renew(std::vector<Renewal>{{old, true, "{}"}}, 1min, {}));
  EXPECT_THAT(seen(), testing::ElementsAre("stored", "granted 1"));
}

}  // namespace
}  // namespace scanhost::faults
