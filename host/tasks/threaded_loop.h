// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The loop of a node: one thread for messages and turns, and four pools of threads.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "host/tasks/loop.h"

namespace scanhost {

class ThreadedLoop : public Loop {
 public:
  explicit ThreadedLoop(std::size_t local_threads);
  ~ThreadedLoop() override;

  void start(std::function<void()> turn) override;
  bool started() const override { return thread_.joinable(); }
  void turnSoon() override;
  void post(std::function<void()> message) override;
  void widenLocal(std::size_t jobs) override;
  void stopTurning() override;
  void joinPools() override;
  Clock::time_point lastTurn() const override {
    return Clock::time_point(Clock::duration(last_turn_.load()));
  }

 private:
  void run(Pool pool, std::function<void()> job) override;
  void turn();

  boost::asio::io_context io_;
  boost::asio::steady_timer timer_{io_};
  std::array<std::unique_ptr<boost::asio::thread_pool>, 4> pools_;
  std::size_t local_threads_;
  std::vector<std::thread> more_local_;
  std::function<void()> turn_;
  std::thread thread_;
  std::atomic<Clock::rep> last_turn_{Clock::now().time_since_epoch().count()};
};

}  // namespace scanhost
