// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Events: what happened, by a stable name, with fields. The host keeps them in one bounded ring;
/// exporters read it, each at its own pace, and do the writing.
///
///     log.emit(Level::info, "dispatcher", "task_dequeued", task.trace_id, Json::object({...}));
///
/// `emit` never waits for I/O and never for a reader: a reader that falls behind by more than the
/// ring holds loses the oldest events, which is counted and told to the others. While nobody reads
/// (before exporters run, after they stopped), warnings and errors go to stderr as the same lines.
/// Everything here may be called from any thread.
#pragma once

#include <scanhost/json.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/time.h"
#include "host/telemetry/ring.h"

namespace scanhost {

enum class Level : int { debug = 0, info = 1, warning = 2, error = 3 };

/// "debug", "info", "warning", "error"
const char* levelName(Level level);
std::optional<Level> parseLevel(std::string_view name);

class Event {
 public:
  /// `trace` empty: none. `fields` an object, or null for none.
  Event(Level at, std::string_view of, std::string_view name, std::string_view trace, Json fields)
      : level(at), component(of), event(name), trace_id(trace), fields_(std::move(fields)) {}

  Timestamp time;
  const Level level;
  const std::string component, event, trace_id;

  /// As renderEvent() makes it: by the first who asks, for all. Any thread.
  const std::string& line() const;

 private:
  mutable std::once_flag rendered_;
  mutable Json fields_;  // until rendered
  mutable std::string line_;
};

using EventPtr = std::shared_ptr<const Event>;

/// An event as one line of JSON without the newline: timestamp, level, component, event, trace_id
/// (null where it is empty), then its own fields, an object or null for none. Valid JSON with
/// unique names whatever the input: bytes that are no UTF-8 become U+FFFD, a field that would
/// repeat a name is left out.
std::string renderEvent(Timestamp time, Level level, std::string_view component,
                        std::string_view event, std::string_view trace_id, const Json& fields);

using EventSubscription = RingReader<Event>;

class EventLog {
 public:
  struct Options {
    Level level = Level::info;
    std::size_t max_events = 16'384;
    std::size_t max_bytes = 4u << 20;         ///< of all events, estimated
    std::size_t max_event_bytes = 64u << 10;  ///< beyond it what is long in it is cut
    /// Moves the metric; called by countLosses().
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
  std::unique_ptr<EventSubscription> subscribe(std::string name) {
    return ring_.subscribe(std::move(name));
  }
  /// One that begins with the next event.
  std::unique_ptr<EventSubscription> subscribeFromNow(std::string name) {
    return ring_.subscribeFromNow(std::move(name));
  }
  /// Counts what readers came too late for, and tells of it. Call it every second or so, from one
  /// thread.
  void countLosses() { ring_.countLosses(); }

 private:
  void tellLost(const RingLoss& loss);
  void writeFallback(const Event& event) const;

  const Options options_;
  std::atomic<Level> level_;
  Ring<Event> ring_;
};

}  // namespace scanhost
