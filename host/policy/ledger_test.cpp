// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing_support::FullDisk;
using namespace std::chrono_literals;

AuditEntry decisionOf(const std::string& task) {
  AuditEntry entry;
  entry.caller = "alice";
  entry.trace_id = "550e8400-e29b-41d4-a716-446655440000";
  entry.task_id = task;
  entry.facts = Json::object({{"decision", "allow"}, {"stage", "launch"}});
  return entry;
}

class LedgerTest : public testing::Test {
 protected:
  void open() {
    close();
    auto opened = Ledger::open(folder_.path() / "audit", options);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger = std::move(*opened);
  }
  void close() { ledger.reset(); }
  /// Closes it with that many entries, "1" and so on by their tasks.
  void write(int entries) {
    open();
    for (int i = 1; i <= entries; ++i) ASSERT_TRUE(ledger->append(decisionOf(std::to_string(i))));
    close();
  }

  LedgerFiles files() const { return LedgerFiles(folder_.path() / "audit"); }
  LedgerReport check(LedgerStart start = LedgerStart::first_entry) const {
    const auto report = checkLedger(files().folder, start);
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(LedgerReport{});
  }
  /// What is wrong, each as "LINE what".
  std::vector<std::string> problems() const {
    std::vector<std::string> told;
    for (const LedgerProblem& problem : check().problems)
      told.push_back(std::to_string(problem.line) + " " + problem.what);
    return told;
  }

  std::vector<std::string> lines() const { return linesOf(files().current()); }
  static std::vector<std::string> linesOf(const std::filesystem::path& file) {
    std::vector<std::string> read;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) read.push_back(line);
    return read;
  }
  void rewrite(const std::vector<std::string>& lines) const {
    std::ofstream out(files().current(), std::ios::trunc);
    for (const std::string& line : lines) out << line << '\n';
  }
  bool eventually(const std::function<bool()>& holds) const {
    for (int tries = 0; tries < 500; ++tries) {
      if (holds()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  Ledger::Options options{.node = "node-1", .retry = 20ms};
  std::unique_ptr<Ledger> ledger;
  testing_support::Folder folder_;
};

// ---- what is written -----------------------------------------------------------------------

TEST_F(LedgerTest, ALineTellsWhatWasDecidedAndFollowsFromTheOneBefore) {
  write(2);
  const auto written = lines();
  ASSERT_THAT(written, SizeIs(2));
  const Json first = *Json::tryParse(written[0]), second = *Json::tryParse(written[1]);
  EXPECT_EQ(first["version"].asInteger(), 1);
  EXPECT_EQ(first["sequence"].asInteger(), 1);
  EXPECT_EQ(first["kind"].asString(), "policy_decision");
  EXPECT_EQ(first["node"].asString(), "node-1");
  EXPECT_EQ(first["caller"].asString(), "alice");
  EXPECT_EQ(first["task_id"].asString(), "1");
  EXPECT_EQ(first["facts"]["decision"].asString(), "allow");
  EXPECT_EQ(first["prev"].asString(), std::string(64, '0'));
  EXPECT_EQ(second["sequence"].asInteger(), 2);
  EXPECT_EQ(second["prev"], first["hash"]);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, AnUntouchedLedgerIsWhole) {
  write(50);
  const LedgerReport report = check();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.entries, 50u);
  EXPECT_EQ(report.end.sequence, 50u);
}

TEST_F(LedgerTest, ItGoesOnWhereItStoodBeforeARestart) {
  write(2);
  write(3);
  EXPECT_EQ(check().end.sequence, 5u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, HostileTextStaysOneLine) {
  open();
  AuditEntry entry = decisionOf("a\nb\",\"hash\":\"\xff");
  entry.facts["targets"] = std::string("\0\x1b[2J\r\n", 7);
  ASSERT_TRUE(ledger->append(entry));
  ASSERT_TRUE(ledger->append(decisionOf("2")));
  EXPECT_THAT(lines(), SizeIs(2));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, FactsTooLongForALineAreLeftOut) {
  open();
  AuditEntry entry = decisionOf("1");
  entry.facts["targets"] = std::string(max_audit_line, 'x');
  ASSERT_TRUE(ledger->append(entry));
  EXPECT_GT((*Json::tryParse(lines()[0]))["facts"]["omitted_bytes"].asInteger(), 65'536);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, NoNameMakesALineTooLong) {
  open();
  ASSERT_TRUE(ledger->append(decisionOf(std::string(max_audit_line, '\n'))));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, AFullFileIsFollowedByAnother) {
  options.file_bytes = 2000;
  write(20);
  EXPECT_GT(files().all().size(), 2u);
  write(5);
  const LedgerReport report = check();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.entries, 25u);
  EXPECT_EQ(report.files, files().all().size());
}

TEST_F(LedgerTest, ThoseWhoWaitTogetherShareASync) {
  std::atomic<int> appended = 0;
  options.hooks.on_appended = [&](const AuditEntry&, std::uint64_t) { ++appended; };
  open();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      for (int j = 0; j < 50; ++j) EXPECT_TRUE(ledger->append(decisionOf("x")));
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_LT(ledger->syncs(), 400u);
  close();
  EXPECT_EQ(appended, 400);
  EXPECT_EQ(check().entries, 400u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, WhatNobodyWaitsForIsWrittenBeforeItEnds) {
  open();
  for (int i = 0; i < 100; ++i) ledger->note(decisionOf("x"));
  close();
  EXPECT_EQ(check().entries, 100u);
}

TEST_F(LedgerTest, ASecondProcessIsRefused) {
  open();
  const auto second = Ledger::open(files().folder, options);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("in use by another scanhost"));
}

// ---- what a check finds ----------------------------------------------------------------------

TEST_F(LedgerTest, AFlippedByteIsNamedByItsLine) {
  write(5);
  auto altered = lines();
  altered[2].replace(altered[2].find("alice"), 5, "malic");
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("3 the entry was altered")));
}

