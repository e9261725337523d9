// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs scripts on the server: connections, scripts it does not know yet, replies that say the
/// server moved, and the one place where trouble becomes a PluginError.
///
/// Safe from any thread.
#pragma once

#include <scanhost/call.h>

#include <atomic>
#include <span>
#include <vector>

#include "plugins/queue/redis/config.h"
#include "plugins/queue/redis/connection_pool.h"
#include "plugins/queue/redis/reply.h"
#include "plugins/queue/redis/script.h"
#include "plugins/queue/redis/shared_trips.h"

namespace scanhost::queue_redis {

class ScriptBatch;

/// Whether a step may be done again when its answer was lost on the way.
enum class Repeat { no, yes };
/// Whether replicas must have a write before it is told.
enum class Wait { no, yes };

/// What to do about an error of the server, by its first word: "; check ..."; empty where nothing
/// is known.
std::string remedyFor(std::string_view code);

class RedisClient {
 public:
  explicit RedisClient(const Config& config);

  /// The answer, which is no error. Throws PluginError: transient with subject backend, unless the
  /// record makes no sense (internal) or the call ended.
  Reply run(const ScriptCall& call, Repeat repeat, Call& context, Wait wait = Wait::no);
  /// The same for several that do not depend on each other, in one round trip.
  std::vector<Reply> run(std::span<const ScriptCall> calls, Repeat repeat, Call& context,
                         Wait wait = Wait::no);
  /// Plain commands in one round trip, whose answers may be errors.
  std::vector<Reply> commands(std::span<const RedisConnection::Command> commands, Call& context,
                              std::chrono::milliseconds patience = {});

  ScriptCall script(Script script) const { return {script, config_.prefix}; }
  std::string key(const std::string& name) const { return "{" + config_.prefix + "}:" + name; }
  const Config& config() const { return config_; }
  ConnectionPool& pool() { return pool_; }
  /// Ends what is under way; later calls fail.
  void close();

 private:
  template <class Work>
  std::vector<Reply> onConnection(Repeat repeat, Call& context, Work&& work);
  std::vector<Reply> trip(std::span<const ScriptCall> calls, bool wait, Call& context);
  std::vector<Reply> exchange(RedisConnection& connection, std::span<const ScriptCall> calls,
                              bool wait, Call& context);
  bool teach(RedisConnection& connection, const ScriptBatch& batch, std::vector<Reply>& replies,
             Call& context);

  const Config& config_;
  ConnectionPool pool_;
  std::atomic<int> under_way_{0};  ///< single calls
  SharedTrips shared_;
};

}  // namespace scanhost::queue_redis
