// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A bounded ring of what is to be exported, read by any number of readers, each at its own pace.
///
/// Adding never waits for a reader: one that falls behind by more than the ring holds loses the
/// oldest items, and learns how many. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace scanhost {

template <class Item>
class Ring;

/// One reader's place in the ring. Ends when destroyed; must not outlive the ring.
template <class Item>
class RingReader {
 public:
  using ItemPtr = std::shared_ptr<const Item>;

  ~RingReader() {
    const std::lock_guard lock(ring_.mutex_);
    --ring_.readers_;
  }
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  /// Up to `max` of the next items, oldest first. Waits up to `timeout` for the first one, and a
  /// moment for more to take with it; empty when there was none or after close().
  std::vector<ItemPtr> waitBatch(std::size_t max, std::chrono::milliseconds timeout) {
    std::vector<ItemPtr> batch;
    std::uint64_t lost = 0;
    {
      std::unique_lock lock(ring_.mutex_);
      const auto next = [&] { return ring_.first_ + ring_.held_.size(); };
      ++ring_.waiting_;
      ring_.arrived_.wait_for(lock, timeout, [&] { return closed_ || cursor_ < next(); });
      --ring_.waiting_;
      if (cursor_ < next() && next() - cursor_ < max)
        ring_.closed_.wait_for(lock, std::min(gathering, timeout), [&] { return closed_; });
      lost = skipLost();
      const auto begin = static_cast<std::size_t>(cursor_ - ring_.first_);
      const std::size_t end = std::min(ring_.held_.size(), begin + max);
      batch.reserve(end - begin);
      for (std::size_t i = begin; i < end; ++i) batch.push_back(ring_.held_[i].item);
      cursor_ += batch.size();
    }
    if (lost > 0 && ring_.options_.on_lost) ring_.options_.on_lost(name_, lost);
    return batch;
  }

  /// Wakes a waiting reader for good; what is in the ring can still be fetched.
  void close() {
    {
      const std::lock_guard lock(ring_.mutex_);
      closed_ = true;
    }
    ring_.arrived_.notify_all();
    ring_.closed_.notify_all();
  }

  /// Offers the last `count` items again, as to another reader, which may wait although this one
  /// was closed.
  void giveBack(std::size_t count) {
    const std::lock_guard lock(ring_.mutex_);
    cursor_ -= count;
    closed_ = false;
  }

  /// Items that left the ring before this reader came for them, since it subscribed.
  std::uint64_t dropped() const {
    const std::lock_guard lock(ring_.mutex_);
    return dropped_;
  }

  const std::string& name() const { return name_; }

 private:
  friend class Ring<Item>;
  /// A reader that has little to take waits that long for more: one wake for all items of a burst,
  /// where each would cost a switch to the reader and back.
  static constexpr std::chrono::milliseconds gathering{5};
  static constexpr std::chrono::seconds loss_report_interval{1};

  RingReader(Ring<Item>& ring, std::string name, std::uint64_t cursor)
      : ring_(ring), name_(std::move(name)), cursor_(cursor) {}

  /// Moves past what the ring no longer holds; answers the count to report now, if any. A reader
  /// that loses all the time reports once a second, lest the reports drown the rest.
  std::uint64_t skipLost() {
    if (cursor_ < ring_.first_) {
      const std::uint64_t lost = ring_.first_ - cursor_;
      cursor_ = ring_.first_;
      dropped_ += lost;
      unreported_ += lost;
    }
    const auto now = std::chrono::steady_clock::now();
    if (unreported_ == 0 || now - reported_at_ < loss_report_interval) return 0;
    reported_at_ = now;
    return std::exchange(unreported_, 0);
  }

  Ring<Item>& ring_;
  const std::string name_;
  std::uint64_t cursor_;  // this and the rest: under ring_.mutex_
  std::uint64_t dropped_ = 0;
  std::uint64_t unreported_ = 0;
  std::chrono::steady_clock::time_point reported_at_{};
  bool closed_ = false;
};

template <class Item>
class Ring {
 public:
  using Reader = RingReader<Item>;

  struct Options {
    std::size_t max_items;
    std::size_t max_bytes;  ///< of all items, as they are counted when they are added
    /// Told by the reader's thread, without a lock, of what a reader came too late for.
    std::function<void(const std::string& reader, std::uint64_t count)> on_lost = {};
  };

  explicit Ring(Options options) : options_(std::move(options)) {}

  /// Adds the item, which counts for so many bytes. `stamp` is called with it while nothing else
  /// can be added, so that what it writes is in the order of the ring.
  template <class Stamp>
  void add(std::shared_ptr<Item> item, std::size_t bytes, Stamp stamp) {
    bool is_awaited = false;
    std::shared_ptr<const Item> evicted;  // freed when others may add again
    {
      const std::lock_guard lock(mutex_);
      stamp(*item);
      held_.push_back({std::move(item), bytes});
      bytes_ += bytes;
      evicted = evict();
      is_awaited = waiting_ > 0;
    }
    if (is_awaited) arrived_.notify_all();
  }

  /// A reader that begins with the oldest item still held.
  std::unique_ptr<Reader> subscribe(std::string name) {
    const std::lock_guard lock(mutex_);
    return subscribeAt(std::move(name), 0);
  }
  /// One that begins with the next item.
  std::unique_ptr<Reader> subscribeFromNow(std::string name) {
    const std::lock_guard lock(mutex_);
    return subscribeAt(std::move(name), held_.size());
  }
  bool hasReaders() const { return readers_.load(std::memory_order_relaxed) > 0; }

 private:
  friend class RingReader<Item>;
  struct Held {
    std::shared_ptr<const Item> item;
    std::size_t bytes;
  };

  std::unique_ptr<Reader> subscribeAt(std::string name, std::size_t held) {
    ++readers_;
    return std::unique_ptr<Reader>(new Reader(*this, std::move(name), first_ + held));
  }
  /// Answers the last item that had to go; there is seldom another.
  std::shared_ptr<const Item> evict() {
    std::shared_ptr<const Item> evicted;
    while (held_.size() > 1 && (held_.size() > options_.max_items || bytes_ > options_.max_bytes)) {
      bytes_ -= held_.front().bytes;
      evicted = std::move(held_.front().item);
      held_.pop_front();
      ++first_;
    }
    return evicted;
  }

  const Options options_;
  std::atomic<int> readers_{0};

  std::mutex mutex_;
  std::condition_variable arrived_, closed_;
  std::size_t waiting_ = 0;  // readers, for a first item
  std::deque<Held> held_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 0;  // sequence of held_.front()
};

}  // namespace scanhost
