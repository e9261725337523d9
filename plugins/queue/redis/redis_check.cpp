// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/queue/redis/redis_check.h"

namespace scanhost::queue_redis {

void checkRedis(RedisClient& client, Call& call) {
  RedisConnection::Command ping;
  ping << "PING";
  const Reply reply = client.commands(std::span(&ping, 1), call).front();
  const std::string answer = reply->isError() ? errorOf(reply).what() : textOf(reply);
  if (answer == "PONG") return;
  throw PluginError(ErrorClass::transient,
                    "queue-redis: " + client.config().where() + " answers PING with '" +
                        answer.substr(0, 200) + "'",
                    ErrorSubject::backend);
}

}  // namespace scanhost::queue_redis
