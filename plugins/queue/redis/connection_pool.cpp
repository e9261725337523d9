// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/connection_pool.h"

#include <algorithm>

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_pause{50};
constexpr milliseconds longest_pause{1'000};  ///< leases of seconds must outlive it
constexpr milliseconds ask_again{200};

}  // namespace

ConnectionPool::ConnectionPool(const Config& config)
    : config_(config), finder_(config), jitter_(std::random_device()()) {}

ConnectionPool::Borrowed ConnectionPool::borrow(const Call& call) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (closed_) throw ConnectionLost("queue-redis is not started, or was stopped");
    if (auto connection = takeIdle()) return {*this, std::move(connection)};
    if (open_ < config_.pool_size) break;
    returned_.wait_for(lock, ask_again);
    call.check();
  }
  ++open_;
  lock.unlock();
  try {
    return {*this, open(call)};
  } catch (...) {
    giveBack(nullptr);
    throw;
  }
}

std::unique_ptr<RedisConnection> ConnectionPool::takeIdle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    const bool moved = finder_.usesSentinel() && connection->address() != current_;
    if (!moved && !connection->stale()) return connection;
    --open_;
  }
  return nullptr;
}

std::unique_ptr<RedisConnection> ConnectionPool::open(const Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (steady_clock::now() < not_before_) throw ConnectionLost(last_failure_);
  }
  try {
    const Address address = finder_.find(call);
    auto connection = std::make_unique<RedisConnection>(config_, address, config_.login, call);
    finder_.confirm(*connection, call);
    noteSuccess(address);
    return connection;
  } catch (const PluginError& error) {
    const bool given_up =
        error.errorClass() == ErrorClass::cancelled || error.errorClass() == ErrorClass::timeout;
    if (!given_up) noteFailure(error.what());
    throw;
  } catch (const std::exception& error) {
    noteFailure(error.what());
    throw;
  }
}

Address ConnectionPool::current() {
  const std::lock_guard lock(mutex_);
  return current_;
}

void ConnectionPool::noteSuccess(const Address& address) {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  current_ = address;
}

void ConnectionPool::noteFailure(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const auto pause = std::min(longest_pause, first_pause * (1 << std::min(failures_, 10)));
  ++failures_;
  // Half of it for sure, the rest by chance, so that nodes do not come back in step.
  auto chance = std::uniform_int_distribution<milliseconds::rep>(0, pause.count() / 2);
  not_before_ = steady_clock::now() + pause / 2 + milliseconds(chance(jitter_));
  last_failure_ = reason;
}

void ConnectionPool::giveBack(std::unique_ptr<RedisConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection && !closed_)
      idle_.push_back(std::move(connection));
    else
      --open_;
  }
  returned_.notify_one();
}

void ConnectionPool::lookForMove(const Call& call) {
  if (!finder_.usesSentinel()) return;
  const Address address = finder_.find(call);
  const std::lock_guard lock(mutex_);
  current_ = address;
}

void ConnectionPool::close() {
  std::vector<std::unique_ptr<RedisConnection>> closing;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    open_ -= idle_.size();
    closing.swap(idle_);
  }
  returned_.notify_all();
}

}  // namespace scanhost::queue_redis
