// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/rate_limiter.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class HandClock : public TimeSource {
 public:
  std::chrono::steady_clock::time_point steady() const override { return now; }
  std::chrono::steady_clock::time_point now{1h};
};

int granted(RateLimiter& limiter, const std::string& client, int asked) {
  int count = 0;
  for (int i = 0; i < asked; ++i) count += limiter.take(client) ? 0 : 1;
  return count;
}

TEST(RateLimiter, GrantsTheBurstThenTheRate) {
  HandClock clock;
  RateLimiter limiter({10, 5}, 100, clock);
  EXPECT_EQ(granted(limiter, "a", 20), 5);
  const auto wait = limiter.take("a");
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, 100ms);
  clock.now += 300ms;
  EXPECT_EQ(granted(limiter, "a", 20), 3);
}

TEST(RateLimiter, EachClientHasItsOwn) {
  HandClock clock;
  RateLimiter limiter({1, 2}, 100, clock);
  EXPECT_EQ(granted(limiter, "a", 5), 2);
  EXPECT_EQ(granted(limiter, "b", 5), 2);
}

TEST(RateLimiter, ZeroIsNoLimit) {
  RateLimiter limiter({0, 1});
  EXPECT_EQ(granted(limiter, "a", 1000), 1000);
  EXPECT_EQ(limiter.clients(), 0u);
}

TEST(RateLimiter, TheTableIsBoundedAndForgetsWhoAskedLongestAgo) {
  HandClock clock;
  RateLimiter limiter({1, 1}, 3, clock);
  for (const char* client : {"a", "b", "c", "a", "d"}) limiter.take(client);
  EXPECT_EQ(limiter.clients(), 3u);
  EXPECT_TRUE(limiter.take("a")) << "asked lately, so it is remembered";
  EXPECT_FALSE(limiter.take("b")) << "forgotten";
}

TEST(RateLimiter, AnotherRateStartsAnew) {
  HandClock clock;
  RateLimiter limiter({1, 1}, 10, clock);
  EXPECT_EQ(granted(limiter, "a", 5), 1);
  limiter.setRate({1, 3});
  EXPECT_EQ(granted(limiter, "a", 5), 3);
}

}  // namespace
}  // namespace scanhost
