// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/shared_trips.h"

#include <algorithm>
#include <utility>

#include "plugins/queue/redis/redis_connection.h"

namespace scanhost::queue_redis {
namespace {

constexpr std::ptrdiff_t most_at_once = 128;
constexpr std::chrono::milliseconds look_up{200};  ///< how often a waiter asks whether to stop

}  // namespace

void SharedTrips::Passenger::arrive(Reply reply, std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
  failure_ = std::move(failure);
  arrived_ = true;
  changed_.notify_one();
}

Reply SharedTrips::Passenger::await(const Call& context) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, look_up, [&] { return arrived_; })) try {
      context.check();
    } catch (...) {
      left_ = true;
      throw;
    }
  if (failure_) std::rethrow_exception(failure_);
  return reply_;
}

Reply SharedTrips::run(const ScriptCall& script, bool wait, const Call& context) {
  const auto passenger = std::make_shared<Passenger>(script, wait);
  {
    const std::lock_guard lock(mutex_);
    if (closed_) throw ConnectionLost("queue-redis is not started, or was stopped");
    if (!drivers_.front().joinable())
      for (std::thread& driver : drivers_) driver = std::thread([this] { drive(); });
    waiting_.push_back(passenger);
    came_.notify_one();
  }
  return passenger->await(context);
}

void SharedTrips::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  own_call_.cancel();
  came_.notify_all();
  for (std::thread& driver : drivers_)
    if (driver.joinable()) driver.join();
}

void SharedTrips::drive() {
  std::unique_lock lock(mutex_);
  for (;;) {
    came_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::erase_if(waiting_, [](const auto& passenger) { return passenger->hasLeft(); });
    if (waiting_.empty()) continue;
    const auto alike = std::stable_partition(
        waiting_.begin(), waiting_.end(),
        [wait = waiting_.front()->wait](const auto& passenger) { return passenger->wait == wait; });
    const auto end = waiting_.begin() + std::min(alike - waiting_.begin(), most_at_once);
    const Passengers passengers(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    carry(passengers);
    lock.lock();
  }
}

void SharedTrips::carry(const Passengers& passengers) {
  std::vector<ScriptCall> scripts;
  for (const auto& passenger : passengers) scripts.push_back(std::move(passenger->script));
  const auto failAll = [&](const std::exception_ptr& failure) {
    for (const auto& passenger : passengers) passenger->arrive({}, failure);
  };
  std::vector<Reply> replies;
  try {
    Call call = own_call_.call();
    replies = trip_(scripts, passengers.front()->wait, call);
  } catch (const PluginError& error) {
    const bool stopped = error.errorClass() == ErrorClass::cancelled;
    return failAll(stopped ? std::make_exception_ptr(ConnectionLost("queue-redis was stopped"))
                           : std::current_exception());
  } catch (...) {
    return failAll(std::current_exception());
  }
  for (std::size_t i = 0; i < passengers.size(); ++i) passengers[i]->arrive(replies[i], nullptr);
}

}  // namespace scanhost::queue_redis
