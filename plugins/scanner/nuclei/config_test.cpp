// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/config.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::nuclei {
namespace {

TEST(NucleiConfig, AScanReplacesOnlyWhatItNames) {
  const Config config =
      readConfig(Json::parse(R"({"templates": "/t", "severities": ["high"], "rate_limit": 20})"));
  const ScanOptions scan = readScanOptions(Json::parse(R"({"rate_limit": 5})"), config.scan);
  EXPECT_EQ(scan.severities.size(), 1u);
  EXPECT_EQ(scan.rate_limit, 5);
}

TEST(NucleiConfig, TheTemplatesFolderIsAnAbsolutePath) {
  for (const char* bad : {"{}", R"({"templates": "t"})", R"({"templates": "/a,/b"})",
                          R"({"templates": "/t", "program": "nuclei"})"})
    EXPECT_THROW(readConfig(Json::parse(bad)), PluginError) << bad;
}

TEST(NucleiConfig, ThirdPartiesHearOfNothingUnlessAllowed) {
  EXPECT_FALSE(readConfig(Json::parse(R"({"templates": "/t"})")).interactsh);
}

TEST(NucleiConfig, EverythingElseIsBounded) {
  for (const char* bad :
       {R"({"ports": []})", R"({"ports": [0]})", R"({"severities": ["worst"]})",
        R"({"severities": ["high,low"]})", R"({"tags": ["-x"]})", R"({"tags": ["a,b"]})",
        R"({"rate_limit": 0})", R"({"request_timeout": "11m"})"})
    EXPECT_THROW(readScanOptions(Json::parse(bad), {}), PluginError) << bad;
}

}  // namespace
}  // namespace scanhost::nuclei
