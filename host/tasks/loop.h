// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One thread that holds the dispatcher's state, and the threads that block for it.
///
/// What may block runs on a pool and comes back to the loop as a message, so nothing here is
/// locked. There is a pool for each kind of waiting, so that a scanner that hangs cannot keep a
/// lease from being renewed, nor a long report a poll from being made.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace scanhost {

enum class Pool {
  queue,    ///< leases, renewals and writes
  scanner,  ///< requests to scanners
  reports,  ///< reading results, which takes as long as they are large
  local,    ///< scans that run here
};

class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds tick{200};

  explicit Loop(std::size_t local_threads);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Begins to call `turn` on the loop's thread: at once, and at every tick.
  void start(std::function<void()> turn);
  bool started() const { return thread_.joinable(); }
  /// Makes the next turn come now. Any thread.
  void turnSoon();
  /// Runs `message` on the loop's thread. Any thread.
  template <class Message>
  void post(Message message) {
    boost::asio::post(io_, std::move(message));
  }
  /// Runs `job` on a pool and `done` with its result on the loop. `job` returns a value.
  template <class Job, class Done>
  void offload(Pool pool, Job job, Done done) {
    boost::asio::post(threads(pool),
                      [this, job = std::move(job), done = std::move(done)]() mutable {
                        auto result = job();
                        post([done = std::move(done), result = std::move(result)]() mutable {
                          done(std::move(result));
                        });
                      });
  }

  /// Ends the loop's thread: no turn and no message after it. What the pools are at goes on.
  void stopTurning();
  /// Waits for what the pools are at, drops what they have not begun.
  void joinPools();

  /// When the last turn began. Any thread.
  Clock::time_point lastTurn() const {
    return Clock::time_point(Clock::duration(last_turn_.load()));
  }

 private:
  boost::asio::thread_pool& threads(Pool pool) { return *pools_[static_cast<std::size_t>(pool)]; }
  void turn();

  boost::asio::io_context io_;
  boost::asio::steady_timer timer_{io_};
  std::array<std::unique_ptr<boost::asio::thread_pool>, 4> pools_;
  std::function<void()> turn_;
  std::thread thread_;
  std::atomic<Clock::rep> last_turn_{Clock::now().time_since_epoch().count()};
};

}  // namespace scanhost
