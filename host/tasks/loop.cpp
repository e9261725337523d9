// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/loop.h"

namespace scanhost {
namespace {

constexpr std::size_t queue_threads = 3;
constexpr std::size_t scanner_threads = 8;
constexpr std::size_t report_threads = 3;

}  // namespace

Loop::Loop(std::size_t local_threads)
    : pools_{std::make_unique<boost::asio::thread_pool>(queue_threads),
             std::make_unique<boost::asio::thread_pool>(scanner_threads),
             std::make_unique<boost::asio::thread_pool>(report_threads),
             std::make_unique<boost::asio::thread_pool>(local_threads)} {}

Loop::~Loop() {
  stopTurning();
  joinPools();
}

void Loop::start(std::function<void()> turn) {
  turn_ = std::move(turn);
  turnSoon();
  thread_ = std::thread([this] { io_.run(); });
}

void Loop::turnSoon() {
  post([this] { this->turn(); });
}

void Loop::turn() {
  last_turn_.store(Clock::now().time_since_epoch().count());
  turn_();
  timer_.expires_after(tick);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) turn();
  });
}

void Loop::stopTurning() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void Loop::joinPools() {
  for (const auto& pool : pools_) pool->stop();
  for (const auto& pool : pools_) pool->join();
}

}  // namespace scanhost
