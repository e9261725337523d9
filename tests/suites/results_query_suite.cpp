// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/suites/results_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

using Op = ResultsOperator;

std::vector<ResultsOperand> number(Op op, double value) {
  return {ResultsOperand::ofNumber(op, value)};
}
std::vector<ResultsOperand> equals(const std::string& text) {
  return {ResultsOperand::ofText(Op::equal, text)};
}
std::vector<ResultsOperand> contains(const std::string& text) {
  return {ResultsOperand::ofText(Op::contains, text)};
}

}  // namespace

TEST_P(ResultsSuite, NumbersAreComparedAsNumbers) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c"), finding("d")};
  findings[0].cvss3_base_score = 9.8;
  findings[1].cvss3_base_score = 10.0;
  findings[2].cvss3_base_score = 7.0;
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "cvss3_base_score", number(Op::greater_equal, 9.8)),
              ElementsAre("a", "b"));
  EXPECT_THAT(matching(generation, "cvss3_base_score", number(Op::greater, 9.8)), ElementsAre("b"));
  EXPECT_THAT(matching(generation, "cvss3_base_score", number(Op::less, 9.8)), ElementsAre("c"));
  EXPECT_THAT(matching(generation, "cvss3_base_score", number(Op::less_equal, 7)),
              ElementsAre("c"));
  EXPECT_THAT(matching(generation, "cvss3_base_score", number(Op::equal, 10)), ElementsAre("b"));
}

TEST_P(ResultsSuite, SeverityAndPortAreNumbersToo) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c")};
  findings[0].severity = Severity::critical;
  findings[0].port = "443";
  findings[1].severity = Severity::high;
  findings[1].port = "80";
  findings[2].port = "8443";
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "severity", number(Op::greater_equal, 3)),
              ElementsAre("a", "b"));
  EXPECT_THAT(matching(generation, "severity", number(Op::equal, 4)), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "severity", number(Op::equal, -1)), IsEmpty());
  EXPECT_THAT(matching(generation, "port", number(Op::equal, 443)), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "port", number(Op::less, 443)), ElementsAre("b"));
  EXPECT_THAT(matching(generation, "severity_name", equals("HIGH")), ElementsAre("b"));
}

TEST_P(ResultsSuite, TheCvssScoreIsTheBaseScoreOfTheNewestVersion) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c"), finding("d")};
  findings[0].cvss_base_score = 10;
  findings[0].cvss3_base_score = 5;
  findings[0].cvss4_base_score = 3;
  findings[1].cvss_base_score = 2;
  findings[1].cvss3_base_score = 9;
  findings[2].cvss_base_score = 8;
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "cvss_score", number(Op::greater, 7)), ElementsAre("b", "c"));
  EXPECT_THAT(matching(generation, "cvss_score", number(Op::equal, 3)), ElementsAre("a"));
}

TEST_P(ResultsSuite, TextIsFoundWithoutRegardToAsciiCase) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c")};
  findings[0].check_name = "OpenSSL 1.0 \xC3\x9C";
  findings[1].check_name = "openssh";
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "plugin_name", contains("OPENSS")), ElementsAre("a", "b"));
  EXPECT_THAT(matching(generation, "plugin_name", contains("ssl")), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "plugin_name", equals("OPENSSH")), ElementsAre("b"));
  EXPECT_THAT(matching(generation, "plugin_name", equals("openss")), IsEmpty());
  EXPECT_THAT(matching(generation, "plugin_name", contains("\xC3\xBC")), IsEmpty());
}

TEST_P(ResultsSuite, SpecialCharactersOfSqlAreOrdinaryText) {
  std::vector<FindingRecord> findings{finding("a"), finding("b")};
  findings[0].description = "100% of 'x' OR 1=1; -- _";
  findings[1].description = "nothing";
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "description", contains("%")), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "description", contains("_")), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "description", contains("x' OR ''='")), IsEmpty());
  EXPECT_THAT(matching(generation, "description", contains("'x' or 1=1; --")), ElementsAre("a"));
}

TEST_P(ResultsSuite, IdentifiersMatchWhole) {
  const std::string generation = sealed("t1", {finding("1"), finding("11"), finding("21")});
  EXPECT_THAT(matching(generation, "plugin_id", equals("1")), ElementsAre("1"));
  EXPECT_THAT(matching(generation, "fingerprint", equals("1:10.0.0.1-21")), ElementsAre("21"));
}

