// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/change_watch.h"

#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

class ChangeWatchTest : public DispatcherTest {
 protected:
  std::size_t toldOf(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(told_.begin(), told_.end(), id));
  }
  void take(const QueueChanges& changes) {
    const std::lock_guard lock(mutex_);
    ready_ = ready_ || changes.gap;
    for (const QueueChange& change : changes.changes) told_.push_back(change.id);
  }
  bool ready() {
    const std::lock_guard lock(mutex_);
    return ready_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
  bool ready_ = false;
};

TEST_F(ChangeWatchTest, TellsWhatChangesFromItsBeginningOn) {
  addScanner("far", ScannerKind::remote);
  const std::string before = submit("far");
  const ChangeWatch watch(*queue, [this](const QueueChanges& changes) { take(changes); });
  ASSERT_TRUE(eventually([this] { return ready(); }));

  const std::string after = submit("far");

  EXPECT_TRUE(eventually([&] { return toldOf(after) == 1; }));
  EXPECT_EQ(toldOf(before), 0u);
}

TEST_F(ChangeWatchTest, GoesOnFromWhereItWasWhenItWaitsAnew) {
  addScanner("far", ScannerKind::remote);
  ChangeWatch watch(*queue, [this](const QueueChanges& changes) { take(changes); });
  ASSERT_TRUE(eventually([this] { return ready(); }));
  const std::string first = submit("far");
  ASSERT_TRUE(eventually([&] { return toldOf(first) == 1; }));

  watch.waitAnew();
  const std::string second = submit("far");

  EXPECT_TRUE(eventually([&] { return toldOf(second) == 1; }));
  EXPECT_EQ(toldOf(first), 1u);
}

TEST_F(ChangeWatchTest, EndsAtOnceWhileItWaits) {
  const auto began = Clock::now();
  {
    const ChangeWatch watch(*queue, [](const QueueChanges&) {});
  }
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(5));
}

TEST_F(ChangeWatchTest, ATaskIsTakenAndACancelReachesItsWorkerThroughIt) {
  addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}}));
  Dispatcher& dispatcher = worker();
  const ChangeWatch watch(*queue,
                          [&](const QueueChanges& changes) { dispatcher.changed(changes); });
  const std::string id = submit("far");
  waitFor(id, TaskState::running);

  ASSERT_TRUE(queue->request(id, TaskRequest::cancel, 1, {}));

  waitFor(id, TaskState::cancelled);
}

}  // namespace
}  // namespace scanhost
