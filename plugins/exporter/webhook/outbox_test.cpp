// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/testing/host.h>

#include <memory>

namespace scanhost::webhook {
namespace {

using namespace std::chrono_literals;
using plugintest::TestHost;
using testing::ElementsAre;
using Result = Attempt::Result;

/// A receiver that answers by script, then delivers everything.
class OutboxTest : public testing::Test {
 protected:
  void open(Outbox::Limits limits) {
    outbox_ = std::make_unique<Outbox>(
        Host(host_.abi()), "r", limits,
        [this](const Notice& notice, Call& call) { return send(notice, call); });
  }
  static Outbox::Limits quick() {
    return {.timeout = 5s,
            .max_age = 1h,
            .max_queue = 100,
            .first_pause = 1ms,
            .longest_pause = 10ms,
            .told_every = 1h};
  }
  void add(const std::string& id) { outbox_->add({id, NoticeKind::task_ended, "{}"}); }

  /// The ids of the attempts, once so many were made.
  std::vector<std::string> attempts(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, 10s, [&] { return attempts_.size() >= count; });
    return attempts_;
  }
  double deliveries(const std::string& result) {
    return host_.metric("scanhost_webhook_deliveries_total", "receiver=r,result=" + result);
  }
  /// Waits until a series has that value.
  bool reaches(const std::string& result, double value) {
    for (int i = 0; i < 1000 && deliveries(result) != value; ++i) std::this_thread::sleep_for(5ms);
    return deliveries(result) == value;
  }
  std::vector<std::string> losses() {
    std::vector<std::string> told;
    for (const auto& event : host_.events().all())
      if (event.event == "webhook_notices_dropped")
        told.push_back(event.fields["reason"].asString() + ": " +
                       std::to_string(event.fields["count"].asInteger()));
    return told;
  }

  TestHost host_;
  std::deque<Attempt> script_;
  bool hang_ = false;  ///< until the call is cancelled
  std::unique_ptr<Outbox> outbox_;

