// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/shared_trips.h"

#include <algorithm>

#include "plugins/queue/redis/redis_connection.h"

namespace scanhost::queue_redis {
namespace {

constexpr std::size_t most_at_once = 128;
constexpr std::chrono::milliseconds look_up{200};  ///< how often a waiter asks whether to stop

}  // namespace

Reply SharedTrips::run(const ScriptCall& script, bool wait, const Call& context) {
  const auto passenger = std::make_shared<Passenger>(Passenger{script, wait});
  std::unique_lock lock(mutex_);
  if (closed_) throw ConnectionLost("queue-redis is not started, or was stopped");
  if (!driver_.joinable()) driver_ = std::thread([this] { drive(); });
  waiting_.push_back(passenger);
  came_.notify_one();
  while (!arrived_.wait_for(lock, look_up, [&] { return passenger->arrived; })) context.check();
  if (passenger->failure) std::rethrow_exception(passenger->failure);
  return passenger->reply;
}

void SharedTrips::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  own_call_.cancel();
  came_.notify_all();
  if (driver_.joinable()) driver_.join();
}

void SharedTrips::drive() {
  std::unique_lock lock(mutex_);
  for (;;) {
    came_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_at_once));
    const Passengers passengers(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    carry(passengers);
    lock.lock();
    for (const auto& passenger : passengers) passenger->arrived = true;
    arrived_.notify_all();
  }
}

void SharedTrips::carry(const Passengers& passengers) {
  std::vector<ScriptCall> scripts;
  bool wait = false;
  for (const auto& passenger : passengers) {
    scripts.push_back(passenger->script);
    wait = wait || passenger->wait;
  }
  try {
    Call call = own_call_.call();
    const std::vector<Reply> replies = trip_(scripts, wait, call);
    for (std::size_t i = 0; i < passengers.size(); ++i) passengers[i]->reply = replies[i];
  } catch (const PluginError& error) {
    const bool stopped = error.errorClass() == ErrorClass::cancelled;
    const auto failure = stopped
                             ? std::make_exception_ptr(ConnectionLost("queue-redis was stopped"))
                             : std::current_exception();
    for (const auto& passenger : passengers) passenger->failure = failure;
  } catch (...) {
    for (const auto& passenger : passengers) passenger->failure = std::current_exception();
  }
}

}  // namespace scanhost::queue_redis