TEST_F(LedgerTest, AnAlteredEntryWithItsHashMadeAnewBreaksTheChainBehindIt) {
  write(5);
  auto altered = lines();
  AuditEntry other = decisionOf("3");
  other.facts["decision"] = "deny";
  ChainEnd end = readAuditLine(altered[1])->end();
  altered[2] = makeAuditLine(other, "node-1", end);
  altered[2].pop_back();
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("4 entry 4 does not follow")));
}

TEST_F(LedgerTest, ARemovedLineIsMissed) {
  write(5);
  auto altered = lines();
  altered.erase(altered.begin() + 1);
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("2 entries 2 to 2 are missing")));
}

TEST_F(LedgerTest, ARemovedBeginningIsMissed) {
  write(5);
  auto altered = lines();
  altered.erase(altered.begin(), altered.begin() + 2);
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("1 entries 1 to 2 are missing")));
  EXPECT_THAT(check(LedgerStart::anywhere).problems, IsEmpty());
}

TEST_F(LedgerTest, SwappedLinesAreOutOfPlace) {
  write(5);
  auto altered = lines();
  std::swap(altered[1], altered[2]);
  rewrite(altered);
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("3 entry 2 stands where entry 4 belongs")));
}

TEST_F(LedgerTest, AMissingEndIsToldByTheHead) {
  write(5);
  auto altered = lines();
  altered.resize(3);
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the end is missing: the last entry is 3")));
}

TEST_F(LedgerTest, EntriesWithoutAHeadThatCanBeReadAreAFindingForTheirEndMayBeMissing) {
  for (const char* head : {"", "\x01\x02 random bytes", "000000000009 short\n"}) {
    SCOPED_TRACE(head);
    std::filesystem::remove_all(files().folder);
    write(5);
    std::ofstream(files().head(), std::ios::trunc) << head;
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("ledger.head is missing or cannot be read")));
  }
  std::filesystem::remove(files().head());
  auto altered = lines();
  altered.resize(3);
  rewrite(altered);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("whether entries behind 3 are missing")));
}

TEST_F(LedgerTest, AFreshLedgerHasAHeadBeforeItsFirstEntry) {
  open();
  EXPECT_THAT(linesOf(files().head()), ElementsAre("000000000000 " + std::string(64, '0')));
  EXPECT_THAT(ledger->found().problems, IsEmpty());
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, ACrashBetweenAnEntryAndItsHeadLeavesTheLedgerWhole) {
  open();
  const auto before = folder_.path() / "head";
  std::filesystem::copy_file(files().head(), before);
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  close();
  std::filesystem::rename(before, files().head());
  EXPECT_THAT(problems(), IsEmpty());
  open();
  EXPECT_THAT(ledger->found().problems, IsEmpty());
}

TEST_F(LedgerTest, AHeadThatTellsOfEntriesWithoutAnyFileIsAFinding) {
  write(5);
  std::filesystem::remove(files().current());
  EXPECT_THAT(problems(),
              ElementsAre("0 the end is missing: the last entry is 0, and ledger.head tells of "
                          "entry 5"));
}

