// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of accepted tasks when the queue forgets, falls silent or answers too late.
#include "host/tasks/reconciler.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "host/tasks/accepting.h"
#include "host/tasks/forgetful_queue_test.h"
#include "host/tasks/task_documents.h"
#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class ReconcilerTest : public testing::Test {
 protected:
  static Submission asked(const std::string& id, const std::string& key = "") {
    SubmissionDocument document;
    document.name = "scan";
    Submission submission;
    submission.id = id;
    submission.owner = "alice";
    submission.pool = "lan";
    submission.submission = document.toText();
    submission.created_us = Timestamp::now().micros;
    submission.cap = 3;
    submission.key = key;
    submission.key_hash = "h";
    submission.key_ttl = 1h;
    return submission;
  }
  Result<TaskAnswer> submit(const Submission& submission) {
    return accepting_.submit(submission, {});
  }
  /// Time passes, in steps that let every look come that is due.
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now_ + time; now_ < end; now_ += 1s) reconciler_->turn(now_);
  }
  /// As the node does when it starts again.
  void restart() {
    reconciler_.reset();
    journal_.reset();
    open();
  }
  std::size_t events(const std::string& name) {
    for (;;) {
      const auto batch = subscription_->waitBatch(1000, 0ms);
      if (batch.empty()) break;
      seen_.insert(seen_.end(), batch.begin(), batch.end());
    }
    return static_cast<std::size_t>(std::count_if(
        seen_.begin(), seen_.end(), [&](const EventPtr& event) { return event->event == name; }));
  }
  bool eventuallyEmpty() {
    for (int i = 0; i < 200 && journal_->size() > 0; ++i) std::this_thread::sleep_for(10ms);
    return journal_->size() == 0;
  }
  void open(Reconciler::Pace pace = {}) {
    if (!journal_) journal_ = std::move(*AcceptJournal::open(folder_.path(), {}));
    reconciler_.emplace(client_, *journal_, task_events_, pace);
  }

  testing_support::Folder folder_;
  ForgetfulQueue queue_;
  QueueClient client_ = queue_.client();
  EventLog log_{{.level = Level::debug, .on_dropped = {}, .fallback_fd = -1}};
  std::unique_ptr<EventSubscription> subscription_ = log_.subscribe("test");
  std::vector<EventPtr> seen_;
  TaskEvents task_events_{log_};
  std::unique_ptr<AcceptJournal> journal_ = std::move(*AcceptJournal::open(folder_.path(), {}));
  DurabilityWatch durability_{client_, "forgetful", log_, {}};
  Accepting accepting_{client_, durability_, journal_.get(), log_};
  std::optional<Reconciler> reconciler_{std::in_place, client_, *journal_, task_events_,
                                        Reconciler::Pace{}};
  Reconciler::Clock::time_point now_ = Reconciler::Clock::now();
};

TEST_F(ReconcilerTest, WhatTheQueueForgotIsGivenAgainUnderItsIdAndKey) {
  for (const char* id : {"t1", "t2", "t3"}) ASSERT_TRUE(submit(asked(id, std::string("k") + id)));
  queue_.tasks.clear();
  queue_.keys.clear();
  pass(15s);
  ASSERT_EQ(queue_.tasks.size(), 3u);  // whatever the cap is
  EXPECT_EQ(queue_.keys.at("kt2"), "t2");
  EXPECT_EQ(events("task_resubmitted"), 3u);
  const auto document = SubmissionDocument::parse(queue_.tasks["t1"].second.submission, "t1");
  EXPECT_TRUE(document->resubmitted);
  EXPECT_EQ(document->name, "scan");
  pass(60s);
  EXPECT_EQ(events("task_resubmitted"), 3u);
}

TEST_F(ReconcilerTest, WhatWasAcceptedBeforeAKillIsLookedAfterAtOnce) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.forget("t1");
  restart();
  pass(1s);
  EXPECT_TRUE(queue_.tasks.contains("t1"));
}

TEST_F(ReconcilerTest, ATaskThatEndedAndStayedLeavesTheJournal) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.setState("t1", TaskState::completed);
  pass(20s);
  EXPECT_EQ(journal_->size(), 1u);
  pass(150s);
  EXPECT_TRUE(eventuallyEmpty());
}

TEST_F(ReconcilerTest, AnEndThatTheQueueForgotIsNotBelieved) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.setState("t1", TaskState::completed);
  pass(60s);
  queue_.setState("t1", TaskState::queued);
  pass(100s);
  queue_.forget("t1");
  pass(120s);
  EXPECT_EQ(events("task_resubmitted"), 1u);
  EXPECT_EQ(journal_->size(), 1u);
}

