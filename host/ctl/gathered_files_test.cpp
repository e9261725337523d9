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
#include "host/ctl/support_bundle.h"

namespace scanhost::ctl {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

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

/// Recorded, newest first: what systemd says, standard error of a program, events.
constexpr const char* journal =
    R"({"MESSAGE":"Stopped scanhost.service for host db7.bank.example.","UNIT":"scanhost.service","_PID":"1","PRIORITY":"6"}
{"MESSAGE":[27,91,51,49,109,100,98,55],"_PID":"7","PRIORITY":"3"}
{"MESSAGE":"warning: Board room cannot be resolved","_PID":"7","PRIORITY":"3"}
{"SCANHOST_EVENT":"tool_invocation","MESSAGE":"tool_invocation name=\"Board room\" host=db7.bank.example","__REALTIME_TIMESTAMP":"1767225600000002","PRIORITY":"6","SYSLOG_IDENTIFIER":"scanhost","SCANHOST_TOOL":"submit_scan","SCANHOST_NAME":"Board room","SCANHOST_HOST":"db7.bank.example","SCANHOST_TARGETS":"[\"db7.bank.example\",\"10.0.0.7\"]","SCANHOST_COMPONENT":"operations","SCANHOST_TRACE_ID":"t-1","SCANHOST_ATTEMPT":"2","SCANHOST_ARGUMENTS":"{\"targets\":\"db7.bank.example\",\"api_token\":\"canary-token\"}","_BOOT_ID":"b"}
{"MESSAGE":"{\"timestamp\":\"T\",\"event\":\"scan_enqueued\",\"task_id\":\"t\",\"name\":\"Board room\"}","_TRANSPORT":"stdout"}
not JSON
{"MESSAGE":"cut)";

TEST(EventLines, EntriesOfTheJournalBecomeTheEventsThatTheyWereMadeOf) {
  EXPECT_EQ(eventsOfEntries(journal, OtherLines::left_out),
            R"({"timestamp":"T","event":"scan_enqueued","task_id":"t","name":"Board room"}
{"timestamp":"2026-01-01T00:00:00.000002Z","level":"info","component":"operations","event":"tool_invocation","trace_id":"t-1","tool":"submit_scan","name":"Board room","host":"db7.bank.example","targets":["db7.bank.example","10.0.0.7"],"attempt":2,"arguments":{"targets":"db7.bank.example","api_token":"canary-token"}}
)");
}

TEST(EventLines, EventsOfTheJournalLeaveWithoutTargetsNamesAndSecrets) {
  SupportBundle bundle;
  bundle.add("e", "events", DocumentKind::scans, eventsOfEntries(journal, OtherLines::left_out));
  const std::string text = bundle.finish("b", {}, false).entries.back().text;
  for (const char* kept_back : {"Board room", "db7", "10.0.0.7", "canary-token"})
    EXPECT_THAT(text, Not(HasSubstr(kept_back)));
  EXPECT_THAT(text, HasSubstr("\"event\":\"tool_invocation\""));
  EXPECT_THAT(text, HasSubstr("\"attempt\":2"));
}

TEST(EventLines, WhatElseIsInTheJournalIsShownOnlyWhereItIsWanted) {
  EXPECT_THAT(eventsOfEntries(journal, OtherLines::shown),
              EndsWith("}\nwarning: Board room cannot be resolved\n\x1b[31mdb7\n"
                       "Stopped scanhost.service for host db7.bank.example.\n"));
}

TEST(EventLines, FieldsMayBeBytesOrTooLongOrRepeated) {
  const std::string line = eventsOfEntries(
      R"({"SCANHOST_EVENT":"x","PRIORITY":"4","SCANHOST_LINE":[104,195,188,255,13],"SCANHOST_TARGETS":null,"SCANHOST_A_B":["one",[50,0],"3"],"SCANHOST_NONE":[],"SCANHOST_TEXT":"{ \"a\": 1 }","SCANHOST_ZERO":"007","SCANHOST_LEVEL":"debug"})",
      OtherLines::left_out);
  const Json event = Json::parse(line);
  EXPECT_TRUE(event["timestamp"].isNull());
  EXPECT_EQ(event["level"].asString(), "debug") << "the event's own goes before the journal's";
  EXPECT_EQ(event["line"].asString(), "h\u00fc\ufffd\r");
  EXPECT_EQ(event["targets"].asString(), "[left out: too long]");
  EXPECT_EQ(event["a_b"], Json::array({"one", std::string("2\0", 2), 3}));
  EXPECT_EQ(event["none"].asString(), "");
  EXPECT_EQ(event["text"].asString(), "{ \"a\": 1 }") << "no dump of the exporter's";
  EXPECT_EQ(event["zero"].asString(), "007");
  EXPECT_EQ(eventsOfEntries(R"({"MESSAGE":null})", OtherLines::shown), "[left out: too long]\n");
}

TEST(EventLines, OfALongJournalTheNewestEventsStay) {
  std::string entries;
  const std::string filler(3000, 'x');
  for (int i = 0; i < 1000; ++i)
    entries += "{\"SCANHOST_EVENT\":\"e" + std::to_string(i) + "\",\"SCANHOST_TEXT\":\"" + filler +
               "\"}\n";
  const std::string text = eventsOfEntries(entries, OtherLines::left_out);
  EXPECT_LE(text.size(), 2u << 20);
  EXPECT_THAT(text.substr(text.size() - 3200), HasSubstr("\"event\":\"e0\""));
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