TEST_F(LedgerTest, WhatIsNoRegularFileIsNeverWaitedFor) {
  write(2);
  std::filesystem::rename(files().current(), files().folder / "elsewhere");
  for (const auto& name : {files().full(1), files().current()})
    ASSERT_EQ(mkfifo(name.c_str(), 0600), 0);
  EXPECT_THAT(problems(),
              testing::IsSupersetOf({"0 it is no regular file", "0 it is no regular file"}));
  std::filesystem::remove(files().current());
  std::filesystem::create_symlink(files().folder / "elsewhere", files().current());
  EXPECT_THAT(problems(), testing::Contains("0 it is no regular file").Times(2));
}

TEST_F(LedgerTest, ATailCutInTheMiddleOfALineIsToldByTheHead) {
  write(5);
  std::filesystem::resize_file(files().current(),
                               std::filesystem::file_size(files().current()) - 10);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the end is missing: the last entry is 4")));
}

TEST_F(LedgerTest, ARemovedFullFileIsMissed) {
  options.file_bytes = 2000;
  write(20);
  std::filesystem::remove(files().all()[1]);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("are missing before entry")));
}

TEST_F(LedgerTest, AFolderWithoutALedgerIsAnError) {
  EXPECT_FALSE(checkLedger(folder_.path(), LedgerStart::first_entry));
}

// ---- opening what a crash or a hand left -------------------------------------------------------

TEST_F(LedgerTest, ALineThatACrashCutOffIsPutAsideAndTheChainIsWhole) {
  write(3);
  std::ofstream(files().current(), std::ios::app) << R"({"version":1,"sequence":4)";
  open();
  EXPECT_EQ(ledger->found().torn_bytes, 25u);
  EXPECT_THAT(ledger->found().problems, IsEmpty());
  ASSERT_TRUE(ledger->append(decisionOf("4")));
  EXPECT_EQ(check().end.sequence, 4u);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(linesOf(files().folder / "ledger.torn"), ElementsAre(HasSubstr("\"sequence\":4")));
}

TEST_F(LedgerTest, ABrokenChainStaysAsItIsAndGoesOnInANewFile) {
  write(5);
  auto altered = lines();
  altered[2].replace(altered[2].find("alice"), 5, "malic");
  rewrite(altered);
  open();
  ASSERT_THAT(ledger->found().problems, SizeIs(1));
  EXPECT_EQ(ledger->found().problems[0].line, 3u);
  ASSERT_TRUE(ledger->append(decisionOf("6")));
  EXPECT_EQ(linesOf(files().full(1)), altered);
  EXPECT_THAT(lines(), SizeIs(1));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("3 the entry was altered")));
  open();
  EXPECT_THAT(ledger->found().problems, IsEmpty()) << "it was told at the start that found it";
}

TEST_F(LedgerTest, AStartThatFindsNoHeadTellsSoAndMakesOne) {
  write(5);
  std::filesystem::remove(files().head());
  open();
  ASSERT_THAT(ledger->found().problems, SizeIs(1));
  EXPECT_THAT(ledger->found().problems[0].what, HasSubstr("ledger.head is missing"));
  ASSERT_TRUE(ledger->append(decisionOf("6")));
  close();
  EXPECT_EQ(check().end.sequence, 6u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, PipesInThePlaceOfItsFilesDoNotHoldUpAStart) {
  write(2);
  for (const auto& name : {files().head(), files().current()}) {
    std::filesystem::remove(name);
    ASSERT_EQ(mkfifo(name.c_str(), 0600), 0);
  }
  open();
  EXPECT_THAT(ledger->found().problems, testing::Not(IsEmpty()));
  EXPECT_TRUE(ledger->append(decisionOf("1")));
}

TEST_F(LedgerTest, AMissingEndShowsForEver) {
  write(5);
  auto altered = lines();
  altered.resize(3);
  rewrite(altered);
  open();
  EXPECT_THAT(ledger->found().problems, SizeIs(1));
  ASSERT_TRUE(ledger->append(decisionOf("6")));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("entries 4 to 5 are missing before entry 6")));
}

TEST_F(LedgerTest, ALedgerWithoutASingleReadableLineIsPutAside) {
  write(2);
  std::ofstream(files().current(), std::ios::trunc) << "rubbish\n";
  open();
  ASSERT_TRUE(ledger->append(decisionOf("3")));
  EXPECT_THAT(linesOf(files().folder / "ledger.unreadable"), ElementsAre("rubbish"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("entries 1 to 2 are missing before entry 3")));
}

// ---- a disk that refuses -----------------------------------------------------------------------

