// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The files that a support bundle reads and the one that it makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "host/config/test_files.h"
#include "host/ctl/crash_files.h"
#include "host/ctl/event_lines.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/new_file.h"

namespace scanhost::ctl {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* report = R"({"plugin": "scanner-wild", "reason": "died"})";

TEST(CrashFiles, TheNewestComeFirstUpToTheLimit) {
  const TestFiles files;
  files.write("crashes/scanner-wild.b.1764457200000002.json", report);
  files.write("crashes/exporter-x.a.1764457200000003.json", report);
  files.write("crashes/scanner-wild.a.1764457200000001.json", report);
  std::vector<std::string> names;
  for (const CrashFile& crash : readCrashFiles(files.path("crashes"), 2))
    names.push_back(crash.name);
  EXPECT_EQ(names, (std::vector<std::string>{"exporter-x.a.1764457200000003.json",
                                             "scanner-wild.b.1764457200000002.json"}));
}

TEST(CrashFiles, LinksAndWhatIsNoReportArePassedOver) {
  const TestFiles files;
  files.write("secret.json", report);
  files.write("crashes/a.b.1764457200000001.json", R"({"other": 1})");
  files.write("crashes/a.b.1764457200000002.json", "no JSON");
  fs::create_symlink(files.path("secret.json"), files.path("crashes/a.b.1764457200000003.json"));
  ::mkfifo(files.path("crashes/a.b.1764457200000004.json").c_str(), 0600);
  EXPECT_TRUE(readCrashFiles(files.path("crashes"), 20).empty());
  fs::create_directory_symlink(files.path("crashes"), files.path("linked"));
  EXPECT_THROW(readCrashFiles(files.path("linked"), 20), std::runtime_error);
}

TEST(CrashFiles, AFolderThatIsNotThereHoldsNone) {
  EXPECT_TRUE(readCrashFiles("/nonexistent/crashes", 20).empty());
}

TEST(EventLines, TheJournalIsTurnedRoundAndWhatIsNoTextDropped) {
  EXPECT_EQ(messagesOf("{\"MESSAGE\":\"third\",\"_PID\":\"1\"}\n"
                       "{\"MESSAGE\":[104,105]}\nnot JSON\n"
                       "{\"MESSAGE\":\"first\"}\n{\"MESSAGE\":\"cut"),
            "first\nthird\n");
}

TEST(EventLines, TheEndOfALargeFileBeginsWithAWholeLine) {
  const TestFiles files;
  std::string text;
  for (int i = 0; text.size() < (3u << 20); ++i) text += "line " + std::to_string(i) + "\n";
  const std::string tail = eventsOfFile(files.write("events.jsonl", text));
  EXPECT_LE(tail.size(), 2u << 20);
  EXPECT_TRUE(tail.starts_with("line "));
  EXPECT_TRUE(text.ends_with(tail));
  EXPECT_EQ(eventsOfFile(files.write("small.jsonl", "one\n")), "one\n");
  EXPECT_EQ(eventsOfFile(files.write("empty.jsonl", "")), "");
}

TEST(EventLines, AFileThatIsNoneSaysSo) {
  EXPECT_THROW(eventsOfFile("/dev/zero"), std::runtime_error);
  EXPECT_THROW(eventsOfFile("/nonexistent"), std::runtime_error);
}

TEST(NewFile, ItsOwnerAloneMayReadIt) {
  const TestFiles files;
  checkNewFile(files.path("new"));
  writeNewFile(files.path("new"), "text");
  EXPECT_EQ(fs::status(files.path("new")).permissions(), fs::perms(0600));
  std::ifstream in(files.path("new"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "text");
}

TEST(NewFile, WhatIsThereIsKept) {
  const TestFiles files;
  const auto there = files.write("there", "old");
  fs::create_symlink("/nonexistent/elsewhere", files.path("link"));
  for (const fs::path& path : {there, files.path("link")}) {
    EXPECT_THROW(checkNewFile(path), UsageError);
    EXPECT_THROW(writeNewFile(path, "new"), UsageError);
  }
  EXPECT_EQ(fs::file_size(there), 3u);
}

TEST(NewFile, AFolderThatIsNotThereIsNamedWithTheRemedy) {
  try {
    checkNewFile("/nonexistent/folder/file");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent/folder/file cannot be made: No such file"));
    EXPECT_THAT(error.what(), HasSubstr("--output"));
  }
}

TEST(NewFile, ASignalThatComesMeanwhileRemovesIt) {
  const TestFiles files;
  const fs::path file = files.path("new");
  EXPECT_EXIT(
      {
        sigset_t interrupt;
        sigemptyset(&interrupt);
        sigaddset(&interrupt, SIGINT);
        ::sigprocmask(SIG_BLOCK, &interrupt, nullptr);
        ::raise(SIGINT);
        writeNewFile(file, "text");
        ::_exit(fs::exists(file) ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace scanhost::ctl
