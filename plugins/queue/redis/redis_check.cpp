// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/queue/redis/redis_check.h"

namespace scanhost::queue_redis {

void checkRedis(RedisClient& client, Call& call) {
  RedisConnection::Command ping;
  ping << "PING";
  const Reply reply = client.commands(std::span(&ping, 1), call).front();
  std::string answer, remedy;
  if (reply->isError()) {
    const ServerError error = errorOf(reply);
    answer = error.what();
    remedy = remedyFor(error.code());
  } else {
    answer = textOf(reply);
  }
  if (answer == "PONG") return;
  throw PluginError(ErrorClass::transient,
                    "queue-redis: " + client.config().where() + " answers PING with '" +
                        answer.substr(0, 200) + "'" + remedy,
                    ErrorSubject::backend);
}

}  // namespace scanhost::queue_redis