TEST_F(LedgerTest, WhileTheDiskIsFullWhoWaitsIsRefusedAndNothingIsHalfWritten) {
  std::atomic<int> failures = 0;
  options.hooks.on_failed = [&](const std::string&, const std::string&) { ++failures; };
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  const auto size = std::filesystem::file_size(files().current());
  {
    const FullDisk full(size + 100);
    const Status refused = ledger->append(decisionOf("2"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error_class, ErrorClass::transient);
    EXPECT_THAT(refused.error().message, HasSubstr("ledger.jsonl"));
    EXPECT_NE(ledger->failure(), "");
    EXPECT_FALSE(ledger->append(decisionOf("3")));
    EXPECT_EQ(std::filesystem::file_size(files().current()), size);
  }
  close();
  EXPECT_EQ(failures, 1) << "told when it began, not for each";
}

TEST_F(LedgerTest, ItRecoversByItselfAndTellsOfTheOutage) {
  std::atomic<std::uint64_t> refused = 0;
  options.hooks.on_recovered = [&](std::uint64_t count, std::uint64_t) { refused = count; };
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  {
    const FullDisk full(std::filesystem::file_size(files().current()));
    EXPECT_FALSE(ledger->append(decisionOf("2")));
    ledger->note(decisionOf("kept"));
  }
  EXPECT_TRUE(eventually([&] { return ledger->failure().empty(); }));
  ASSERT_TRUE(ledger->append(decisionOf("3")));
  close();
  EXPECT_EQ(refused, 1u);
  const auto written = lines();
  ASSERT_THAT(written, SizeIs(4));
  const Json outage = *Json::tryParse(written[1]);
  EXPECT_EQ(outage["kind"].asString(), "outage");
  EXPECT_EQ(outage["facts"]["refused"].asInteger(), 1);
  EXPECT_EQ((*Json::tryParse(written[2]))["task_id"].asString(), "kept");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, WhatIsTooMuchToKeepIsCounted) {
  options.kept_entries = 2;
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  {
    const FullDisk full(std::filesystem::file_size(files().current()));
    EXPECT_FALSE(ledger->append(decisionOf("2")));
    for (int i = 0; i < 5; ++i) ledger->note(decisionOf("x"));
  }
  EXPECT_TRUE(eventually([&] { return ledger->failure().empty(); }));
  close();
  EXPECT_EQ((*Json::tryParse(lines()[1]))["facts"]["dropped"].asInteger(), 3);
}

// ---- a file that is no longer in its place -----------------------------------------------------

TEST_F(LedgerTest, WithoutItsFileNothingIsTakenUntilItIsBackAndThenTheOutageIsTold) {
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  const auto elsewhere = folder_.path() / "elsewhere";
  std::filesystem::rename(files().current(), elsewhere);
  const Status refused = ledger->append(decisionOf("2"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("ledger.jsonl was removed or replaced"));
  EXPECT_FALSE(std::filesystem::exists(files().current())) << "a new file is for a start";
  std::filesystem::rename(elsewhere, files().current());
  EXPECT_TRUE(eventually([&] { return ledger->failure().empty(); }));
  close();
  const auto written = lines();
  ASSERT_THAT(written, SizeIs(2));
  EXPECT_EQ((*Json::tryParse(written[1]))["kind"].asString(), "outage");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerTest, ItNoticesThatItsFolderIsGoneAlsoWhenNothingIsWritten) {
  std::atomic<int> failures = 0;
  options.hooks.on_failed = [&](const std::string&, const std::string&) { ++failures; };
  options.look = 20ms;
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  std::filesystem::rename(files().folder, folder_.path() / "elsewhere");
  EXPECT_TRUE(eventually([&] { return !ledger->failure().empty(); }));
  close();
  EXPECT_EQ(failures, 1);
}

TEST_F(LedgerTest, AFileThatAnotherHandReplacedOrCutIsNotWrittenTo) {
  open();
  ASSERT_TRUE(ledger->append(decisionOf("1")));
  std::filesystem::copy_file(files().current(), folder_.path() / "copy");
  std::filesystem::rename(folder_.path() / "copy", files().current());
  EXPECT_FALSE(ledger->append(decisionOf("2")));
  open();
  ASSERT_TRUE(ledger->append(decisionOf("2")));
  std::filesystem::resize_file(files().current(), 10);
  EXPECT_THAT(ledger->append(decisionOf("3")).error().message, HasSubstr("was cut or added to"));
}

TEST_F(LedgerTest, AStartAfterTheFileWasRemovedTellsWhatIsMissingAndGoesOn) {
  write(3);
  open();
  std::filesystem::remove(files().current());
  EXPECT_FALSE(ledger->append(decisionOf("4")));
  open();
  ASSERT_THAT(ledger->found().problems, SizeIs(1));
  ASSERT_TRUE(ledger->append(decisionOf("4")));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("entries 1 to 3 are missing before entry 4")));
}

}  // namespace
}  // namespace scanhost
