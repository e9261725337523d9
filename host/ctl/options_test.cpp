// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/options.h"

#include <gtest/gtest.h>

namespace scanhost::ctl {
namespace {

std::variant<Invocation, NothingToRun> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "scanhostctl");
  return parseCommandLine(static_cast<int>(words.size()), words.data());
}

Invocation invocation(std::vector<const char*> words) {
  auto parsed = parse(std::move(words));
  if (auto* nothing = std::get_if<NothingToRun>(&parsed)) {
    ADD_FAILURE() << nothing->text;
    return {};
  }
  return std::get<Invocation>(parsed);
}

int exitCode(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  const auto* nothing = std::get_if<NothingToRun>(&parsed);
  return nothing ? nothing->exit_code : -1;
}

std::string refusal(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  const auto* nothing = std::get_if<NothingToRun>(&parsed);
  return nothing ? nothing->text : "";
}

TEST(CommandLine, CommonOptionsStandBeforeOrAfterTheVerb) {
  for (const auto& words : {std::vector<const char*>{"--output", "json", "--pool", "p", "tasks"},
                            std::vector<const char*>{"tasks", "--output", "json", "--pool", "p"},
                            std::vector<const char*>{"--pool", "p", "tasks", "--output=json"}}) {
    const Invocation parsed = invocation(words);
    EXPECT_EQ(parsed.common.format, Format::json);
    EXPECT_EQ(parsed.common.pool, "p");
    EXPECT_TRUE(std::holds_alternative<TasksCommand>(parsed.command));
  }
}

TEST(CommandLine, SubmitTakesTargetsAndLogin) {
  const Invocation parsed =
      invocation({"submit", "10.0.0.1", "10.0.0.0/24", "--name", "LAN", "--scan-type",
                  "authenticated", "--ssh-user", "root", "--ssh-password-file", "pw", "--wait"});
  const auto& submit = std::get<SubmitCommand>(parsed.command);
  EXPECT_EQ(submit.targets, (std::vector<std::string>{"10.0.0.1", "10.0.0.0/24"}));
  EXPECT_EQ(submit.ssh_user, "root");
  EXPECT_TRUE(submit.wait);
}

TEST(CommandLine, PlanCompareAndExportTakeWhatTheyNeed) {
  const Invocation plan = invocation({"plan", "10.0.0.1", "web.example", "--pool", "p"});
  EXPECT_EQ(std::get<PlanCommand>(plan.command).targets,
            (std::vector<std::string>{"10.0.0.1", "web.example"}));
  const Invocation compare = invocation({"compare", "t1", "t2", "--filter", "severity=>=3"});
  EXPECT_EQ(std::get<CompareCommand>(compare.command).base_task_id, "t1");
  EXPECT_EQ(std::get<CompareCommand>(compare.command).task_id, "t2");
  const Invocation exported = invocation({"export", "t1", "--format", "csv", "--file", "t1.csv"});
  EXPECT_EQ(std::get<ExportCommand>(exported.command).format, "csv");
  EXPECT_EQ(exitCode({"export", "t1"}), 2);
  EXPECT_EQ(exitCode({"export", "t1", "--format", "pdf"}), 2);
}

