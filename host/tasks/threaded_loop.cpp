// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/threaded_loop.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace scanhost {
namespace {

constexpr std::size_t queue_threads = 3;
constexpr std::size_t scanner_threads = 8;
constexpr std::size_t report_threads = 3;

}  // namespace

ThreadedLoop::ThreadedLoop(std::size_t local_threads)
    : pools_{std::make_unique<boost::asio::thread_pool>(queue_threads),
             std::make_unique<boost::asio::thread_pool>(scanner_threads),
             std::make_unique<boost::asio::thread_pool>(report_threads),
             std::make_unique<boost::asio::thread_pool>(local_threads)},
      local_threads_(local_threads) {}

ThreadedLoop::~ThreadedLoop() {
  ThreadedLoop::stopTurning();
  ThreadedLoop::joinPools();
}

void ThreadedLoop::start(std::function<void()> turn) {
  turn_ = std::move(turn);
  turnSoon();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "dispatcher");  // as /livez calls it
    io_.run();
  });
}

void ThreadedLoop::turnSoon() {
  post([this] { this->turn(); });
}

void ThreadedLoop::post(std::function<void()> message) {
  boost::asio::post(io_, std::move(message));
}

void ThreadedLoop::run(Pool pool, std::function<void()> job) {
  boost::asio::post(*pools_[static_cast<std::size_t>(pool)], std::move(job));
}

void ThreadedLoop::turn() {
  last_turn_.store(Clock::now().time_since_epoch().count());
  turn_();
  timer_.expires_after(tick);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) turn();
  });
}

void ThreadedLoop::widenLocal(std::size_t jobs) {
  for (; local_threads_ < jobs; ++local_threads_)
    more_local_.emplace_back(
        [&pool = *pools_[static_cast<std::size_t>(Pool::local)]] { pool.attach(); });
}

void ThreadedLoop::stopTurning() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void ThreadedLoop::joinPools() {
  for (const auto& pool : pools_) pool->stop();
  for (const auto& pool : pools_) pool->join();
  for (std::thread& thread : more_local_) thread.join();
  more_local_.clear();
}

}  // namespace scanhost
