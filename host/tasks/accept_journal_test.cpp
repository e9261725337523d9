// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/accept_journal.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

class AcceptJournalTest : public testing::Test {
 protected:
  static Submission accepted(const std::string& id) {
    Submission submission;
    submission.id = id;
    submission.trace_id = "trace";
    submission.owner = "alice";
    submission.pool = "lan";
    submission.wanted_instance = "one";
    submission.submission = R"({"version":1,"name":"é\n"})";
    submission.created_us = 17;
    submission.key = "k" + id;
    submission.key_hash = "h";
    submission.key_ttl = std::chrono::hours(1);
    return submission;
  }
  std::unique_ptr<AcceptJournal> open(AcceptJournal::Limits limits = {}) {
    auto journal = AcceptJournal::open(folder_.path(), limits);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }
  std::filesystem::path file() const { return folder_.path() / "accepts.journal"; }
  std::string contents(const char* name = "accepts.journal") const {
    std::ostringstream text;
    text << std::ifstream(folder_.path() / name).rdbuf();
    return text.str();
  }
  void append(const std::string& text) { std::ofstream(file(), std::ios::app) << text; }

  testing_support::Folder folder_;
};

TEST_F(AcceptJournalTest, WhatWasKeptIsThereAfterARestart) {
  {
    auto journal = open();
    ASSERT_TRUE(journal->keep(accepted("t1")));
    ASSERT_TRUE(journal->keep(accepted("t2")));
    ASSERT_TRUE(journal->drop("t2"));
    ASSERT_TRUE(journal->keep(accepted("t3")));
    ASSERT_TRUE(journal->withdraw("t3"));
  }
  auto journal = open();
  EXPECT_EQ(journal->size(), 2u);
  const Submission found = journal->find("t1")->submission;
  const Submission given = accepted("t1");
  EXPECT_EQ(found.submission, given.submission);
  EXPECT_EQ(found.trace_id, given.trace_id);
  EXPECT_EQ(found.owner, given.owner);
  EXPECT_EQ(found.pool, given.pool);
  EXPECT_EQ(found.wanted_instance, given.wanted_instance);
  EXPECT_EQ(found.created_us, given.created_us);
  EXPECT_EQ(found.key, given.key);
  EXPECT_EQ(found.key_hash, given.key_hash);
  EXPECT_EQ(found.key_ttl, given.key_ttl);
  EXPECT_TRUE(journal->find("t3")->withdrawn);
  EXPECT_EQ(journal->settledAfter(0, 10).size(), 2u);
}

TEST_F(AcceptJournalTest, AnEntryIsShownOnlyOnceItIsSettled) {
  auto journal = open();
  ASSERT_TRUE(journal->keep(accepted("t1")));
  EXPECT_TRUE(journal->settledAfter(0, 10).empty());
  journal->settle("t1");
  const auto settled = journal->settledAfter(0, 10);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].second, "t1");
  EXPECT_TRUE(journal->settledAfter(settled[0].first, 10).empty());
}

TEST_F(AcceptJournalTest, AReplacementIsOneStep) {
  {
    auto journal = open();
    ASSERT_TRUE(journal->keep(accepted("asked")));
    ASSERT_TRUE(journal->replace("asked", accepted("known")));
    EXPECT_EQ(journal->settledAfter(0, 10).size(), 1u);
  }
  auto journal = open();
  EXPECT_EQ(journal->size(), 1u);
  EXPECT_TRUE(journal->find("known").has_value());
}

TEST_F(AcceptJournalTest, OnlyWhatNoOtherRequestWasPromisedIsLetGo) {
  {
    auto journal = open();
    for (const char* id : {"t1", "t2", "t3"}) ASSERT_TRUE(journal->keep(accepted(id)));
    ASSERT_TRUE(journal->replace("t2", accepted("t1")));  // a second request under the key of t1
    EXPECT_TRUE(journal->letGo("t1"));
    EXPECT_TRUE(journal->letGo("t3"));
  }
  auto journal = open();
  EXPECT_EQ(journal->size(), 1u);
  EXPECT_TRUE(journal->find("t1"));
}

TEST_F(AcceptJournalTest, ALineThatACrashCutOffIsDropped) {
  open()->keep(accepted("t1"));
  std::string line = contents();
  line = line.substr(line.rfind('\n', line.size() - 2) + 1);
  for (const std::size_t cut : {std::size_t{1}, line.size() / 2, line.size() - 1}) {
    append(line.substr(0, cut));
    auto journal = open();
    EXPECT_EQ(journal->size(), 1u);
    EXPECT_EQ(journal->damaged(), 0u);
  }
}

