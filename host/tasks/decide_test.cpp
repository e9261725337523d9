// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/decide.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// Every class, subject, kind of attempt and presence of a remote scan, with what must come of it.
class DecideTest : public ::testing::Test {
 protected:
  DecideTest() {
    settings.retry = {5, 10s, 10min};
    task.attempt = 1;
  }

  FailureDecision decided(ErrorClass error_class, ErrorSubject subject = ErrorSubject::task,
                          std::chrono::nanoseconds retry_after = 0ns) const {
    return decide({error_class, "it failed", subject, retry_after}, task, settings, 0.5);
  }

  static FailureDecision ended(TaskState state, bool dead_letter = false) {
    FailureDecision decision;
    decision.state = state;
    decision.dead_letter = dead_letter;
    return decision;
  }

  static constexpr ErrorClass all[] = {
      ErrorClass::transient, ErrorClass::internal,  ErrorClass::busy,        ErrorClass::auth,
      ErrorClass::config,    ErrorClass::target,    ErrorClass::unsupported, ErrorClass::lost,
      ErrorClass::ambiguous, ErrorClass::cancelled, ErrorClass::timeout,
  };
  static constexpr ErrorSubject subjects[] = {ErrorSubject::task, ErrorSubject::backend,
                                              ErrorSubject::target};

  TasksConfig settings;
  QueuedTask task;
};

TEST_F(DecideTest, TransientAndInternalAreTriedAgainAndSpendAnAttempt) {
  for (const ErrorClass error_class : {ErrorClass::transient, ErrorClass::internal})
    for (const ErrorSubject subject : {ErrorSubject::task, ErrorSubject::target}) {
      const FailureDecision decision = decided(error_class, subject);
      EXPECT_TRUE(decision.retry) << errorClassName(error_class);
      EXPECT_TRUE(decision.spend_attempt) << errorClassName(error_class);
    }
}

TEST_F(DecideTest, TheLastAttemptEndsAsADeadLetter) {
  task.attempt = 5;
  for (const ErrorClass error_class : {ErrorClass::transient, ErrorClass::internal})
    EXPECT_EQ(decided(error_class), ended(TaskState::failed, true)) << errorClassName(error_class);
}

TEST_F(DecideTest, DelaysDoubleWithTheAttemptAndAreCapped) {
  EXPECT_EQ(decided(ErrorClass::transient).delay, 5s);
  task.attempt = 3;
  EXPECT_EQ(decided(ErrorClass::transient).delay, 20s);
  settings.retry.max_attempts = 100;
  task.attempt = 50;
  EXPECT_EQ(decided(ErrorClass::transient).delay, 5min);
}

TEST_F(DecideTest, AFailureThatNamesATimeIsNotTriedBeforeIt) {
  EXPECT_EQ(decided(ErrorClass::transient, ErrorSubject::task, 1h).delay, 1h);
  EXPECT_EQ(decided(ErrorClass::transient, ErrorSubject::backend, 1h).delay, 1h);
  EXPECT_EQ(decided(ErrorClass::transient, ErrorSubject::task, 1s).delay, 5s);
}

TEST_F(DecideTest, BusyComesBackAtTheTimeGivenAndCostsNothing) {
  task.attempt = 5;
  for (const ErrorSubject subject : subjects) {
    const FailureDecision decision = decided(ErrorClass::busy, subject, 2s);
    EXPECT_TRUE(decision.retry);
    EXPECT_FALSE(decision.spend_attempt);
    EXPECT_EQ(decision.delay, 2s);
  }
  EXPECT_GT(decided(ErrorClass::busy).delay, 0s);
}

TEST_F(DecideTest, TheScannersOwnTroubleIsNeverHeldAgainstTheTask) {
  task.attempt = 5;
  for (const ErrorClass error_class :
       {ErrorClass::transient, ErrorClass::internal, ErrorClass::auth, ErrorClass::config,
        ErrorClass::target, ErrorClass::unsupported, ErrorClass::timeout}) {
    const FailureDecision decision = decided(error_class, ErrorSubject::backend);
    EXPECT_TRUE(decision.retry) << errorClassName(error_class);
    EXPECT_FALSE(decision.spend_attempt) << errorClassName(error_class);
  }
}

TEST_F(DecideTest, WhatTheRequestIsToBlameForFailsNowAndIsNoDeadLetter) {
  for (const ErrorClass error_class :
       {ErrorClass::auth, ErrorClass::config, ErrorClass::target, ErrorClass::unsupported})
    for (const ErrorSubject subject : {ErrorSubject::task, ErrorSubject::target})
      EXPECT_EQ(decided(error_class, subject), ended(TaskState::failed))
          << errorClassName(error_class);
}

TEST_F(DecideTest, AmbiguousIsADeadLetterWhoeverIsToBlame) {
  for (const ErrorSubject subject : subjects)
    EXPECT_EQ(decided(ErrorClass::ambiguous, subject), ended(TaskState::failed, true));
}

TEST_F(DecideTest, LostIsADeadLetterUnlessItMayBeRelaunched) {
  task.reference = "42";
  EXPECT_EQ(decided(ErrorClass::lost), ended(TaskState::failed, true));
  settings.relaunch_lost = true;
  const FailureDecision decision = decided(ErrorClass::lost);
  EXPECT_TRUE(decision.retry && decision.spend_attempt);
  EXPECT_FALSE(decision.keep_scan);
  task.attempt = 5;
  EXPECT_EQ(decided(ErrorClass::lost), ended(TaskState::failed, true));
}

TEST_F(DecideTest, CancelledAndTimeoutEndAsSuch) {
  for (const ErrorSubject subject : subjects)
    EXPECT_EQ(decided(ErrorClass::cancelled, subject), ended(TaskState::cancelled));
  EXPECT_EQ(decided(ErrorClass::timeout), ended(TaskState::timeout));
}

TEST_F(DecideTest, ARetryFollowsTheRemoteScanThatThereIs) {
  EXPECT_FALSE(decided(ErrorClass::transient).keep_scan);
  task.reference = "42";
  EXPECT_TRUE(decided(ErrorClass::transient).keep_scan);
  EXPECT_TRUE(decided(ErrorClass::busy).keep_scan);
  EXPECT_TRUE(decided(ErrorClass::auth, ErrorSubject::backend).keep_scan);
}

TEST_F(DecideTest, EveryClassIsEitherTriedAgainOrEnds) {
  for (const std::string reference : {"", "42"})
    for (const bool relaunch_lost : {false, true})
      for (const int attempt : {1, 4, 5, 6})
        for (const ErrorClass error_class : all)
          for (const ErrorSubject subject : subjects) {
            task.reference = reference;
            task.attempt = attempt;
            settings.relaunch_lost = relaunch_lost;
            const FailureDecision decision = decided(error_class, subject);
            SCOPED_TRACE(std::string(errorClassName(error_class)) + " of subject " +
                         std::to_string(static_cast<int>(subject)) + ", attempt " +
                         std::to_string(attempt));
            if (decision.retry) {
              EXPECT_GE(decision.delay, 1s);
              EXPECT_FALSE(decision.spend_attempt && attempt >= 5);
              EXPECT_FALSE(decision.keep_scan && reference.empty());
            } else {
              EXPECT_TRUE(isTerminal(decision.state));
              EXPECT_NE(decision.state, TaskState::completed);
              EXPECT_FALSE(decision.dead_letter && decision.state != TaskState::failed);
            }
          }
}

}  // namespace
}  // namespace scanhost
