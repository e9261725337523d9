// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whether a Redis answers at all. Any thread.
#pragma once

#include "plugins/queue/redis/redis_client.h"

namespace scanhost::queue_redis {

/// Sends PING; the answer has to be PONG. Throws PluginError, as every step of the queue does when
/// the server is gone or refuses it, and ProtocolError for what no Redis answers.
void checkRedis(RedisClient& client, Call& call);

}  // namespace scanhost::queue_redis