TEST_F(AcceptJournalTest, ADamagedLineIsSetAsideAndTheOthersAreUsed) {
  {
    auto journal = open();
    for (const char* id : {"t1", "t2", "t3"}) ASSERT_TRUE(journal->keep(accepted(id)));
  }
  std::string text = contents();
  text.replace(text.find("\"t2\""), 4, "\"t9\"");
  std::ofstream(file()) << text << "\nfree text\n";

  auto journal = open();
  EXPECT_EQ(journal->damaged(), 3u);  // an empty line is none that we wrote, either
  EXPECT_TRUE(journal->find("t1") && journal->find("t3"));
  EXPECT_FALSE(journal->find("t2") || journal->find("t9"));
  EXPECT_THAT(contents("accepts.aside"), HasSubstr("\"t9\""));
  EXPECT_THAT(contents(), testing::Not(HasSubstr("free text")));
}

TEST_F(AcceptJournalTest, AJournalOfANewerVersionIsRefusedAndLeftAlone) {
  const std::string before = "732322c128ed6784 {\"version\":2}\n";
  std::ofstream(file()) << before;
  const auto refused = AcceptJournal::open(folder_.path(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::config);
  EXPECT_THAT(refused.error().message, HasSubstr("another version"));
  EXPECT_EQ(contents(), before);
}

TEST_F(AcceptJournalTest, ASecondProcessIsRefused) {
  auto journal = open();
  const auto second = AcceptJournal::open(folder_.path(), {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("own data_dir"));
}

TEST_F(AcceptJournalTest, IsBounded) {
  auto journal = open({.entries = 2});
  ASSERT_TRUE(journal->keep(accepted("t1")));
  ASSERT_TRUE(journal->keep(accepted("t2")));
  const Status refused = journal->keep(accepted("t3"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::transient);
  ASSERT_TRUE(journal->drop("t1"));
  EXPECT_TRUE(journal->keep(accepted("t3")));
}

TEST_F(AcceptJournalTest, IsWrittenAnewWhenMostOfItIsPast) {
  {
    auto journal = open({.rewrite_from = 4096});
    ASSERT_TRUE(journal->keep(accepted("stays")));
    for (int i = 0; i < 200; ++i) {
      const std::string id = "t" + std::to_string(i);
      ASSERT_TRUE(journal->keep(accepted(id)));
      ASSERT_TRUE(journal->drop(id));
    }
    EXPECT_LT(std::filesystem::file_size(file()), 6'000u);
  }
  auto journal = open();
  EXPECT_EQ(journal->size(), 1u);
  EXPECT_TRUE(journal->find("stays"));
}

TEST_F(AcceptJournalTest, ManyAtOnceAreAllKept) {
  {
    auto journal = open({.rewrite_from = 4096});
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&, i] {
        for (int n = 0; n < 50; ++n) {
          const std::string id = std::to_string(i) + "-" + std::to_string(n);
          EXPECT_TRUE(journal->keep(accepted(id)));
          if (n % 2) journal->dropSoon(id);
        }
      });
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(open()->size(), 200u);
}

TEST_F(AcceptJournalTest, AFullDiskRefusesAndIsForgivenOnceThereIsSpace) {
  auto journal = open();
  {
    const testing_support::FullDisk full(std::filesystem::file_size(file()) + 10);
    EXPECT_FALSE(journal->keep(accepted("t1")));
  }
  EXPECT_EQ(journal->failure(), "");
  EXPECT_TRUE(journal->keep(accepted("t2")));
  journal.reset();
  journal = open();
  EXPECT_EQ(journal->damaged(), 0u);
  EXPECT_FALSE(journal->find("t1"));
  EXPECT_TRUE(journal->find("t2"));
}

TEST_F(AcceptJournalTest, RemembersWhenEverythingWasLookedAt) {
  {
    auto journal = open();
    EXPECT_EQ(journal->lastLook().micros, 0);
    journal->noteLook({42});
    ASSERT_TRUE(journal->keep(accepted("t1")));
  }
  EXPECT_EQ(open()->lastLook().micros, 42);
}

}  // namespace
}  // namespace scanhost
