// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The numbers behind metrics: a counter, a gauge, a histogram. No function here waits.
///
/// A locked instruction costs 8 ns on the machine where these were measured, and four threads that
/// share a cache line make it 40. So the thread that comes to a counter or a histogram first gets a
/// part of it that it alone writes, with plain loads and stores; all others share the other part.
/// A reader adds the two. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace scanhost {

/// Unlike a thread's id, never given twice.
inline std::uint32_t threadNumber() {
  static std::atomic<std::uint32_t> last{0};
  thread_local const std::uint32_t number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

/// Who came first.
class FirstComer {
 public:
  bool isThisThread() {
    const std::uint32_t mine = threadNumber();
    std::uint32_t found = thread_.load(std::memory_order_relaxed);
    if (found == 0 && thread_.compare_exchange_strong(found, mine, std::memory_order_relaxed))
      return true;
    return found == mine;
  }

 private:
  std::atomic<std::uint32_t> thread_{0};
};

/// Adds to what no other thread writes.
template <class Number>
void addAlone(std::atomic<Number>& to, Number amount) {
  to.store(to.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

class CounterCell {
 public:
  /// `amount` is finite and not negative.
  void add(double amount) {
    if (first_.isThisThread()) return addAlone(alone_, amount);
    const auto whole = static_cast<std::uint64_t>(std::min(amount, 1e15));
    if (whole > 0) whole_.fetch_add(whole, std::memory_order_relaxed);
    if (const double rest = amount - static_cast<double>(whole); rest > 0)
      rest_.fetch_add(rest, std::memory_order_relaxed);
  }
  double value() const {
    return alone_.load(std::memory_order_relaxed) + rest_.load(std::memory_order_relaxed) +
           static_cast<double>(whole_.load(std::memory_order_relaxed));
  }

 private:
  FirstComer first_;
  std::atomic<double> alone_{0}, rest_{0};
  std::atomic<std::uint64_t> whole_{0};
};

class GaugeCell {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// What was observed is counted in the first bucket whose bound is not below it; the last one has
/// none. The sum may be ahead of the counts by what is being observed meanwhile, or behind it.
class HistogramCell {
 public:
  /// `bounds` ascend and outlive this.
  explicit HistogramCell(const std::vector<double>& bounds)
      : bounds_(bounds), counts_(new std::atomic<std::uint64_t>[2 * bucketCount()]()) {}

  void observe(double value) {
    std::size_t bucket = 0;
    for (const double bound : bounds_) bucket += value > bound;
    if (first_.isThisThread()) {
      addAlone(counts_[bucket], std::uint64_t{1});
      addAlone(sum_alone_, value);
    } else {
      counts_[bucketCount() + bucket].fetch_add(1, std::memory_order_relaxed);
      sum_.fetch_add(value, std::memory_order_relaxed);
    }
  }

  std::size_t bucketCount() const { return bounds_.size() + 1; }
  std::uint64_t countIn(std::size_t bucket) const {
    return counts_[bucket].load(std::memory_order_relaxed) +
           counts_[bucketCount() + bucket].load(std::memory_order_relaxed);
  }
  double sum() const {
    return sum_alone_.load(std::memory_order_relaxed) + sum_.load(std::memory_order_relaxed);
  }

 private:
  const std::vector<double>& bounds_;
  const std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // of the first comer, of the others
  FirstComer first_;
  std::atomic<double> sum_alone_{0}, sum_{0};
};

}  // namespace scanhost