TEST(CommandLine, FiltersAreRepeatedAndKeepTheirOperators) {
  const Invocation parsed = invocation({"results", "--filter", "severity=>=3", "--filter",
                                        "host=10.0.0.7", "t1", "--fields", "a,b"});
  const auto& results = std::get<ResultsCommand>(parsed.command);
  EXPECT_EQ(results.filters, (std::vector<std::string>{"severity=>=3", "host=10.0.0.7"}));
  EXPECT_EQ(results.fields, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(results.task_id, "t1");
}

TEST(CommandLine, DurationsNeedAUnit) {
  EXPECT_EQ(invocation({"status", "t1", "--watch", "--deadline", "2h"}).common.deadline,
            std::chrono::hours(2));
  EXPECT_EQ(exitCode({"status", "t1", "--deadline", "5"}), 2);
}

TEST(CommandLine, WhatIsWrongIsAUsageError) {
  EXPECT_EQ(exitCode({}), 2);
  EXPECT_EQ(exitCode({"frobnicate"}), 2);
  EXPECT_EQ(exitCode({"status"}), 2);
  EXPECT_EQ(exitCode({"tasks", "--output", "xml"}), 2);
  EXPECT_EQ(exitCode({"tasks", "--limit", "0"}), 2);
  EXPECT_EQ(exitCode({"tasks", "--watch"}), 2);
  EXPECT_EQ(exitCode({"submit", "x", "--scan-type", "odd"}), 2);
}

TEST(CommandLine, AWordThatIsNoneOfThoseKnownIsRefusedWithTheirNames) {
  EXPECT_NE(refusal({"tasks", "--output", "xml"})
                .find("--output: 'xml' is none of table, json, jsonl, csv\n"),
            std::string::npos);
  EXPECT_NE(refusal({"dlq", "redrive", "--class", "foo"})
                .find("--class: 'foo' is none of transient, internal, busy, auth, config, target, "
                      "unsupported, lost, ambiguous, cancelled, timeout\n"),
            std::string::npos);
  EXPECT_EQ(invocation({"tasks", "--output", "JSON"}).common.format, Format::json);
}

TEST(CommandLine, SecretsAreNoArguments) {
  EXPECT_EQ(exitCode({"--token", "x", "tasks"}), 2);
  EXPECT_EQ(exitCode({"submit", "x", "--ssh-password", "y"}), 2);
}

TEST(CommandLine, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(exitCode({"--help"}), 0);
  EXPECT_EQ(exitCode({"submit", "--help"}), 0);
  EXPECT_EQ(exitCode({"--version"}), 0);
}

TEST(CommandLine, ARedriveOfManyMustSayWhich) {
  EXPECT_EQ(exitCode({"dlq", "redrive"}), 2);
  EXPECT_EQ(exitCode({"dlq", "redrive", "t1", "--class", "lost"}), 2);
  const auto filtered = std::get<DlqRedriveCommand>(
      invocation({"dlq", "redrive", "--class", "transient", "--older-than", "2h", "--rate", "5"})
          .command);
  EXPECT_EQ(filtered.error_class, "transient");
  EXPECT_EQ(filtered.older_than, std::chrono::hours(2));
  EXPECT_EQ(filtered.rate, 5);
  for (const auto& words : {std::vector<const char*>{"dlq", "redrive", "--all"},
                            std::vector<const char*>{"dlq", "redrive", "--pool", "p"},
                            std::vector<const char*>{"dlq", "redrive", "t1"}})
    EXPECT_TRUE(std::holds_alternative<DlqRedriveCommand>(invocation(words).command));
}

TEST(CommandLine, DlqNeedsAWordAfterIt) {
  EXPECT_EQ(exitCode({"dlq"}), 2);
  EXPECT_EQ(exitCode({"dlq", "purge", "--older-than", "soon"}), 2);
  EXPECT_TRUE(std::get<DlqPurgeCommand>(invocation({"dlq", "purge", "--yes"}).command).yes);
}

TEST(CommandLine, TheOutputOfASupportBundleIsAFile) {
  const auto words = invocation({"support-bundle", "--output", "b.tar.gz", "--config", "c.yaml",
                                 "--events", "e.jsonl", "--with-targets"});
  const auto bundle = std::get<SupportBundleCommand>(words.command);
  EXPECT_EQ(bundle.file, "b.tar.gz");
  EXPECT_EQ(bundle.config, "c.yaml");
  EXPECT_EQ(bundle.events, "e.jsonl");
  EXPECT_TRUE(bundle.with_targets);
  EXPECT_FALSE(std::get<SupportBundleCommand>(invocation({"support-bundle"}).command).with_targets);
}

TEST(CommandLine, ASocketAndAUrlExcludeEachOther) {
  EXPECT_EQ(exitCode({"--socket", "/s", "--url", "http://h", "tasks"}), 2);
  EXPECT_EQ(invocation({"tasks", "--socket", "/s"}).common.socket, "/s");
}

}  // namespace
}  // namespace scanhost::ctl
