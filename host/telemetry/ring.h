// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A bounded ring of what is to be exported, read by any number of readers, each at its own pace.
///
/// Adding never waits for a reader: one that falls behind by more than the ring holds loses the
/// oldest items. countLosses() tells how many, also of a reader that never comes back. Any thread.
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
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanhost {

template <class Item>
class Ring;

/// What a reader came too late for.
struct RingLoss {
  std::string reader;
  std::uint64_t count;   ///< since the last count
  std::uint64_t untold;  ///< worth telling people of now; 0 when they were told a moment ago
};

/// One reader's place in the ring. Ends when destroyed; must not outlive the ring.
template <class Item>
class RingReader {
 public:
  using ItemPtr = std::shared_ptr<const Item>;

  ~RingReader() {
    const std::lock_guard lock(ring_.mutex_);
    std::erase(ring_.readers_, this);
    ring_.reader_count_ = ring_.readers_.size();
  }
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  /// Up to `max` of the next items, oldest first. Waits up to `timeout` for the first one, and a
  /// moment for more to take with it; empty when there was none or after close().
  std::vector<ItemPtr> waitBatch(std::size_t max, std::chrono::milliseconds timeout) {
    std::vector<ItemPtr> batch;
    std::unique_lock lock(ring_.mutex_);
    const auto next = [&] { return ring_.first_ + ring_.held_.size(); };
    ++ring_.waiting_;
    ring_.arrived_.wait_for(lock, timeout, [&] { return closed_ || cursor_ < next(); });
    --ring_.waiting_;
    if (cursor_ < next() && next() - cursor_ < max)
      ring_.closed_.wait_for(lock, std::min(gathering, timeout), [&] { return closed_; });
    skipLost();
    const auto begin = static_cast<std::size_t>(cursor_ - ring_.first_);
    const std::size_t end = std::min(ring_.held_.size(), begin + max);
    batch.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) batch.push_back(ring_.held_[i].item);
    cursor_ += batch.size();
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

  /// Items that left the ring before this reader came for them, since it subscribed; as of its
  /// last batch or the last count.
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
  static constexpr std::chrono::minutes telling_interval{1};

  RingReader(Ring<Item>& ring, std::string name, std::uint64_t cursor)
      : ring_(ring), name_(std::move(name)), cursor_(cursor) {}

  /// Moves past what the ring no longer holds.
  void skipLost() {
    if (cursor_ >= ring_.first_) return;
    dropped_ += ring_.first_ - cursor_;
    cursor_ = ring_.first_;
  }

  /// What was lost since the last call. Of one that loses all the time people are told once a
  /// minute: what tells them may be an item of this ring, and cost its readers another.
  RingLoss takeLoss() {
    skipLost();
    RingLoss loss{name_, dropped_ - std::exchange(counted_, dropped_), 0};
    const auto now = std::chrono::steady_clock::now();
    if (told_ == dropped_ || (told_at_ && now - *told_at_ < telling_interval)) return loss;
    told_at_ = now;
    loss.untold = dropped_ - std::exchange(told_, dropped_);
    return loss;
  }

  Ring<Item>& ring_;
  const std::string name_;
  std::uint64_t cursor_;  // this and the rest: under ring_.mutex_
  std::uint64_t dropped_ = 0;
  std::uint64_t counted_ = 0, told_ = 0;  // of dropped_
  std::optional<std::chrono::steady_clock::time_point> told_at_;
  bool closed_ = false;
};

template <class Item>
class Ring {
 public:
  using Reader = RingReader<Item>;

  struct Options {
    std::size_t max_items;
    std::size_t max_bytes;  ///< of all items, as they are counted when they are added
    /// Called by countLosses(), without a lock.
    std::function<void(const RingLoss& loss)> on_lost = {};
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
  bool hasReaders() const { return reader_count_.load(std::memory_order_relaxed) > 0; }

  /// Tells `on_lost` what each reader lost since the last call, once. Call it every second or so,
  /// from one thread.
  void countLosses() {
    std::vector<RingLoss> losses;
    {
      const std::lock_guard lock(mutex_);
      for (Reader* reader : readers_) losses.push_back(reader->takeLoss());
    }
    for (const RingLoss& loss : losses)
      if (options_.on_lost && (loss.count > 0 || loss.untold > 0)) options_.on_lost(loss);
  }

 private:
  friend class RingReader<Item>;
  struct Held {
    std::shared_ptr<const Item> item;
    std::size_t bytes;
  };

  std::unique_ptr<Reader> subscribeAt(std::string name, std::size_t held) {
    std::unique_ptr<Reader> reader(new Reader(*this, std::move(name), first_ + held));
    readers_.push_back(reader.get());
    reader_count_ = readers_.size();
    return reader;
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
  std::atomic<std::size_t> reader_count_{0};

  std::mutex mutex_;
  std::vector<Reader*> readers_;
  std::condition_variable arrived_, closed_;
  std::size_t waiting_ = 0;  // readers, for a first item
  std::deque<Held> held_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 0;  // sequence of held_.front()
};

}  // namespace scanhost
