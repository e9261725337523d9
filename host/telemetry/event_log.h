// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Events: what happened, by a stable name, with fields. The host keeps them in one bounded ring;
/// exporters read it, each at its own pace, and do the writing.
///
///     log.emit(Level::info, "dispatcher", "task_dequeued", task.trace_id, Json::object({...}));
///
/// `emit` never waits for I/O and never for a reader: a reader that falls behind by more than the
/// ring holds loses the oldest events, and learns how many. While nobody reads (before exporters
/// run, after they stopped), warnings and errors go to stderr as the same lines.
/// Everything here may be called from any thread.
#pragma once

#include <scanhost/json.h>

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
#include <string_view>
#include <vector>

#include "host/base/time.h"

namespace scanhost {

enum class Level : int { debug = 0, info = 1, warning = 2, error = 3 };

/// "debug", "info", "warning", "error"
const char* levelName(Level level);
std::optional<Level> parseLevel(std::string_view name);

struct Event {
  Timestamp time;
  Level level = Level::info;
  std::string component;
  std::string event;
  std::string trace_id;  ///< empty: none, shown as null
  Json fields;           ///< an object, or null for none
};

using EventPtr = std::shared_ptr<const Event>;

/// The event as one line of JSON without the newline: timestamp, level, component, event, trace_id,
/// then its own fields. Valid JSON with unique names whatever the input: bytes that are no UTF-8
/// become U+FFFD, a field that would repeat a name is left out.
std::string renderEvent(const Event& event);

class EventLog;

/// One reader's place in the ring. Ends when destroyed; must not outlive the log.
class EventSubscription {
 public:
  ~EventSubscription();
  EventSubscription(const EventSubscription&) = delete;
  EventSubscription& operator=(const EventSubscription&) = delete;

  /// Up to `max` of the next events, oldest first. Waits up to `timeout` for the first one, and a
  /// moment for more to take with it; empty when there was none or after close().
  std::vector<EventPtr> waitBatch(std::size_t max, std::chrono::milliseconds timeout);
  /// Wakes a waiting reader for good; what is in the ring can still be fetched.
  void close();
  /// Offers the last `count` events again, as to another reader, which may wait although this one
  /// was closed.
  void giveBack(std::size_t count);
  /// Events that left the ring before this reader came for them, since it subscribed.
  std::uint64_t dropped() const;
  const std::string& name() const { return name_; }

 private:
  friend class EventLog;
  EventSubscription(EventLog& log, std::string name, std::uint64_t cursor)
      : log_(log), name_(std::move(name)), cursor_(cursor) {}
  std::uint64_t skipLost();

  EventLog& log_;
  const std::string name_;
  std::uint64_t cursor_;  // this and the rest: under log_.mutex_
  std::uint64_t dropped_ = 0;
  std::uint64_t unreported_ = 0;
  std::chrono::steady_clock::time_point reported_at_{};
  bool closed_ = false;
};

class EventLog {
 public:
  struct Options {
    Level level = Level::info;
    std::size_t max_events = 16'384;
    std::size_t max_bytes = 16u << 20;        ///< of all events, estimated
    std::size_t max_event_bytes = 64u << 10;  ///< beyond it the fields give way to their size
    /// Moves the metric; called without a lock by the reader's thread.
    std::function<void(const std::string& exporter, std::uint64_t count)> on_dropped;
    int fallback_fd = 2;  ///< where warnings go while nobody reads; -1 for nowhere
  };

  EventLog() : EventLog(Options{}) {}
  explicit EventLog(Options options);

  bool enabled(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
  Level level() const { return level_.load(std::memory_order_relaxed); }
  void setLevel(Level level) { level_.store(level, std::memory_order_relaxed); }

  /// Stamps and keeps the event, if its level is enabled. `trace_id` empty: none.
  void emit(Level level, std::string_view component, std::string_view event,
            std::string_view trace_id, Json fields = {});

  /// A reader that begins with the oldest event still held. `name` is the exporter's, for
  /// `events_dropped`.
  std::unique_ptr<EventSubscription> subscribe(std::string name);
  /// One that begins with the next event.
  std::unique_ptr<EventSubscription> subscribeFromNow(std::string name);

 private:
  friend class EventSubscription;
  struct Held {
    EventPtr event;
    std::size_t bytes;
  };
  std::unique_ptr<EventSubscription> subscribeAt(std::string name, std::size_t held);
  void evict();
  void writeFallback(const Event& event) const;

  const Options options_;
  std::atomic<Level> level_;
  std::atomic<int> readers_{0};

  std::mutex mutex_;
  std::condition_variable arrived_, closed_;
  std::size_t waiting_ = 0;  // readers, for a first event
  std::deque<Held> ring_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 0;  // sequence of ring_.front()
};

}  // namespace scanhost
