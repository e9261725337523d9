// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The life of the queue's instance: start, the watch over its server, stop.
#include "plugins/queue/redis/random.h"
#include "plugins/queue/redis/redis_queue.h"

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

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
  if (config_.strict && !state.objection.empty())
    throw PluginError(ErrorClass::config,
                      "queue-redis: durability is strict, and " + config_.where() +
                          " may lose what it accepted: " + state.objection,
                      ErrorSubject::backend);
  keep(state);
  watcher_ = std::thread([this] { watch(); });
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
    return lookAtServer(client_, call);
  } catch (const ProtocolError& error) {
    failAnswer(error.what());
  }
}

void RedisQueue::watch() {
  const bool uses_sentinel = !config_.sentinels.empty();
  const milliseconds step =
      uses_sentinel ? std::min(sentinel_interval, config_.check_interval) : config_.check_interval;
  auto next_look = steady_clock::now() + config_.check_interval;
  Call call = own_call_.call();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, step, [&] { return stopping_; })) {
    lock.unlock();
    try {
      client_.pool().lookForMove(call);
      if (steady_clock::now() >= next_look) {
        next_look = steady_clock::now() + config_.check_interval;
        keep(look(call));
      }
    } catch (const std::exception& error) {
      host_.log(LogLevel::warning, "queue_server_unreachable",
                Json::object({{"plugin", "queue-redis"}, {"error", error.what()}}));
    }
    lock.lock();
  }
}

/// Remembers what was found, and tells what is new about it.
void RedisQueue::keep(const ServerState& state) {
  bool replaced, objects_anew, cleared;
  {
    const std::lock_guard lock(mutex_);
    replaced = !store_id_.empty() && store_id_ != state.store_id;
    objects_anew = !state.objection.empty() && objection_ != state.objection;
    cleared = state.objection.empty() && !objection_.empty();
    store_id_ = state.store_id;
    objection_ = state.objection;
  }
  const Json fields =
      Json::object({{"plugin", "queue-redis"}, {"detail", state.durability.detail}});
  if (replaced) host_.log(LogLevel::error, "queue_store_replaced", fields);
  if (objects_anew)
    host_.log(config_.strict ? LogLevel::error : LogLevel::warning, "queue_not_durable", fields);
  if (cleared) host_.log(LogLevel::info, "queue_durable", fields);
  if (state.damaged > 0) host_.log(LogLevel::error, "queue_records_damaged", fields);
}

void RedisQueue::refuseUnsafe() const {
  if (!config_.strict) return;
  const std::lock_guard lock(mutex_);
  if (!objection_.empty())
    throw PluginError(ErrorClass::transient,
                      "queue-redis: durability is strict, and " + config_.where() +
                          " may lose what it accepts: " + objection_,
                      ErrorSubject::backend);
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
