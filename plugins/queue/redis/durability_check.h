// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the server may lose, as its own settings say.
#pragma once

#include <scanhost/call.h>
#include <scanhost/queue_records.h>

#include <string>

#include "plugins/queue/redis/redis_client.h"

namespace scanhost::queue_redis {

struct ServerState {
  Durability durability;
  std::string store_id;      ///< another one than before: another store, or an emptied one
  std::string version;       ///< of the store's records
  std::int64_t damaged = 0;  ///< records that make no sense
};

/// Asks the server. Throws PluginError (transient) when it does not answer.
ServerState lookAtServer(RedisClient& client, Call& call);

}  // namespace scanhost::queue_redis
