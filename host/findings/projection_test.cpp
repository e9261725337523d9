// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace scanhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> namesOf(const Projection& projection) {
  std::vector<std::string> names;
  for (const auto& column : projection.columns) names.emplace_back(column.name);
  return names;
}

TEST(Projection, ProfilesServeTheContractsFieldsInOrder) {
  EXPECT_THAT(
      namesOf(*makeProjection("minimal", {})),
      ElementsAre("host", "plugin_id", "severity", "cve", "cvss_score", "exploit_available"));
  EXPECT_THAT(namesOf(*makeProjection("summary", {})),
              ElementsAre("host", "plugin_id", "severity", "cve", "cvss_score", "exploit_available",
                          "plugin_name", "cvss3_base_score", "synopsis"));
  EXPECT_THAT(
      namesOf(*makeProjection("brief", {})),
      ElementsAre("host", "plugin_id", "severity", "cve", "cvss_score", "exploit_available",
                  "plugin_name", "cvss3_base_score", "synopsis", "description", "solution"));
}

TEST(Projection, FullServesEveryFieldOfTheContract) {
  const std::set<std::string> expected{"host",
                                       "port",
                                       "protocol",
                                       "service",
                                       "plugin_id",
                                       "plugin_name",
                                       "plugin_family",
                                       "severity",
                                       "severity_name",
                                       "cvss_base_score",
                                       "cvss_temporal_score",
                                       "cvss3_base_score",
                                       "cvss3_temporal_score",
                                       "cvss4_base_score",
                                       "vpr_score",
                                       "epss_score",
                                       "cvss_score",
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
                                       "truncated",
                                       "exploit_available",
                                       "plugin_publication_date",
                                       "plugin_modification_date",
                                       "vuln_publication_date",
                                       "patch_publication_date",
                                       "first_seen",
                                       "last_seen",
                                       "fingerprint",
                                       "scanner_family",
                                       "extra"};
  const auto names = namesOf(projectionOf(Profile::full));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
  EXPECT_EQ(names.size(), expected.size());
}

TEST(Projection, UntrustedFieldsAreThoseServed) {
  EXPECT_THAT(makeProjection("minimal", {})->untrustedFields(), IsEmpty());
  EXPECT_THAT(makeProjection("brief", {})->untrustedFields(),
              ElementsAre("plugin_name", "synopsis", "description", "solution"));
  EXPECT_THAT(makeProjection("brief", {"host", "plugin_output"})->untrustedFields(),
              ElementsAre("plugin_output"));
}

TEST(Projection, CustomFieldsKeepTheClientsNamesAndOrder) {
  const auto projection = makeProjection("brief", {"svc_name", "host", "port", "host"});
  ASSERT_TRUE(projection);
  EXPECT_EQ(projection->profile, "custom");
  EXPECT_THAT(namesOf(*projection), ElementsAre("svc_name", "host", "port"));
}

TEST(Projection, ProfileAndCustomFieldsExcludeEachOther) {
  EXPECT_THAT(makeProjection("full", {"host"}).error().message, HasSubstr("Cannot specify both"));
}

TEST(Projection, UnknownNamesAreErrors) {
  EXPECT_THAT(makeProjection("short", {}).error().message, HasSubstr("Invalid schema profile"));
  EXPECT_THAT(makeProjection("brief", {"hots"}).error().message, HasSubstr("did you mean 'host'"));
}

}  // namespace
}  // namespace scanhost
