// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/sort.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/findings/finding_samples_test.h"

namespace scanhost {
namespace {

std::string idsSortedBy(const char* sort, std::vector<Finding> findings) {
  const auto keys = parseSort(sort);
  EXPECT_TRUE(keys) << sort;
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) { return comesBefore(a, b, *keys); });
  std::string ids;
  for (const Finding& finding : findings) ids += finding.check_id;
  return ids;
}

std::vector<Finding> threeFindings() {
  std::vector<Finding> findings{sampleFinding("a", Severity::low),
                                sampleFinding("b", Severity::critical),
                                sampleFinding("c", Severity::low)};
  findings[0].host = "B";
  findings[1].host = "c";
  findings[2].host = "a";
  findings[0].port = "9";
  findings[1].port = "80";
  findings[2].port = "443";
  findings[1].vpr_score = 5.0;
  return findings;
}

TEST(Sort, KeysApplyInTurnAndMinusDescends) {
  EXPECT_EQ(idsSortedBy("-severity,host", threeFindings()), "bca");
  EXPECT_EQ(idsSortedBy("severity", threeFindings()), "acb");
  EXPECT_EQ(idsSortedBy("", threeFindings()), "abc");
}

TEST(Sort, TextIgnoresCaseAndNumbersAreNumbers) {
  EXPECT_EQ(idsSortedBy("host", threeFindings()), "cab");
  EXPECT_EQ(idsSortedBy("-port", threeFindings()), "cba");
}

TEST(Sort, WhatLacksTheFieldComesLastInBothDirections) {
  EXPECT_EQ(idsSortedBy("vpr_score", threeFindings()), "bac");
  EXPECT_EQ(idsSortedBy("-vpr_score", threeFindings()), "bac");
}

TEST(Sort, SeverityNameSortsByRank) {
  EXPECT_EQ(parseSort("-severity_name")->front().field->name, "severity");
}

TEST(Sort, BadKeysAreErrors) {
  for (const char* bad : {"severty", "cve", "extra", "severity,,host", "--severity", "+host", "-",
                          "host,host,host,host,host,host,host,host,host"})
    EXPECT_FALSE(parseSort(bad)) << bad;
}

}  // namespace
}  // namespace scanhost
