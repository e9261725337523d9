// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/config.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::wapiti {
namespace {

ScanOptions options(const std::string& json) {
  return readScanOptions(Json::parse(json), {});
}

TEST(WapitiConfig, AScanReplacesOnlyWhatItNames) {
  const Config config = readConfig(Json::parse(R"({"scheme": "https", "depth": 3})"));
  const ScanOptions scan = readScanOptions(Json::parse(R"({"depth": 5})"), config.scan);
  EXPECT_EQ(scan.scheme, "https");
  EXPECT_EQ(scan.depth, 5);
}

TEST(WapitiConfig, APathIsAbsoluteAndHoldsNothingElse) {
  for (const char* good : {"/", "/shop/", "/a-b_c.d~e/%20"})
    EXPECT_EQ(options("{\"path\": \"" + std::string(good) + "\"}").path, good);
  for (const char* bad :
       {"", "shop", "//evil.example/", "/a?b", "/a#b", "/a b", "/a@b:1", "/\\\\x"})
    EXPECT_THROW(options("{\"path\": \"" + std::string(bad) + "\"}"), PluginError) << bad;
}

TEST(WapitiConfig, ModulesComeFromItsListOnly) {
  EXPECT_EQ(options(R"({"modules": ["xss", "xss", "sql"]})").modules.size(), 2u);
  for (const char* bad :
       {"brute_login_form", "ssrf", "nikto", "wapp", "buster", "all", "-xss", "xss,all"})
    EXPECT_THROW(options("{\"modules\": [\"" + std::string(bad) + "\"]}"), PluginError) << bad;
}

TEST(WapitiConfig, EverythingElseIsBounded) {
  for (const char* bad : {R"({"ports": [0]})", R"({"ports": ["80"]})", R"({"scheme": "ftp"})",
                          R"({"depth": 41})", R"({"links_per_page": 0})", R"({"crawl_time": "0s"})",
                          R"({"module_time": "25h"})", R"({"request_timeout": "6"})"})
    EXPECT_THROW(options(bad), PluginError) << bad;
}

TEST(WapitiConfig, TheProgramIsAnAbsolutePath) {
  EXPECT_THROW(readConfig(Json::parse(R"({"program": "wapiti"})")), PluginError);
}

}  // namespace
}  // namespace scanhost::wapiti
