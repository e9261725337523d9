// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/config.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::nmap {
namespace {

ScanOptions options(const char* json) {
  return readScanOptions(Json::parse(json), {});
}

TEST(NmapConfig, AScanReplacesOnlyWhatItNames) {
  const Config config = readConfig(Json::parse(R"({"ports": "top-100", "timing": 4})"));

  const ScanOptions scan = readScanOptions(Json::parse(R"({"ports": "80"})"), config.scan);

  EXPECT_EQ(scan.ports, "80");
  EXPECT_EQ(scan.timing, 4);
}

TEST(NmapConfig, TakesPortsInStrictForms) {
  for (const char* good : {"all", "top-1", "top-1000", "80", "22,80,8000-8100", "1-65535"})
    EXPECT_EQ(options(("{\"ports\": \"" + std::string(good) + "\"}").c_str()).ports, good);
}

TEST(NmapConfig, RefusesAnythingElseForPorts) {
  for (const char* bad : {"", "top-", "top-0", "top-99999", "80,", ",80", "80-", "90-80", "0",
                          "65536", "80 --script x", "-sU", "T:80", "80;id", "http", "1-2-3"})
    EXPECT_THROW(options(("{\"ports\": \"" + std::string(bad) + "\"}").c_str()), PluginError)
        << bad;
}

TEST(NmapConfig, TakesScriptCategoriesFromItsListOnly) {
  EXPECT_EQ(options(R"({"script_categories": ["safe", "safe"]})").script_categories.size(), 1u);
  for (const char* bad : {"exploit", "all", "/tmp/x.nse", "safe or exploit"})
    EXPECT_THROW(options(("{\"script_categories\": [\"" + std::string(bad) + "\"]}").c_str()),
                 PluginError)
        << bad;
}

TEST(NmapConfig, ADurationNeedsItsUnit) {
  EXPECT_EQ(options(R"({"host_timeout": "10m"})").host_timeout, std::chrono::minutes(10));
  EXPECT_EQ(options(R"({"host_timeout": "0s"})").host_timeout.count(), 0);
  for (const char* bad : {"10", "", "m", "-1s", "1y", "10 m", "30d"})
    EXPECT_THROW(options(("{\"host_timeout\": \"" + std::string(bad) + "\"}").c_str()), PluginError)
        << bad;
}

TEST(NmapConfig, TheProgramIsAnAbsolutePath) {
  EXPECT_THROW(readConfig(Json::parse(R"({"program": "nmap"})")), PluginError);
}

}  // namespace
}  // namespace scanhost::nmap
