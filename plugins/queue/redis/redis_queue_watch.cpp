// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The life of the queue's instance: start, the watch over Sentinel, looks at the server, stop.
#include "plugins/queue/redis/random.h"
#include "plugins/queue/redis/redis_check.h"
#include "plugins/queue/redis/redis_queue.h"

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds sentinel_interval{1'000};

}  // namespace

RedisQueue::RedisQueue(const Settings& settings)
    : host_(settings.host()),
      config_(readConfig(settings.values())),
      client_(config_),
      changes_(client_) {}

RedisQueue::~RedisQueue() {
  stopWatching();
}

void RedisQueue::start(Call& call) {
  const ServerState state = look(call);
  if (state.version.substr(0, state.version.find('.')) != "1")
    throw PluginError(ErrorClass::config,
                      "queue-redis: " + config_.where() + " holds a store of version '" +
                          state.version + "' under " + client_.key("store") +
                          ", this plugin knows version 1; use a newer scanhost or another prefix",
                      ErrorSubject::backend);
  keep(state);
  if (!config_.sentinels.empty()) watcher_ = std::thread([this] { watch(); });
}

void RedisQueue::stop(Call&) {
  changes_.close();
  stopWatching();
  client_.close();
}

void RedisQueue::stopWatching() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  own_call_.cancel();
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

ServerState RedisQueue::look(Call& call) {
  try {
    checkRedis(client_, call);
    return lookAtServer(client_, call);
  } catch (const ProtocolError& error) {
    failAnswer(error.what());
  }
}

void RedisQueue::watch() {
  Call call = own_call_.call();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, sentinel_interval, [&] { return stopping_; })) {
    lock.unlock();
    try {
      client_.pool().lookForMove(call);
    } catch (const std::exception& error) {
      host_.log(LogLevel::warning, "queue_server_unreachable",
                Json::object({{"plugin", "queue-redis"}, {"error", error.what()}}));
    }
    lock.lock();
  }
}

/// Remembers what was found, and tells what is new about it.
void RedisQueue::keep(const ServerState& state) {
  bool replaced;
  {
    const std::lock_guard lock(mutex_);
    replaced = !store_id_.empty() && store_id_ != state.store_id;
    store_id_ = state.store_id;
  }
  const Json fields =
      Json::object({{"plugin", "queue-redis"}, {"detail", state.durability.detail}});
  if (replaced) host_.log(LogLevel::error, "queue_store_replaced", fields);
  if (state.damaged > 0) host_.log(LogLevel::error, "queue_records_damaged", fields);
}

Durability RedisQueue::durability(Call& call) {
  const ServerState state = look(call);
  keep(state);
  return state.durability;
}

void RedisQueue::tellDamaged(const Reply& ids_and_reasons, const Call& call) const {
  const auto items = itemsOf(ids_and_reasons);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    call.log(LogLevel::error, "queue_record_damaged",
             Json::object({{"plugin", "queue-redis"},
                           {"task_id", textOf(items[i])},
                           {"reason", textOf(items[i + 1])},
                           {"set_aside", client_.key("damaged")}}));
}

void RedisQueue::failAnswer(const std::string& why) const {
  throw PluginError(ErrorClass::transient, "queue-redis: " + config_.where() + ": " + why,
                    ErrorSubject::backend);
}

}  // namespace scanhost::queue_redis
