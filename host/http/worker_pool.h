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
  bool push(std::deque<Job>& queue, std::size_t max, Job job);
  void run(bool reserve);

  const std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable ordinary_work_, any_work_;
  std::deque<Job> ordinary_, essential_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace scanhost::http
