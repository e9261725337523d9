// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/otlp/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::otlp {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& settings) {
  try {
    Config::read(Json::parse(settings));
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    return error.what();
  }
  return "";
}

TEST(OtlpConfig, ReadsWhereAndAsWhat) {
  const Config config = Config::read(Json::parse(
      R"({"url":"http://127.0.0.1:4318/v1/traces","service_name":"scans","resource":{"deployment.environment":"prod"}})"));
  EXPECT_EQ(config.target.endpoint.port, 4318);
  EXPECT_EQ(config.target.path, "/v1/traces");
  EXPECT_EQ(config.resource[0], (std::pair<std::string, std::string>("service.name", "scans")));
  EXPECT_EQ(config.resource[1].second, "prod");
}

TEST(OtlpConfig, AsksForTheWholeAddress) {
  EXPECT_THAT(refusal(R"({"url":"http://127.0.0.1:4318"})"), HasSubstr("/v1/traces"));
}

TEST(OtlpConfig, HasOnePlaceForTheServicesName) {
  EXPECT_THAT(refusal(R"({"url":"http://127.0.0.1:1/v1/traces","resource":{"service.name":"x"}})"),
              HasSubstr("service_name"));
}

TEST(OtlpConfig, WantsTlsForAnotherMachine) {
  EXPECT_THAT(refusal(R"({"url":"http://collector.example/v1/traces"})"), HasSubstr("https"));
}

}  // namespace
}  // namespace scanhost::otlp