TEST_P(ResultsSuite, AListMatchesByAnyOfItsElements) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c")};
  findings[0].cve = {"CVE-2021-0001", "CVE-2022-0002"};
  findings[1].cve = {"CVE-2021-00011"};
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "cve", contains("cve-2021")), ElementsAre("a", "b"));
  EXPECT_THAT(matching(generation, "cve", equals("cve-2021-0001")), ElementsAre("a"));
  EXPECT_THAT(matching(generation, "cve", contains("0001\",\"CVE")), IsEmpty());
}

TEST_P(ResultsSuite, BooleansMatchWhatWasSaid) {
  std::vector<FindingRecord> findings{finding("yes"), finding("no"), finding("unsaid")};
  findings[0].exploit_available = 1;
  findings[1].exploit_available = 0;
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(matching(generation, "exploit_available", {ResultsOperand::ofBoolean(true)}),
              ElementsAre("yes"));
  EXPECT_THAT(matching(generation, "exploit_available", {ResultsOperand::ofBoolean(false)}),
              ElementsAre("no"));
}

TEST_P(ResultsSuite, TimesAreComparedAsTimes) {
  sealed("t1", {finding("old")}, 1'000);
  const std::string generation = sealed("t2", {finding("old"), finding("new")}, 5'000);
  EXPECT_THAT(matching(generation, "first_seen", number(Op::greater_equal, 5'000)),
              ElementsAre("new"));
  EXPECT_THAT(matching(generation, "last_seen", number(Op::greater_equal, 5'000)),
              ElementsAre("old", "new"));
}

TEST_P(ResultsSuite, AFieldThatAFindingLacksNeverMatches) {
  const std::string generation = sealed("t1", {finding("a")});
  EXPECT_THAT(matching(generation, "service", contains("")), IsEmpty());
  EXPECT_THAT(matching(generation, "service", equals("")), IsEmpty());
  EXPECT_THAT(matching(generation, "cve", contains("")), IsEmpty());
  EXPECT_THAT(matching(generation, "vpr_score", number(Op::less, 100)), IsEmpty());
}

TEST_P(ResultsSuite, AnyOperandOfAConditionAndAllConditionsMustHold) {
  std::vector<FindingRecord> findings{finding("a", "10.0.0.1"), finding("b", "10.0.0.2"),
                                      finding("c", "10.0.0.1")};
  findings[0].severity = Severity::low;
  findings[1].severity = Severity::medium;
  findings[2].severity = Severity::critical;
  ResultsQuery query = everythingOf(sealed("t1", findings));
  query.conditions.push_back(
      {"severity",
       {ResultsOperand::ofNumber(Op::equal, 1), ResultsOperand::ofNumber(Op::equal, 2)}});
  EXPECT_THAT(checkIds(found(query)), ElementsAre("a", "b"));
  query.conditions.push_back({"host", equals("10.0.0.2")});
  EXPECT_THAT(checkIds(found(query)), ElementsAre("b"));
}

TEST_P(ResultsSuite, AnUnknownFieldIsRefusedByName) {
  ResultsQuery query = everythingOf(sealed("t1", {finding("a")}));
  query.conditions.push_back({"hots", equals("x")});
  const auto cursor = results().open(query, {});
  ASSERT_FALSE(cursor);
  EXPECT_THAT(cursor.error().message, testing::HasSubstr("hots"));
}

TEST_P(ResultsSuite, EveryFieldCanBeFilteredBy) {
  const std::string generation = sealed("t1", {finding("a")});
  for (const char* field : {"host",
                            "protocol",
                            "service",
                            "plugin_id",
                            "plugin_name",
                            "plugin_family",
                            "severity_name",
                            "cvss_vector",
                            "cvss3_vector",
                            "cvss4_vector",
                            "risk_factor",
                            "cve",
                            "cwe",
                            "xref",
                            "synopsis",
                            "description",
                            "solution",
                            "see_also",
                            "plugin_output",
                            "plugin_publication_date",
                            "plugin_modification_date",
                            "vuln_publication_date",
                            "patch_publication_date",
                            "fingerprint",
                            "scanner_family",
                            "truncated"})
    EXPECT_THAT(matching(generation, field, contains("no such text")), IsEmpty()) << field;
  for (const char* field : {"port", "severity", "cvss_base_score", "cvss_temporal_score",
                            "cvss3_base_score", "cvss3_temporal_score", "cvss4_base_score",
                            "vpr_score", "epss_score", "cvss_score", "first_seen", "last_seen"})
    EXPECT_THAT(matching(generation, field, number(Op::greater, 1e18)), IsEmpty()) << field;
}

TEST_P(ResultsSuite, OffsetAndLimitCutAPage) {
  std::vector<FindingRecord> findings;
  for (int i = 0; i < 10; ++i) findings.push_back(finding(std::to_string(i)));
  ResultsQuery query = everythingOf(sealed("t1", findings));
  query.offset = 3;
  query.limit = 4;
  EXPECT_THAT(checkIds(found(query, 3)), ElementsAre("3", "4", "5", "6"));
  EXPECT_EQ(*results().count(query, {}), 10u);
  query.offset = 9;
  EXPECT_THAT(checkIds(found(query)), ElementsAre("9"));
  query.offset = 10;
  EXPECT_THAT(found(query), IsEmpty());
}

TEST_P(ResultsSuite, ASortedPageIsCutLikewise) {
  std::vector<FindingRecord> findings;
  for (int i = 0; i < 10; ++i) findings.push_back(finding(std::to_string(i)));
  ResultsQuery query = everythingOf(sealed("t1", findings));
  query.sort = {{"plugin_id", true}};
  query.offset = 3;
  query.limit = 4;
  EXPECT_THAT(checkIds(found(query, 3)), ElementsAre("6", "5", "4", "3"));
}

TEST_P(ResultsSuite, FindingsAreSortedAndWhatLacksTheKeyComesLast) {
  std::vector<FindingRecord> findings{finding("a"), finding("b"), finding("c"), finding("d"),
                                      finding("e")};
  findings[0].cvss_base_score = 5;
  findings[1].cvss_base_score = 9;
  findings[3].cvss_base_score = 5;
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(sorted(generation, {{"cvss_score", true}}), ElementsAre("b", "a", "d", "c", "e"));
  EXPECT_THAT(sorted(generation, {{"cvss_score", false}}), ElementsAre("a", "d", "b", "c", "e"));
}

TEST_P(ResultsSuite, SortKeysFollowOneAnother) {
  std::vector<FindingRecord> findings{finding("a", "Beta"), finding("b", "alpha"),
                                      finding("c", "ALPHA"), finding("d", "gamma")};
  findings[0].severity = Severity::high;
  findings[1].severity = Severity::low;
  findings[2].severity = Severity::high;
  findings[3].severity = Severity::low;
  const std::string generation = sealed("t1", findings);
  EXPECT_THAT(sorted(generation, {{"severity", true}, {"host", false}}),
              ElementsAre("c", "a", "b", "d"));
  EXPECT_THAT(sorted(generation, {{"host", false}, {"severity", true}}),
              ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(sorted(generation, {{"port", false}}), ElementsAre("a", "b", "c", "d"));
}

TEST_P(ResultsSuite, WantedFieldsAreToldWhateverElseIsLeftOut) {
  FindingRecord given = finding("a");
  given.synopsis = "syn";
  given.cve = {"CVE-1"};
  ResultsQuery query = everythingOf(sealed("t1", {given}, 4'000));
  query.fields = {"host", "cve"};
  EXPECT_THAT(found(query).at(0).cve, ElementsAre("CVE-1"));
  query.fields = {"synopsis", "first_seen"};
  query.sort = {{"host", false}};
  EXPECT_EQ(found(query).at(0).synopsis, "syn");
  EXPECT_EQ(found(query).at(0).first_seen_us, 4'000);
}

TEST_P(ResultsSuite, AnOpenCursorKeepsNobodyFromWriting) {
  const std::string generation = sealed("t1", {finding("1"), finding("2")});
  auto cursor = results().open(everythingOf(generation), {});
  ASSERT_EQ(cursor->next(1, {})->size(), 1u);
  sealed("t2", {finding("3")});
  EXPECT_EQ(cursor->next(5, {})->size(), 1u);
  EXPECT_TRUE(cursor->next(5, {})->empty());
  EXPECT_TRUE(cursor->next(5, {})->empty());
}

}  // namespace scanhost::suites
