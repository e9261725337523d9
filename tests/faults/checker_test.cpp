// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The checker on histories made by hand: each verdict is given when it is due, and only then.
#include "tests/faults/checker.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/folder.h"

namespace scanhost::faults {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// One task as it should go, an event each 100 ms, and what a test adds to it.
class HandmadeHistory {
 public:
  HandmadeHistory& add(Event event) {
    event.at_us = now_us_ += 100'000;
    if (event.task.empty()) event.task = "t";
    events_.push_back(std::move(event));
    return *this;
  }
  HandmadeHistory& accept() {
    return add({.what = What::submitted, .key = "k"})
        .add({.what = What::stored, .key = "k"})
        .add({.what = What::accepted, .key = "k"});
  }
  HandmadeHistory& grant(std::uint64_t epoch, const std::string& node) {
    return add({.what = What::granted, .node = node, .token = "aa", .epoch = epoch});
  }
  HandmadeHistory& write(std::uint64_t epoch, const std::string& detail,
                         const std::string& token = "aa") {
    return add({.what = What::written, .token = token, .detail = detail, .epoch = epoch});
  }
  HandmadeHistory& make(std::int64_t scan, std::uint64_t launch = 1) {
    return add({.what = What::made, .scan = scan, .launch = launch});
  }
  HandmadeHistory& launch(std::int64_t scan, std::uint64_t launch = 1) {
    return make(scan, launch).add({.what = What::launched, .scan = scan, .launch = launch});
  }
  HandmadeHistory& end(const std::string& state = "completed") {
    return add({.what = What::ended, .detail = "3"}).add({.what = What::answered, .detail = state});
  }
  HandmadeHistory& remains(std::int64_t refers_to, std::int64_t left) {
    return add({.what = What::refers, .scan = refers_to})
        .add({.what = What::left, .detail = "running", .scan = left, .launch = 1});
  }
  HandmadeHistory& wait(std::int64_t ms) {
    now_us_ += ms * 1000;
    return *this;
  }
  HandmadeHistory& fault(const std::string& node, const std::string& detail = "kill") {
    return add({.what = What::fault, .node = node, .detail = detail});
  }
  Verdict verdict(const Rules& rules = {}) const { return check(events_, rules); }

 private:
  std::vector<Event> events_;
  std::int64_t now_us_ = 1'000'000'000;
};

TEST(Checker, AnUneventfulTaskIsClean) {
  const Verdict verdict = HandmadeHistory()
                              .accept()
                              .grant(1, "n1")
                              .launch(5)
                              .write(1, "finish")
                              .end()
                              .remains(5, 5)
                              .verdict();
  EXPECT_TRUE(verdict.isClean()) << verdict.text();
  EXPECT_EQ(verdict.completed, 1u);
  EXPECT_THAT(verdict.usurped, IsEmpty());
}

TEST(Checker, AnAcceptedTaskWithoutAnEndIsLost) {
  EXPECT_THAT(HandmadeHistory().accept().grant(1, "n1").verdict().lost,
              ElementsAre(HasSubstr("never told")));
}

TEST(Checker, ATaskWhoseRecordDoesNotEndOrIsGoneIsLostThoughItsClientWasTold) {
  const auto with = [](const std::string& task, const std::string& state) {
    return HandmadeHistory()
        .accept()
        .end()
        .add({.what = What::refers, .task = task, .detail = state})
        .verdict()
        .lost;
  };
  EXPECT_THAT(with("t", "completed"), IsEmpty());
  EXPECT_THAT(with("t", "running"), ElementsAre(HasSubstr("it is running")));
  EXPECT_THAT(with("another", "completed"), ElementsAre(HasSubstr("does not know it")));
}

TEST(Checker, ATaskThatStaysPausedThoughItWasResumedIsLost) {
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .grant(1, "n1")
                  .add({.what = What::paused})
                  .add({.what = What::resumed})
                  .add({.what = What::refers, .detail = "paused"})
                  .verdict()
                  .lost,
              ElementsAre(HasSubstr("resumed and never told to have ended; it is paused")));
}

TEST(Checker, WhatAServerThatIsGoneDidAloneCountsWhenItIsDoneAgain) {
  auto history = HandmadeHistory();
  history.add({.what = What::stored, .task = "untold", .key = "k"});
  const Event forgotten{.what = What::forgotten, .node = "redis", .number = 1};
  history.accept().end().add(forgotten);
  EXPECT_TRUE(HandmadeHistory(history).verdict().isClean());
  const Verdict verdict = history.add({.what = What::stored, .key = "k"}).end().verdict();
  EXPECT_TRUE(verdict.isClean()) << verdict.text();
  EXPECT_EQ(verdict.restored, 1u);
}

