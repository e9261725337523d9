// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/result_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "tests/support/told_scan.h"

namespace scanhost::nuclei {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing_support::ToldScan;

class NucleiResults : public testing::Test {
 protected:
  void read(std::string_view text, std::size_t step = 61) {
    for (std::size_t at = 0; at < text.size(); at += step) reader.feed(text.substr(at, step));
    reader.finish();
    sink.flush();
  }
  static std::string recorded() {
    std::ifstream file(SCANHOST_SOURCE_DIR "/plugins/scanner/nuclei/testdata/recorded.jsonl");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  ToldScan told;
  FindingSink sink{told.abi()};
  ResultReader reader{sink, {"127.0.0.1", "::1"}};
};

TEST_F(NucleiResults, AWeaknessIsAFindingWithItsClassification) {
  read(recorded());
  EXPECT_EQ(told.findings.size(), 5u);
  const FindingRecord* found = told.find("nuclei:CVE-2021-41773");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->host, "127.0.0.1");
  EXPECT_EQ(found->port, "8080");
  EXPECT_EQ(found->service, "http");
  EXPECT_EQ(found->check_key, "LFI");
  EXPECT_EQ(found->severity, Severity::high);
  EXPECT_THAT(found->cve, ElementsAre("CVE-2021-41773"));
  EXPECT_THAT(found->cwe, ElementsAre("CWE-22"));
  EXPECT_DOUBLE_EQ(found->cvss3_base_score, 7.5);
  EXPECT_DOUBLE_EQ(found->epss_score, 0.97);
  EXPECT_THAT(found->cvss3_vector, HasSubstr("AV:N"));
  EXPECT_EQ(found->solution, "Update to 2.4.51 or later.");
  EXPECT_THAT(found->see_also, HasSubstr("\nhttps://nvd.nist.gov"));
  EXPECT_THAT(found->output, HasSubstr("/etc/passwd"));
  EXPECT_THAT(found->extra, Contains(Pair("tag", "kev")));
}

TEST_F(NucleiResults, MatchersOfOneTemplateAreToldApart) {
  read(recorded());
  EXPECT_NE(told.find("nuclei:http-missing-security-headers", "x-frame-options"), nullptr);
  EXPECT_NE(told.find("nuclei:http-missing-security-headers", "content-security-policy"), nullptr);
}

TEST_F(NucleiResults, FieldsOfOlderVersionsAreReadToo) {
  read(recorded());
  const FindingRecord* tls = told.find("nuclei:tls-version", "version");
  ASSERT_NE(tls, nullptr);
  EXPECT_EQ(tls->port, "8080") << "from matched-at";
  EXPECT_THAT(tls->output, HasSubstr("tls12\ntls13"));
  EXPECT_TRUE(std::isnan(tls->cvss3_base_score));
  read(R"({"template-id":"a","host":"https://[::1]/x","matched-at":"https://[::1]/x"})");
  EXPECT_EQ(told.find("nuclei:a")->host, "::1");
  EXPECT_EQ(told.find("nuclei:a")->port, "443");
}

TEST_F(NucleiResults, WhatIsToldOfOthersIsCountedAndNotTold) {
  read(R"({"template-id":"a","host":"http://10.9.9.9","ip":"10.9.9.9"})");
  EXPECT_TRUE(told.findings.empty());
  EXPECT_EQ(reader.ofOthers(), 1u);
}

TEST_F(NucleiResults, ALineThatIsTooLongIsPassedOverAndCounted) {
  for (int i = 0; i < 100; ++i) reader.feed(std::string(1u << 16, 'x'));
  read("\n" + recorded());
  EXPECT_EQ(reader.tooLong(), 1u);
  EXPECT_EQ(told.findings.size(), 5u);
}

TEST_F(NucleiResults, AnythingElseIsRefusedAfterWhatCameBefore) {
  EXPECT_THROW(read(recorded() + "[INF] hello\n"), PluginError);
  sink.flush();
  EXPECT_EQ(told.findings.size(), 5u);
  EXPECT_THROW(read("{}"), PluginError);
  EXPECT_THROW(read(std::string(1000, '[')), PluginError);
}

}  // namespace
}  // namespace scanhost::nuclei
