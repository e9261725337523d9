// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A server that answers, one that refuses, one that is gone.
#include "plugins/queue/redis/redis_check.h"

#include <gtest/gtest.h>

#include <csignal>

#include "plugins/queue/redis/own_call.h"
#include "plugins/queue/redis/redis_fixture.h"

namespace scanhost::queue_redis {
namespace {

/// What checkRedis says, or nothing.
std::string complaint(const testing_support::RedisServer& server) {
  const Config config = readConfig(settingsFor(server, Json::object({{"timeout", "500ms"}})));
  RedisClient client(config);
  const OwnCall own;
  Call call = own.call();
  try {
    checkRedis(client, call);
    return {};
  } catch (const PluginError& error) {
    return error.what();
  }
}

TEST(RedisCheck, AServerThatAnswersIsWell) {
  const testing_support::RedisServer server;
  EXPECT_EQ(complaint(server), "");
}

TEST(RedisCheck, AServerThatRefusesIsNamedWithItsAnswer) {
  const testing_support::RedisServer server;
  server.cli({"config", "set", "requirepass", "secret"});
  const std::string why = complaint(server);
  EXPECT_NE(why.find("127.0.0.1:" + std::to_string(server.port())), std::string::npos) << why;
  EXPECT_NE(why.find("NOAUTH"), std::string::npos) << why;
}

TEST(RedisCheck, AServerThatIsGoneIsNamed) {
  testing_support::RedisServer server;
  server.end(SIGKILL);
  EXPECT_NE(complaint(server).find("127.0.0.1:" + std::to_string(server.port())),
            std::string::npos);
}

}  // namespace
}  // namespace scanhost::queue_redis