TEST(Checker, ATaskThatEndsTooLongAfterTheLastFaultIsLost) {
  const Rules rules{.slowest_end = std::chrono::seconds(10)};
  auto history = HandmadeHistory().accept().grant(1, "n1").fault("n1").grant(2, "n2");
  EXPECT_THAT(HandmadeHistory(history).wait(9'000).end().verdict(rules).lost, IsEmpty());
  EXPECT_THAT(history.wait(11'000).end().verdict(rules).lost,
              ElementsAre(HasSubstr("after the last fault")));
}

TEST(Checker, ATaskThatFailedIsToldAndIsNoBreach) {
  const Verdict verdict = HandmadeHistory().accept().end("failed").verdict();
  EXPECT_THAT(verdict.failed, ElementsAre(HasSubstr("failed")));
  EXPECT_TRUE(verdict.isClean());
}

TEST(Checker, ATaskIsCancelledOnlyWhenItsClientAskedForThat) {
  EXPECT_THAT(HandmadeHistory().accept().end("cancelled").verdict().failed, SizeIs(1));
  const Verdict asked =
      HandmadeHistory().accept().add({.what = What::cancelled}).end("cancelled").verdict();
  EXPECT_THAT(asked.failed, IsEmpty());
  EXPECT_EQ(asked.cancelled, 1u);
}

TEST(Checker, TwoLaunchesInOneAttemptAreADuplicate) {
  const auto twice = HandmadeHistory().accept().launch(5, 1).launch(6, 2).end();
  EXPECT_THAT(twice.verdict().duplicated, ElementsAre(HasSubstr("launched in attempt 1")));
}

TEST(Checker, ALaunchInEachAttemptIsNone) {
  const auto again =
      HandmadeHistory().accept().launch(5, 1).add({.what = What::spent}).launch(6, 2).end();
  EXPECT_THAT(again.verdict().duplicated, IsEmpty());
}

TEST(Checker, AnAttemptThatMayHaveBeenSpentUnseenIsJudgedByTheirFinalNumber) {
  const auto after = [](std::uint64_t attempts) {
    return HandmadeHistory()
        .accept()
        .launch(5, 1)
        .add({.what = What::blind})
        .launch(6, 2)
        .add({.what = What::answered, .detail = "completed", .number = attempts})
        .verdict()
        .duplicated;
  };
  EXPECT_THAT(after(2), IsEmpty());
  EXPECT_THAT(after(1), SizeIs(1));
}

TEST(Checker, OneScanStartedTwiceIsADuplicate) {
  const auto twice = HandmadeHistory()
                         .accept()
                         .launch(5)
                         .add({.what = What::launched, .scan = 5, .launch = 1})
                         .end();
  EXPECT_THAT(twice.verdict().duplicated, SizeIs(1));
}

TEST(Checker, TwoScansUnderOneMarkerAreADuplicate) {
  EXPECT_THAT(HandmadeHistory().accept().make(5, 1).make(6, 1).end().verdict().duplicated,
              ElementsAre(HasSubstr("under one marker")));
}

TEST(Checker, TwoEndsAreADuplicate) {
  EXPECT_THAT(HandmadeHistory().accept().end().end().verdict().duplicated,
              ElementsAre(HasSubstr("ended 2 times")));
}

TEST(Checker, TwoTasksForOneKeyAreADuplicate) {
  EXPECT_THAT(HandmadeHistory()
                  .add({.what = What::stored, .task = "first", .key = "k"})
                  .accept()
                  .end()
                  .verdict()
                  .duplicated,
              ElementsAre(HasSubstr("first")));
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .end()
                  .add({.what = What::accepted, .task = "second", .key = "k"})
                  .add({.what = What::answered, .task = "second", .detail = "completed"})
                  .verdict()
                  .duplicated,
              ElementsAre(HasSubstr("second")));
}

TEST(Checker, AnUntoldTaskIsADuplicateOnlyWhenItsKeyWasDropped) {
  EXPECT_THAT(HandmadeHistory().add({.what = What::stored, .key = "k"}).verdict().duplicated,
              IsEmpty());
  EXPECT_THAT(HandmadeHistory().add({.what = What::stored}).verdict().duplicated, SizeIs(1));
}

TEST(Checker, AWriteOfAnOlderEpochIsStale) {
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .grant(1, "n1")
                  .fault("n1", "stop")
                  .grant(2, "n2")
                  .write(1, "renew")
                  .end()
                  .verdict()
                  .stale,
              ElementsAre(HasSubstr("epoch 1")));
}

TEST(Checker, AWriteOfThatEpochWithAnotherTokenIsStale) {
  EXPECT_THAT(
      HandmadeHistory().accept().grant(1, "n1").write(1, "advance", "bb").end().verdict().stale,
      SizeIs(1));
}

TEST(Checker, AWriteAfterTheReleaseIsStale) {
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .grant(1, "n1")
                  .write(1, "release")
                  .write(1, "advance")
                  .end()
                  .verdict()
                  .stale,
              ElementsAre(HasSubstr("nobody held it")));
}

