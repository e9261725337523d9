// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::greenbone {
namespace {

Json settings(const std::string& more = "{}") {
  Json values =
      Json::parse(R"({"host": "manager.example", "username": "u", "password": "hunter2"})");
  const Json extra = Json::parse(more);
  for (const auto& [name, value] : extra.members()) values[name] = value;
  return values;
}

TEST(GreenboneConfig, NeedsAHostAndALogin) {
  const Config config = readConfig(settings());
  EXPECT_EQ(config.url(), "tls://manager.example:9390");
  EXPECT_EQ(config.scan.scan_config, "Full and fast");
  for (const char* missing : {"host", "username", "password"}) {
    Json values = settings();
    values.erase(missing);
    EXPECT_THROW(readConfig(values), PluginError) << missing;
  }
}

TEST(GreenboneConfig, RefusesWhatCannotBe) {
  for (const char* bad :
       {R"({"host": "https://a"})", R"({"host": "a b"})", R"({"port": 0})", R"({"port": 70000})",
        R"({"client_certificate": "/a.pem"})", R"({"client_certificate": "a", "client_key": "b"})",
        R"({"scan_config": ""})", R"({"request_timeout": "60"})", R"({"max_report_bytes": 0})",
        R"({"tls": {"ca_file": "/a", "insecure": true}})"})
    EXPECT_THROW(readConfig(settings(bad)), PluginError) << bad;
}

TEST(GreenboneConfig, ARefusalShowsNoPassword) {
  try {
    readConfig(settings(R"({"username": ""})"));
    FAIL();
  } catch (const PluginError& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("hunter2")));
  }
}

TEST(GreenboneConfig, AScanReplacesOnlyWhatItNames) {
  const ScanOptions scan =
      readScanOptions(Json::parse(R"({"scan_config": "Discovery"})"), {"Full and fast", "Top 100"});
  EXPECT_EQ(scan.scan_config, "Discovery");
  EXPECT_EQ(scan.port_list, "Top 100");
}

}  // namespace
}  // namespace scanhost::greenbone
