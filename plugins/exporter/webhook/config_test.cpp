// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::webhook {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Json settings(const std::string& more = "{}") {
  Json values = Json::parse(R"({"url": "https://receiver.example/hook", "timeout": "10s",
                                "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                "events": ["task_ended"], "max_age": "1h", "max_queue": 1000})");
  const Json changes = Json::parse(more);
  for (const auto& [name, value] : changes.members()) values[name] = value;
  return values;
}

std::string refusal(const std::string& more) {
  try {
    Config::read(settings(more));
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    return error.what();
  }
  return "(none)";
}

TEST(WebhookConfig, ReadsWhatTheManifestAllows) {
  const Config config = Config::read(settings(R"({"events": ["scope_refused", "task_ended"]})"));
  EXPECT_EQ(config.target.path, "/hook");
  EXPECT_EQ(config.kinds, (std::set{NoticeKind::task_ended, NoticeKind::scope_refused}));
  EXPECT_EQ(config.max_age, 1h);
  EXPECT_EQ(config.max_queue, 1000u);
}

TEST(WebhookConfig, SaysHowToMakeASecretAndNeverShowsOne) {
  const std::string said = refusal(R"({"secret": "hunter2hunter2"})");
  EXPECT_THAT(said, HasSubstr("openssl rand -base64 32"));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
}

TEST(WebhookConfig, RefusesWhatIsOutOfBounds) {
  EXPECT_THAT(refusal(R"({"max_queue": 0})"), HasSubstr("max_queue"));
  EXPECT_THAT(refusal(R"({"max_age": "8d"})"), HasSubstr("max_age"));
  EXPECT_THAT(refusal(R"({"timeout": "0s"})"), HasSubstr("timeout"));
  EXPECT_THAT(refusal(R"({"events": ["task_started"]})"), HasSubstr("task_ended"));
  EXPECT_THAT(refusal(R"({"url": "http://receiver.example/"})"), HasSubstr("url"));
}

}  // namespace
}  // namespace scanhost::webhook