TEST(Checker, NothingIsCalledStaleThatWasGrantedUnseen) {
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .grant(1, "n1")
                  .add({.what = What::blind})
                  .write(2, "renew", "cc")
                  .end()
                  .verdict()
                  .stale,
              IsEmpty());
}

TEST(Checker, ARemoteScanThatNoTaskRefersToIsOrphaned) {
  EXPECT_THAT(HandmadeHistory().accept().end().remains(5, 6).verdict().orphaned,
              ElementsAre(HasSubstr("scan 6")));
}

TEST(Checker, AnEndedRemoteScanThatNoTaskRefersToIsHousekeepings) {
  const Verdict verdict =
      HandmadeHistory()
          .accept()
          .end()
          .add({.what = What::left, .detail = "aborted", .scan = 6, .launch = 1})
          .verdict();
  EXPECT_THAT(verdict.orphaned, IsEmpty());
  EXPECT_EQ(verdict.remains, 1u);
}

TEST(Checker, ALeaseTakenFromAHealthyNodeIsUsurped) {
  EXPECT_THAT(HandmadeHistory().accept().grant(1, "n1").grant(2, "n2").end().verdict().usurped,
              ElementsAre(HasSubstr("n1")));
  EXPECT_THAT(
      HandmadeHistory().accept().grant(1, "n1").fault("n1").grant(2, "n2").end().verdict().usurped,
      IsEmpty());
}

TEST(Checker, ALeaseTakenWhileTheServerWasAwayIsUsurpedToo) {
  EXPECT_THAT(HandmadeHistory()
                  .accept()
                  .grant(1, "n1")
                  .fault("redis", "redis restart")
                  .add({.what = What::blind})
                  .grant(2, "n2")
                  .end()
                  .verdict()
                  .usurped,
              SizeIs(1));
}

TEST(Checker, FindingsServedTwiceOrInPartAreMixed) {
  const Rules rules{.findings = 10};
  const auto serve = [&](std::uint64_t number) {
    return HandmadeHistory()
        .accept()
        .end()
        .add({.what = What::counted, .number = number})
        .verdict(rules)
        .mixed;
  };
  EXPECT_THAT(serve(10), IsEmpty());
  EXPECT_THAT(serve(14), SizeIs(1));
  EXPECT_THAT(serve(4), SizeIs(1));
}

TEST(Checker, RecoveryIsTheTimeUntilTheVictimsTasksAreHeldAgain) {
  const Verdict verdict = HandmadeHistory()
                              .accept()
                              .grant(1, "n1")
                              .fault("n1")
                              .wait(2'000)
                              .grant(2, "n2")
                              .end()
                              .verdict();
  ASSERT_THAT(verdict.recoveries.at("kill"), SizeIs(1));
  EXPECT_EQ(verdict.recoveries.at("kill")[0], std::chrono::milliseconds(2'100));
}

TEST(Checker, AHistoryIsTheSameWhenReadBack) {
  const testing_support::Folder folder;
  const std::filesystem::path file = folder.path() / "history.jsonl";
  const Event event{.at_us = 7,
                    .what = What::granted,
                    .task = "t",
                    .key = "k",
                    .node = "n",
                    .token = "aa",
                    .detail = "d",
                    .scan = 3,
                    .epoch = 4,
                    .launch = 5,
                    .number = 6};
  {
    History history(file);
    history.add(event);
  }
  const auto read = readHistory(file);
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].toJson(), event.toJson());
}

}  // namespace
}  // namespace scanhost::faults
