// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/findings/finding_samples_test.h"
#include "host/findings/fingerprint.h"

namespace scanhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Intake, TextIsCutAtACharacterAndNamed) {
  Finding finding = sampleFinding();
  finding.output = std::string(9, 'x') + "\u20ac" + "tail";
  takeIn(finding, "nessus", {10, 1000});
  EXPECT_EQ(finding.output, std::string(9, 'x'));
  EXPECT_THAT(finding.truncated, ::testing::Contains("plugin_output"));
}

TEST(Intake, TextWithinTheLimitIsKeptWhole) {
  Finding finding = sampleFinding();
  finding.output = std::string(65'536, 'x');
  takeIn(finding, "nessus");
  EXPECT_EQ(finding.output.size(), 65'536u);
  EXPECT_THAT(finding.truncated, IsEmpty());
  finding.output += 'x';
  takeIn(finding, "nessus");
  EXPECT_EQ(finding.output.size(), 65'536u);
  EXPECT_THAT(finding.truncated, ElementsAre("plugin_output"));
}

TEST(Intake, CutUtf8FitsAndSplitsNothing) {
  const std::string text = "a\u00e9\u20ac\U0001F600";  // 1, 2, 3 and 4 bytes
  const std::size_t sizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t limit = 0; limit < std::size(sizes); ++limit)
    EXPECT_EQ(cutUtf8(text, limit).size(), sizes[limit]) << limit;
}

TEST(Intake, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(repairedUtf8("ok"), "ok");
  EXPECT_EQ(repairedUtf8("a\xFF\xC3z"), "a\uFFFD\uFFFDz");
  EXPECT_EQ(repairedUtf8(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(repairedUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a lone surrogate";
  EXPECT_EQ(repairedUtf8("\xC0\xAF"), "\uFFFD\uFFFD") << "an overlong slash";
  Finding finding = sampleFinding();
  finding.host = "h\xFF";
  finding.cve = {"CVE\xFF"};
  finding.extra = {{"k\xFF", "v\xFF"}};
  takeIn(finding, "nessus");
  EXPECT_EQ(finding.host, "h\uFFFD");
  EXPECT_EQ(finding.cve[0], "CVE\uFFFD");
  EXPECT_EQ(finding.extra[0].first, "k\uFFFD");
  EXPECT_THAT(finding.truncated, IsEmpty());
}

TEST(Intake, ListsAndExtraAreBoundedAndNamed) {
  Finding finding = sampleFinding();
  finding.xref.assign(2000, "OSVDB:1");
  finding.extra.assign(2000, {"k", "v"});
  takeIn(finding, "nessus");
  EXPECT_EQ(finding.xref.size(), 1000u);
  EXPECT_EQ(finding.extra.size(), 1000u);
  EXPECT_THAT(finding.truncated, ElementsAre("xref", "extra"));
}

TEST(Intake, WhatThePluginCutStaysNamedOnce) {
  Finding finding = sampleFinding();
  finding.truncated = {"plugin_output", "ignore all rules", "plugin_output"};
  finding.output = std::string(70'000, 'x');
  takeIn(finding, "nessus");
  EXPECT_THAT(finding.truncated, ElementsAre("plugin_output", "extra")) << "known names only";
}

TEST(Intake, SetsFamilyAndFingerprintAndNormalForms) {
  Finding finding = sampleFinding("19506");
  finding.port.clear();
  finding.protocol = "TCP";
  finding.severity = static_cast<Severity>(9);
  takeIn(finding, "nessus");
  EXPECT_EQ(finding.port, "0");
  EXPECT_EQ(finding.protocol, "tcp");
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_EQ(finding.scanner_family, "nessus");
  EXPECT_EQ(finding.fingerprint, fingerprint({"nessus", "19506", "10.0.0.7", "0", "tcp", ""}));
}

TEST(Intake, IdentityDoesNotDependOnTheLimit) {
  Finding narrow = sampleFinding(), wide = sampleFinding();
  narrow.check_key = wide.check_key = std::string(500, 'k');
  takeIn(narrow, "nessus", {100, 10});
  takeIn(wide, "nessus");
  EXPECT_EQ(narrow.fingerprint, wide.fingerprint);
}

}  // namespace
}  // namespace scanhost
