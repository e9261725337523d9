// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The threads that run handlers, with a bounded queue and a few of them kept in reserve.
///
/// A request that finds the queue full is refused at once, for a client that hears 503 can come
/// back, and one that hangs cannot. Essential work (health, liveness) and close callbacks are taken
/// first, and by the reserve threads alone when all others are busy. Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace scanhost::http {

enum class Urgency { ordinary, essential };

class WorkerPool {
 public:
  using Job = std::function<void()>;

  WorkerPool(std::size_t threads, std::size_t reserve_threads, std::size_t max_queued);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue of that urgency is full, or after stop().
  bool submit(Urgency urgency, Job job);
  /// For what must not be refused and whose number is bounded elsewhere; false after stop() alone.
  bool post(Job job);
  /// Runs what is queued, then ends the threads. Returns when all jobs have.
  void stop();

 private:
  /// Threads of one kind that wait for work. One is woken at a time, and wakes the next if there is
  /// work left once it runs: where processors are scarce, one thread that is awake serves a burst
  /// that would otherwise cost as many switches as there are threads.
  struct Sleepers {
    std::condition_variable woken;
    std::size_t count = 0;
    bool is_one_waking = false;
  };

  bool push(std::deque<Job>& queue, std::size_t max, Job job);
  /// With the lock; whether to notify `woken` once it is given up.
  static bool shouldWake(Sleepers& sleepers);
  void run(bool reserve);

  const std::size_t max_queued_;
  std::mutex mutex_;
  Sleepers ordinary_sleepers_, reserve_sleepers_;
  std::deque<Job> ordinary_, essential_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace scanhost::http
