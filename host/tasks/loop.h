// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where the dispatcher's state is at home: messages that run one after another, and pools for what
/// may block.
///
/// What may block runs on a pool and comes back to the loop as a message, so nothing here is
/// locked. There is a pool for each kind of waiting, so that a scanner that hangs cannot keep a
/// lease from being renewed, nor a long report a poll from being made.
///
/// A node's loop has threads (threaded_loop.h); that of a simulation runs everything in an order
/// that a seed decides.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
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

  Loop() = default;
  virtual ~Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Begins to call `turn` as a message: at once, and at every tick.
  virtual void start(std::function<void()> turn) = 0;
  virtual bool started() const = 0;
  /// Makes the next turn come now. Any thread.
  virtual void turnSoon() = 0;
  /// Runs `message` on the loop. Any thread.
  virtual void post(std::function<void()> message) = 0;
  /// Runs `job` on a pool and `done` with its result on the loop. `job` returns a value.
  template <class Job, class Done>
  void offload(Pool pool, Job job, Done done) {
    run(pool, [this, job = std::move(job), done = std::move(done)]() mutable {
      auto result = job();
      post([done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
      });
    });
  }

  /// Lets at least so many jobs of Pool::local run at once. Of the loop's thread.
  virtual void widenLocal(std::size_t jobs) = 0;

  /// Ends the loop: no turn and no message after it. What the pools are at goes on.
  virtual void stopTurning() = 0;
  /// Waits for what the pools are at, drops what they have not begun.
  virtual void joinPools() = 0;

  /// When the last turn began. Any thread.
  virtual Clock::time_point lastTurn() const = 0;

 private:
  virtual void run(Pool pool, std::function<void()> job) = 0;
};

}  // namespace scanhost
