// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/status_waits.h"

#include <gtest/gtest.h>

#include <atomic>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr StatusWaits::Options rarely{.most = 3, .look_every = 1h, .tick = 10ms};

StatusWaits::Clock::time_point in(std::chrono::milliseconds time) {
  return StatusWaits::Clock::now() + time;
}

/// A call that waits until its task has changed.
struct Call {
  std::atomic<bool> has_changed{false};
  std::atomic<int> looks{0};
  std::atomic<int> answers{0};
  std::atomic<bool> was_over{false};

  StatusWaits::Look look() {
    return [this](bool is_over) {
      ++looks;
      if (!has_changed && !is_over) return false;
      was_over = is_over;
      ++answers;
      return true;
    };
  }
  template <class Holds>
  static bool eventually(Holds&& holds) {
    for (const auto until = in(patience); !holds(); std::this_thread::sleep_for(5ms))
      if (StatusWaits::Clock::now() > until) return false;
    return true;
  }
  bool isAnswered() {
    return eventually([this] { return answers == 1; });
  }
  bool isLookedAt() {
    return eventually([this] { return looks > 0; });
  }
};

QueueChanges changeOf(const std::string& task) {
  return {{}, {{1, task, TaskState::running}}};
}

TEST(StatusWaits, AChangeOfItsTaskEndsAWait) {
  StatusWaits waits(rarely);
  Call call, other;
  ASSERT_TRUE(waits.add("t1", in(1h), nullptr, call.look()));
  ASSERT_TRUE(waits.add("t2", in(1h), nullptr, other.look()));
  ASSERT_TRUE(call.isLookedAt() && other.isLookedAt());
  call.has_changed = other.has_changed = true;
  waits.heard(changeOf("t1"));
  EXPECT_TRUE(call.isAnswered());
  EXPECT_FALSE(call.was_over);
  EXPECT_EQ(other.answers, 0);
}

TEST(StatusWaits, AGapInTheChangesMakesAllLook) {
  StatusWaits waits(rarely);
  Call call;
  ASSERT_TRUE(waits.add("t1", in(1h), nullptr, call.look()));
  ASSERT_TRUE(call.isLookedAt());
  call.has_changed = true;
  waits.heard({7, {}});
  EXPECT_TRUE(call.isAnswered());
}

TEST(StatusWaits, WhatNoChangeTellsOfIsFoundByLooking) {
  StatusWaits waits({.most = 3, .look_every = 20ms, .tick = 10ms});
  Call call;
  ASSERT_TRUE(waits.add("t1", in(1h), nullptr, call.look()));
  ASSERT_TRUE(call.isLookedAt());
  call.has_changed = true;
  EXPECT_TRUE(call.isAnswered());
}

TEST(StatusWaits, TheTimeBeingOverEndsAWait) {
  StatusWaits waits(rarely);
  Call call;
  ASSERT_TRUE(waits.add("t1", in(30ms), nullptr, call.look()));
  EXPECT_TRUE(call.isAnswered());
  EXPECT_TRUE(call.was_over);
  EXPECT_TRUE(Call::eventually([&] { return waits.waiting() == 0; }));
}

TEST(StatusWaits, ACallerThatWentEndsItsWait) {
  StatusWaits waits(rarely);
  const auto cancelled = std::make_shared<CancelSource>();
  Call call;
  ASSERT_TRUE(waits.add("t1", in(1h), cancelled, call.look()));
  cancelled->cancel();
  EXPECT_TRUE(call.isAnswered());
}

TEST(StatusWaits, OneTooManyDoesNotWait) {
  StatusWaits waits(rarely);
  Call calls[3], refused;
  for (Call& call : calls) ASSERT_TRUE(waits.add("t1", in(1h), nullptr, call.look()));
  EXPECT_FALSE(waits.add("t1", in(1h), nullptr, refused.look()));
  EXPECT_EQ(refused.looks, 0);
}

TEST(StatusWaits, TheEndOfTheNodeEndsAllWaits) {
  StatusWaits waits(rarely);
  Call calls[2], late;
  for (Call& call : calls) ASSERT_TRUE(waits.add("t1", in(1h), nullptr, call.look()));
  waits.stop();
  for (Call& call : calls) EXPECT_EQ(call.answers, 1);
  EXPECT_FALSE(waits.add("t1", in(1h), nullptr, late.look()));
}

}  // namespace
}  // namespace scanhost
