// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/worker_pool.h"

#include <limits>
#include <utility>

namespace scanhost::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t reserve_threads, std::size_t max_queued)
    : max_queued_(max_queued) {
  for (std::size_t i = 0; i < threads + reserve_threads; ++i)
    threads_.emplace_back([this, reserve = i >= threads] { run(reserve); });
}

bool WorkerPool::submit(Urgency urgency, Job job) {
  return push(urgency == Urgency::essential ? essential_ : ordinary_, max_queued_, std::move(job));
}

bool WorkerPool::post(Job job) {
  return push(essential_, std::numeric_limits<std::size_t>::max(), std::move(job));
}

bool WorkerPool::push(std::deque<Job>& queue, std::size_t max, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue.size() >= max) return false;
    queue.push_back(std::move(job));
  }
  ordinary_work_.notify_one();
  if (&queue == &essential_) any_work_.notify_one();
  return true;
}

void WorkerPool::run(bool reserve) {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto& wake = reserve ? any_work_ : ordinary_work_;
    wake.wait(lock,
              [&] { return stopping_ || !essential_.empty() || (!reserve && !ordinary_.empty()); });
    auto& queue = essential_.empty() && !reserve ? ordinary_ : essential_;
    if (queue.empty()) return;  // only when stopping
    Job job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

void WorkerPool::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  ordinary_work_.notify_all();
  any_work_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace scanhost::http
