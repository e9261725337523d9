// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/circuit_breaker.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class CircuitBreakerTest : public testing::Test {
 protected:
  CircuitBreaker breaker{{.failures = 2, .open_for = 10s, .probe_deadline = 5s}};
  CircuitBreaker::Clock::time_point now{};
};

TEST_F(CircuitBreakerTest, OpensAfterTheGivenNumberOfFailures) {
  EXPECT_FALSE(breaker.recordFailure(now));
  EXPECT_TRUE(breaker.takesWork());
  EXPECT_TRUE(breaker.recordFailure(now));
  EXPECT_FALSE(breaker.takesWork());
}

TEST_F(CircuitBreakerTest, ASuccessBetweenStartsTheCountAnew) {
  breaker.recordFailure(now);
  breaker.recordSuccess();
  EXPECT_FALSE(breaker.recordFailure(now));
}

TEST_F(CircuitBreakerTest, ProbesOnceWhenItsTimeHasCome) {
  breaker.recordFailure(now);
  breaker.recordFailure(now);
  EXPECT_FALSE(breaker.beginProbe(now + 9s));
  EXPECT_TRUE(breaker.beginProbe(now + 10s));
  EXPECT_EQ(breaker.state(), CircuitState::half_open);
  EXPECT_FALSE(breaker.beginProbe(now + 11s));
}

TEST_F(CircuitBreakerTest, ClosesWhenTheProbeSucceeds) {
  breaker.recordFailure(now);
  breaker.recordFailure(now);
  breaker.beginProbe(now + 10s);
  EXPECT_TRUE(breaker.recordSuccess());
  EXPECT_TRUE(breaker.takesWork());
}

TEST_F(CircuitBreakerTest, OpensAgainWhenTheProbeFails) {
  breaker.recordFailure(now);
  breaker.recordFailure(now);
  breaker.beginProbe(now + 10s);
  EXPECT_TRUE(breaker.recordFailure(now + 11s));
  EXPECT_EQ(breaker.retryAt(), now + 21s);
}

TEST_F(CircuitBreakerTest, AProbeThatNeverAnswersReopensTheCircuit) {
  breaker.recordFailure(now);
  breaker.recordFailure(now);
  breaker.beginProbe(now + 10s);
  EXPECT_FALSE(breaker.expireProbe(now + 14s));
  EXPECT_TRUE(breaker.expireProbe(now + 15s));
  EXPECT_EQ(breaker.state(), CircuitState::open);
  EXPECT_FALSE(breaker.beginProbe(now + 24s));
  EXPECT_TRUE(breaker.beginProbe(now + 25s));
}

}  // namespace
}  // namespace scanhost
