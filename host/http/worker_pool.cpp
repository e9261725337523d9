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

bool WorkerPool::shouldWake(Sleepers& sleepers) {
  return sleepers.count > 0 && !std::exchange(sleepers.is_one_waking, true);
}

bool WorkerPool::push(std::deque<Job>& queue, std::size_t max, Job job) {
  bool wake_ordinary = false, wake_reserve = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue.size() >= max) return false;
    queue.push_back(std::move(job));
    wake_ordinary = shouldWake(ordinary_sleepers_);
    wake_reserve = &queue == &essential_ && shouldWake(reserve_sleepers_);
  }
  if (wake_ordinary) ordinary_sleepers_.woken.notify_one();
  if (wake_reserve) reserve_sleepers_.woken.notify_one();
  return true;
}

void WorkerPool::run(bool reserve) {
  Sleepers& own = reserve ? reserve_sleepers_ : ordinary_sleepers_;
  const auto has_work = [&] { return !essential_.empty() || (!reserve && !ordinary_.empty()); };
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!stopping_ && !has_work()) {
      ++own.count;
      own.woken.wait(lock);
      --own.count;
      own.is_one_waking = false;
    }
    if (!has_work()) return;  // only when stopping
    auto& queue = essential_.empty() ? ordinary_ : essential_;
    Job job = std::move(queue.front());
    queue.pop_front();
    const bool wake_next = has_work() && shouldWake(own);
    lock.unlock();
    if (wake_next) own.woken.notify_one();
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
  ordinary_sleepers_.woken.notify_all();
  reserve_sleepers_.woken.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace scanhost::http
