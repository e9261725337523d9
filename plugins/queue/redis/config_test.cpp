// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/config.h"

#include <gmock/gmock.h>

namespace scanhost::queue_redis {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const Json& settings) {
  try {
    readConfig(settings);
    return "";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    return error.what();
  }
}

TEST(RedisConfig, AUrlNamesHostPortAndDatabase) {
  const Config config = readConfig(Json::object({{"url", "redis://cache.example:6380/3"}}));
  EXPECT_EQ(config.address, (Address{"cache.example", 6380}));
  EXPECT_EQ(config.database, 3);
  EXPECT_FALSE(config.tls.has_value());
  EXPECT_EQ(readConfig(Json::object({{"url", "redis://[::1]"}})).address.text(), "[::1]:6379");
  EXPECT_TRUE(readConfig(Json::object({{"url", "rediss://h"}})).tls.has_value());
}

TEST(RedisConfig, AUrlWithALoginIsRefusedAndNotRepeated) {
  const std::string said = refusal(Json::object({{"url", "redis://me:canary-secret@host"}}));
  EXPECT_THAT(said, HasSubstr("use username and password"));
  EXPECT_THAT(said, Not(HasSubstr("canary-secret")));
}

TEST(RedisConfig, WhatMakesNoSenseIsRefusedWithTheRemedy) {
  EXPECT_THAT(refusal(Json::object({{"url", "http://host"}})), HasSubstr("rediss://"));
  EXPECT_THAT(refusal(Json::object({{"url", "redis://host:0"}})), HasSubstr("port"));
  EXPECT_THAT(refusal(Json::object({{"url", "redis://host/x"}})), HasSubstr("database"));
  EXPECT_THAT(refusal(Json::object({{"url", "redis://"}})), HasSubstr("host"));
  EXPECT_THAT(refusal(Json::object({{"prefix", "a{b}"}})), HasSubstr("prefix"));
  EXPECT_THAT(refusal(Json::object({{"timeout", "5"}})), HasSubstr("10s"));
  EXPECT_THAT(refusal(Json::object({{"username", "u"}})), HasSubstr("password"));
  EXPECT_THAT(refusal(Json::object({{"master_name", "m"}})), HasSubstr("sentinels"));
  EXPECT_THAT(refusal(Json::object({{"tls", Json::object({{"insecure", true}})}})),
              HasSubstr("rediss://"));
  EXPECT_THAT(refusal(Json::object(
                  {{"url", "rediss://h"}, {"tls", Json::object({{"pin_sha256", "abc"}})}})),
              HasSubstr("64 hexadecimal digits"));
}

TEST(RedisConfig, SentinelsTellTheAddress) {
  const Config config = readConfig(Json::object({{"url", "redis:///2"},
                                                 {"sentinels", Json::array({"s1", "s2:1234"})},
                                                 {"master_name", "m"}}));
  ASSERT_EQ(config.sentinels.size(), 2u);
  EXPECT_EQ(config.sentinels[0].port, 26379);
  EXPECT_EQ(config.sentinels[1].port, 1234);
  EXPECT_EQ(config.database, 2);
  EXPECT_EQ(config.where(), "master 'm' of Sentinel");
}

}  // namespace
}  // namespace scanhost::queue_redis