 private:
  Attempt send(const Notice& notice, Call& call) {
    {
      const std::lock_guard lock(mutex_);
      attempts_.push_back(notice.id);
      came_.notify_all();
    }
    while (hang_ && !call.cancelled()) std::this_thread::sleep_for(5ms);
    if (hang_) return {Result::failed, "silent", {}};
    if (script_.empty()) return {Result::delivered, {}, {}};
    Attempt attempt = script_.front();
    script_.pop_front();
    return attempt;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> attempts_;
};

TEST_F(OutboxTest, DeliversInOrder) {
  open(quick());
  outbox_->start();
  for (const char* id : {"a", "b", "c"}) add(id);
  EXPECT_THAT(attempts(3), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(reaches("delivered", 3));
}

TEST_F(OutboxTest, TriesAgainAfterAFailureAndTellsOfItOnce) {
  script_.assign(3, {Result::failed, "r answers 500", {}});
  open(quick());
  outbox_->start();
  add("a");
  EXPECT_TRUE(reaches("delivered", 1));
  EXPECT_THAT(attempts(4), ElementsAre("a", "a", "a", "a"));
  EXPECT_EQ(host_.events().count("webhook_delivery_failed"), 1u);
}

TEST_F(OutboxTest, ShowsWhatWaitsInAllOutboxesOfAReceiver) {
  hang_ = true;
  const auto waiting = [&] { return host_.metric("scanhost_webhook_queue", "receiver=r"); };
  const auto reaches = [&](double value) {
    for (int i = 0; i < 1000 && waiting() != value; ++i) std::this_thread::sleep_for(5ms);
    return waiting() == value;
  };
  open(quick());
  const std::unique_ptr<Outbox> other = std::move(outbox_);
  open(quick());
  for (int i = 0; i < 4; ++i) other->add({"other", NoticeKind::task_ended, "{}"});
  other->start();
  EXPECT_TRUE(reaches(4)) << waiting();
  for (int i = 0; i < 3; ++i) add("own");
  outbox_->start();
  EXPECT_TRUE(reaches(7)) << waiting();
  other->stop(0s);
  EXPECT_TRUE(reaches(3)) << waiting();
  outbox_->stop(0s);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(OutboxTest, LetsANoticeThatFailsHoldUpNoOther) {
  script_ = {{Result::failed, "", {}}};
  open(quick());
  add("bad");
  add("good");
  outbox_->start();
  EXPECT_THAT(attempts(3), ElementsAre("bad", "good", "bad"));
}

TEST_F(OutboxTest, WaitsAsLongAsTheReceiverAsks) {
  script_ = {{Result::failed, "", 1s}};
  open(quick());
  outbox_->start();
  const auto began = std::chrono::steady_clock::now();
  add("a");
  EXPECT_TRUE(reaches("delivered", 1));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 1s);
}

TEST_F(OutboxTest, SendsARefusedNoticeOnce) {
  script_ = {{Result::refused, "r answers 400", {}}};
  open(quick());
  outbox_->start();
  add("a");
  add("b");
  EXPECT_TRUE(reaches("delivered", 1));
  EXPECT_TRUE(reaches("refused", 1));
  EXPECT_THAT(attempts(2), ElementsAre("a", "b"));
}

TEST_F(OutboxTest, SendsNothingMoreToAReceiverThatIsGone) {
  script_ = {{Result::gone, "r answers 410", {}}};
  open(quick());
  for (const char* id : {"a", "b"}) add(id);
  outbox_->start();
  EXPECT_TRUE(reaches("refused", 2));
  add("c");
  EXPECT_TRUE(reaches("refused", 3));
  EXPECT_THAT(attempts(1), ElementsAre("a"));
  EXPECT_EQ(host_.events().count("webhook_receiver_gone"), 1u);
}

TEST_F(OutboxTest, GivesUpWhatIsTooOld) {
  hang_ = true;
  auto limits = quick();
  limits.timeout = 50ms;
  limits.max_age = 200ms;
  open(limits);
  outbox_->start();
  add("a");
  EXPECT_TRUE(reaches("expired", 1));
}

TEST_F(OutboxTest, DropsTheOldestOfTooManyAndCountsThem) {
  auto limits = quick();
  limits.max_queue = 2;
  open(limits);
  for (const char* id : {"a", "b", "c", "d"}) add(id);
  outbox_->start();
  EXPECT_TRUE(reaches("delivered", 2));
  EXPECT_THAT(attempts(2), ElementsAre("c", "d"));
  EXPECT_TRUE(reaches("dropped", 2));
  EXPECT_THAT(losses(), ElementsAre("the queue is full: 2"));
}

TEST_F(OutboxTest, TakesNoticesAtOnceWhileTheReceiverIsSilent) {
  hang_ = true;
  open(quick());
  outbox_->start();
  add("a");
  attempts(1);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) add("b");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
}

TEST_F(OutboxTest, SendsWhatWaitsBeforeItStops) {
  open(quick());
  for (const char* id : {"a", "b", "c"}) add(id);
  outbox_->start();
  outbox_->stop(5s);
  EXPECT_EQ(deliveries("delivered"), 3);
  EXPECT_TRUE(losses().empty());
}

TEST_F(OutboxTest, StopsAfterABoundedMomentAndSaysHowManyAreLeft) {
  hang_ = true;
  open(quick());
  for (const char* id : {"a", "b", "c"}) add(id);
  outbox_->start();
  attempts(1);
  const auto began = std::chrono::steady_clock::now();
  outbox_->stop(200ms);
  outbox_->stop(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(deliveries("dropped"), 3);
  EXPECT_THAT(losses(), ElementsAre("stopped before they were delivered: 3"));
}

TEST_F(OutboxTest, WaitsForNoFailingReceiverWhenItStops) {
  script_.assign(1000, {Result::failed, "", {}});
  auto limits = quick();
  limits.first_pause = limits.longest_pause = 1h;
  open(limits);
  outbox_->start();
  add("a");
  attempts(1);
  const auto began = std::chrono::steady_clock::now();
  outbox_->stop(60s);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

}  // namespace
}  // namespace scanhost::webhook