TEST_F(ReconcilerTest, ATaskRemovedOnPurposeStaysAway) {
  ASSERT_TRUE(submit(asked("t1")));
  ASSERT_TRUE(client_.remove("t1", {}));
  pass(70s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
  EXPECT_EQ(events("task_resubmitted"), 0u);
  EXPECT_TRUE(eventuallyEmpty());
}

TEST_F(ReconcilerTest, ATaskWhoseClientAskedAgainMeanwhileRunsOnce) {
  ASSERT_TRUE(submit(asked("t1", "k")));
  queue_.forget("t1");
  ASSERT_EQ(submit(asked("t2", "k"))->outcome, QueueOutcome::created);
  pass(15s);
  EXPECT_EQ(queue_.tasks.size(), 1u);
  EXPECT_TRUE(queue_.tasks.contains("t2"));
  EXPECT_EQ(events("accept_superseded"), 1u);
}

TEST_F(ReconcilerTest, WhatItsClientCancelledOrRemovedIsNotGivenAgain) {
  ASSERT_TRUE(submit(asked("t1")));
  ASSERT_TRUE(submit(asked("t2")));
  accepting_.noteUnwanted("t1");
  queue_.forget("t1");
  queue_.forget("t2");
  pass(15s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
  EXPECT_TRUE(queue_.tasks.contains("t2"));
  EXPECT_EQ(events("task_not_resubmitted"), 1u);
}

TEST_F(ReconcilerTest, ACancelIsRememberedOverARestartOfTheNode) {
  ASSERT_TRUE(submit(asked("t1")));
  accepting_.noteUnwanted("t1");
  restart();
  queue_.forget("t1");
  pass(15s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
}

TEST_F(ReconcilerTest, ACancelThatAnotherNodeTookIsSeenInTheQueue) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.setState("t1", TaskState::cancelled);
  pass(15s);
  queue_.forget("t1");
  pass(15s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
}

TEST_F(ReconcilerTest, ACancelThatTheQueueForgotIsAskedForAgain) {
  ASSERT_TRUE(submit(asked("t1")));
  accepting_.noteUnwanted("t1");
  pass(15s);
  EXPECT_EQ(queue_.tasks["t1"].second.state, TaskState::cancelled);
  EXPECT_EQ(events("task_cancelled_again"), 1u);
}

TEST_F(ReconcilerTest, AKeyUsedForAnotherRequestMeanwhileCostsTheTaskItsKeyOnly) {
  ASSERT_TRUE(submit(asked("t1", "k")));
  queue_.forget("t1");
  Submission other = asked("t2", "k");
  other.key_hash = "other";
  ASSERT_EQ(submit(other)->outcome, QueueOutcome::created);
  pass(15s);
  EXPECT_TRUE(queue_.tasks.contains("t1"));
  EXPECT_EQ(queue_.keys.at("k"), "t2");
}

TEST_F(ReconcilerTest, ARefusedSubmissionLeavesNothingBehind) {
  for (const char* id : {"t1", "t2", "t3"}) ASSERT_TRUE(submit(asked(id)));
  EXPECT_EQ(submit(asked("t4"))->outcome, QueueOutcome::full);
  EXPECT_FALSE(journal_->find("t4"));
}

TEST_F(ReconcilerTest, ATaskRefusedWithoutAKeyIsWithdrawnWhenItTurnsUp) {
  queue_.answer_lost = true;
  ASSERT_FALSE(submit(asked("t1")));
  queue_.answer_lost = false;
  ASSERT_TRUE(queue_.tasks.contains("t1"));
  restart();  // even then
  pass(30s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
  EXPECT_EQ(events("accept_withdrawn"), 1u);
  pass(150s);
  EXPECT_TRUE(eventuallyEmpty());
  EXPECT_EQ(events("task_resubmitted"), 0u);
}

TEST_F(ReconcilerTest, ATaskRefusedWithAKeyIsAcceptedWhenItsClientAsksAgain) {
  queue_.answer_lost = true;
  ASSERT_FALSE(submit(asked("t1", "k")));
  EXPECT_EQ(journal_->size(), 0u);
  queue_.answer_lost = false;
  const auto again = submit(asked("t2", "k"));
  ASSERT_EQ(again->outcome, QueueOutcome::replay);
  EXPECT_EQ(again->task->id, "t1");
  queue_.forget("t1");
  pass(15s);
  EXPECT_TRUE(queue_.tasks.contains("t1"));
  EXPECT_FALSE(queue_.tasks.contains("t2"));
}

TEST_F(ReconcilerTest, ASilentQueueIsAskedAgainLater) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.forget("t1");
  queue_.silent = true;
  pass(60s);
  EXPECT_EQ(journal_->size(), 1u);
  queue_.silent = false;
  pass(3s);
  EXPECT_TRUE(queue_.tasks.contains("t1"));
}

TEST_F(ReconcilerTest, ADropThatTheDiskRefusedIsWrittenOnceThereIsSpace) {
  ASSERT_TRUE(submit(asked("t1")));
  queue_.setState("t1", TaskState::completed);
  {
    const testing_support::FullDisk full(
        std::filesystem::file_size(folder_.path() / "accepts.journal"));
    pass(150s);
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(journal_->size(), 1u);
  }
  pass(70s);
  EXPECT_TRUE(eventuallyEmpty());
  restart();
  EXPECT_EQ(journal_->size(), 0u);
}

TEST_F(ReconcilerTest, WhatWasNotLookedAfterForDaysIsSetAside) {
  Submission old = asked("t1");
  old.created_us -= std::chrono::microseconds(80h).count();
  ASSERT_TRUE(submit(old));
  queue_.forget("t1");
  restart();
  pass(5s);
  EXPECT_FALSE(queue_.tasks.contains("t1"));
  EXPECT_EQ(events("accept_set_aside"), 1u);
  EXPECT_EQ(journal_->size(), 0u);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "accepts.aside"));
}

TEST_F(ReconcilerTest, AnotherServerIsLookedAtAtOnce) {
  ASSERT_TRUE(submit(asked("t1")));
  pass(200s);
  queue_.forget("t1");
  reconciler_->lookAtAll();
  pass(1s);
  EXPECT_TRUE(queue_.tasks.contains("t1"));
}

class DurabilityWatchTest : public ReconcilerTest {};

TEST_F(DurabilityWatchTest, StrictNeedsASharedQueueThatSurvivesPowerOrOneThatSurvivesMachines) {
  for (const bool machine : {false, true})
    for (const bool power : {false, true})
      for (const bool journaled : {false, true}) {
        queue_.setDurability({true, power, machine, "as found"});
        DurabilityWatch watch(client_, "q", log_,
                              {.demand = DurabilityDemand::strict, .journaled = journaled});
        EXPECT_EQ(watch.look(1s).has_value(), machine || (power && journaled));
      }
}

TEST_F(DurabilityWatchTest, AQueueThatTurnsLaxIsRefusedUntilItIsSafeAgain) {
  DurabilityWatch watch(client_, "q", log_,
                        {.demand = DurabilityDemand::strict,
                         .journaled = true,
                         .interval = 10ms,
                         .after_failure = 10ms});
  ASSERT_TRUE(watch.look(1s));
  watch.start();
  EXPECT_FALSE(watch.refuses());
  const auto eventually = [&](bool wanted) {
    for (int i = 0; i < 500 && watch.refuses() != wanted; ++i) std::this_thread::sleep_for(10ms);
    return watch.refuses() == wanted;
  };
  queue_.setDurability({true, false, false, "appendfsync is no"});
  EXPECT_TRUE(eventually(true));
  EXPECT_EQ(watch.health().state, HealthState::failed);
  queue_.setDurability({true, true, false, "as found"});
  EXPECT_TRUE(eventually(false));
  watch.stop();
  EXPECT_EQ(events("queue_durability"), 2u);
}

TEST_F(DurabilityWatchTest, AQueueThatCannotBeAskedIsToldWithTheReasonUntilItIsBack) {
  DurabilityWatch watch(client_, "q", log_, {.interval = 10ms, .after_failure = 10ms});
  ASSERT_TRUE(watch.look(1s));
  watch.start();
  const auto eventually = [&](bool in_trouble) {
    for (int i = 0; i < 500 && watch.trouble().empty() == in_trouble; ++i)
      std::this_thread::sleep_for(10ms);
    return watch.trouble().empty() != in_trouble;
  };
  queue_.failDurability("OOM, raise maxmemory");
  EXPECT_TRUE(eventually(true));
  EXPECT_THAT(watch.trouble(), testing::HasSubstr("raise maxmemory"));
  EXPECT_EQ(watch.health().state, HealthState::degraded) << "what it was may not be so any more";
  std::this_thread::sleep_for(100ms);
  queue_.failDurability("");
  EXPECT_TRUE(eventually(false));
  watch.stop();
  EXPECT_EQ(events("queue_unavailable"), 1u);
  EXPECT_EQ(events("queue_available"), 1u);
}

TEST_F(DurabilityWatchTest, WarnAcceptsAndSaysSo) {
  queue_.setDurability({true, false, false, "appendonly is off"});
  DurabilityWatch watch(client_, "q", log_, {});
  EXPECT_TRUE(watch.look(1s));
  EXPECT_FALSE(watch.refuses());
  EXPECT_EQ(watch.health().state, HealthState::degraded);
  EXPECT_EQ(events("queue_durability"), 1u);
}

}  // namespace
}  // namespace scanhost
