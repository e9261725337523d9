// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/findings/finding_samples_test.h"
#include "tests/support/readable.h"

namespace scanhost {
namespace {

using ::testing::HasSubstr;
using testing_support::readable;

bool selects(const char* filters, const Finding& finding) {
  const auto conditions = parseFilters(Json::parse(filters));
  EXPECT_TRUE(conditions) << filters << ": " << conditions.error().message;
  return conditions && matches(finding, *conditions);
}

std::string errorOf(const char* filters) {
  const auto conditions = parseFilters(Json::parse(filters));
  EXPECT_FALSE(conditions) << filters;
  return conditions ? "" : conditions.error().message;
}

struct FilterCase {
  const char* filters;
  bool selected;
};

void PrintTo(const FilterCase& one, std::ostream* out) {
  *out << readable(one.filters) << (one.selected ? " selects" : " does not");
}

/// The sample: critical (4), CVSS 3 base score 9.8, port 443, plugin 12345, two CVEs.
class SampleFilter : public ::testing::TestWithParam<FilterCase> {};

TEST_P(SampleFilter, SelectsAsDocumented) {
  EXPECT_EQ(selects(GetParam().filters, sampleFinding()), GetParam().selected)
      << GetParam().filters;
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, SampleFilter,
    ::testing::Values(
        FilterCase{R"({"severity":">=3"})", true}, FilterCase{R"({"severity":4})", true},
        FilterCase{R"({"severity":"4"})", true}, FilterCase{R"({"severity":3})", false},
        FilterCase{R"({"severity":4.0})", true}, FilterCase{R"({"severity":"<4"})", false},
        FilterCase{R"({"severity":"<=4"})", true}, FilterCase{R"({"severity":">4"})", false},
        FilterCase{R"({"severity":"=4"})", true}, FilterCase{R"({"severity":" >= 3 "})", true},
        FilterCase{R"({"severity":"critical"})", true}, FilterCase{R"({"severity":"High"})", false},
        FilterCase{R"({"severity":">=high"})", true},
        FilterCase{R"({"severity":["high","critical"]})", true},
        FilterCase{R"({"severity":[1,"<1"]})", false}, FilterCase{R"({"cvss_score":">7.0"})", true},
        FilterCase{R"({"cvss_score":9.8})", true}, FilterCase{R"({"cvss_score":"=9.8"})", true},
        FilterCase{R"({"cvss_score":">9.8"})", false},
        FilterCase{R"({"cvss3_base_score":"<10"})", true},
        FilterCase{R"({"cvss_base_score":">=0"})", false},
        FilterCase{R"({"vpr_score":"<10"})", false}, FilterCase{R"({"port":"443"})", true},
        FilterCase{R"({"port":443})", true}, FilterCase{R"({"port":"44"})", false},
        FilterCase{R"({"port":"4443"})", false}, FilterCase{R"({"port":"<1024"})", true}));

INSTANTIATE_TEST_SUITE_P(Identifiers, SampleFilter,
                         ::testing::Values(FilterCase{R"({"plugin_id":"12345"})", true},
                                           FilterCase{R"({"plugin_id":12345})", true},
                                           FilterCase{R"({"plugin_id":"1"})", false},
                                           FilterCase{R"({"plugin_id":"1234"})", false},
                                           FilterCase{R"({"plugin_id":"=12345"})", true},
                                           FilterCase{R"({"plugin_id":["1","12345"]})", true}));

INSTANTIATE_TEST_SUITE_P(
    Text, SampleFilter,
    ::testing::Values(
        FilterCase{R"({"plugin_name":"openssl"})", true},
        FilterCase{R"({"plugin_name":"=openssl"})", false},
        FilterCase{R"({"plugin_name":"=OPENSSL < 3.0.7"})", true},
        FilterCase{R"({"plugin_name":"\\< 3"})", true},
        FilterCase{R"({"plugin_name":"\\=3"})", false},
        FilterCase{R"({"solution":"upgrade"})", true}, FilterCase{R"({"service":"WWW"})", true},
        FilterCase{R"({"svc_name":"www"})", true}, FilterCase{R"({"plugin_output":"x"})", false},
        FilterCase{R"({"host":"10.0.0"})", true}, FilterCase{R"({"host":"=10.0.0"})", false},
        FilterCase{R"({"severity_name":"crit"})", true},
        FilterCase{R"({"severity_name":["low","info"]})", false},
        FilterCase{R"({"severity_name":"xyz"})", false}, FilterCase{R"({"plugin_name":3})", true}));

INSTANTIATE_TEST_SUITE_P(
    ListsBooleansAndMore, SampleFilter,
    ::testing::Values(FilterCase{R"({"cve":"2021-0002"})", true},
                      FilterCase{R"({"cve":"=cve-2021-0002"})", true},
                      FilterCase{R"({"cve":"=2021-0002"})", false},
                      FilterCase{R"({"cwe":"79"})", false},
                      FilterCase{R"({"exploit_available":true})", true},
                      FilterCase{R"({"exploit_available":"True"})", true},
                      FilterCase{R"({"exploit_available":"false"})", false}, FilterCase{"{}", true},
                      FilterCase{"null", true}, FilterCase{R"({"severity":4,"port":"80"})", false},
                      FilterCase{R"({"severity":4,"port":"443","cve":"0001"})", true}));

TEST(Filter, TimestampsCompareChronologically) {
  Finding finding = sampleFinding();
  EXPECT_FALSE(selects(R"({"first_seen":">=2025-12-01T00:00:00Z"})", finding)) << "not known";
  finding.first_seen_us = parseTimestamp("2025-12-01T10:00:00Z")->micros;
  EXPECT_TRUE(selects(R"({"first_seen":">=2025-12-01T00:00:00Z"})", finding));
  EXPECT_TRUE(selects(R"({"first_seen":"<2025-12-01T11:00:00+00:30"})", finding));
  EXPECT_FALSE(selects(R"({"first_seen":">2025-12-01T10:00:00Z"})", finding));
}

TEST(Filter, MissingFieldNeverMatches) {
  Finding finding = sampleFinding();
  finding.exploit_available = -1;
  EXPECT_FALSE(selects(R"({"exploit_available":false})", finding));
  EXPECT_FALSE(selects(R"({"see_also":""})", finding));
  finding.port = "general";
  EXPECT_FALSE(selects(R"({"port":">=0"})", finding)) << "no number";
}

TEST(Filter, CvssScoreIsTheBestBaseScoreThereIs) {
  Finding finding;
  finding.cvss_base_score = 5.0;
  EXPECT_TRUE(selects(R"({"cvss_score":5})", finding));
  finding.cvss3_base_score = 7.5;
  EXPECT_TRUE(selects(R"({"cvss_score":"7.5"})", finding));
  finding.cvss4_base_score = 6.1;
  EXPECT_TRUE(selects(R"({"cvss_score":"=6.1"})", finding));
}

TEST(Filter, UnknownFieldNamesTheNearestAndAllOthers) {
  const std::string message = errorOf(R"({"severty":4})");
  EXPECT_THAT(message, HasSubstr("'severty'"));
  EXPECT_THAT(message, HasSubstr("did you mean 'severity'"));
  EXPECT_THAT(message, HasSubstr("plugin_output"));
}

class RefusedFilter : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedFilter, IsAnError) {
  EXPECT_FALSE(errorOf(GetParam().c_str()).empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedFilter,
    ::testing::Values(R"({"severity":null})", R"({"severity":"bad"})", R"({"severity":true})",
                      R"({"severity":""})", R"({"severity":">="})", R"({"severity":"==4"})",
                      R"({"severity":"4x"})", R"({"severity":"nan"})", R"({"severity":"inf"})",
                      R"({"severity":[]})", R"({"severity":[4,null]})", R"({"severity":[[4]]})",
                      R"({"severity":{"gte":3}})", R"({"port":"http"})", R"({"port":"critical"})",
                      R"({"cvss_score":">high"})", R"({"plugin_id":null})", R"({"plugin_id":">1"})",
                      R"({"plugin_id":""})", R"({"plugin_id":1.5})", R"({"plugin_name":"<3"})",
                      R"({"plugin_name":">a"})", R"({"plugin_name":true})", R"({"cve":"<2020"})",
                      R"({"cve":null})", R"({"exploit_available":1})",
                      R"({"exploit_available":"yes"})", R"({"first_seen":"yesterday"})",
                      R"({"first_seen":5})", R"({"extra":"x"})", R"({"":"x"})", R"(["severity"])",
                      R"("severity")", "4"));

TEST(Filter, SizesAreBounded) {
  const Json many(Json::Array(101, "CVE-2021-0001"));
  EXPECT_FALSE(parseFilters(Json::object({{"cve", many}})));
  EXPECT_FALSE(parseFilters(Json::object({{"host", std::string(5000, 'x')}})));
}

TEST(Filter, SeverityNamesBecomeNumbersSoThatStoresNeedNoNames) {
  const auto conditions = parseFilters(Json::parse(R"({"severity_name":["high","critical"]})"));
  ASSERT_TRUE(conditions);
  EXPECT_EQ((*conditions)[0].field->name, "severity");
  EXPECT_EQ((*conditions)[0].operands.size(), 2u);
}

}  // namespace
}  // namespace scanhost
