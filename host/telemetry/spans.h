// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Spans: how long each piece of a scan's work took, and what it was part of. They are kept in a
/// bounded ring once they have ended, and exporters that take spans read them from there.
///
///     Span span(log, SpanKind::client, "scanner.prepare", parent);
///     options.trace = span.trace();             // what is called becomes its child
///     if (!outcome) span.fail(outcome.error().message);
///
/// While no exporter takes spans, or the trace is not sampled, a Span records nothing, passes its
/// parent on, and costs a few loads. Names come from a bounded set; ids and targets are no names.
#pragma once

#include <scanhost/json.h>
#include <scanhost/trace.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/time.h"
#include "host/telemetry/ring.h"
#include "host/telemetry/trace.h"

namespace scanhost {

/// With the numbers of SCANHOST_SPAN_*.
enum class SpanKind { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

using SpanId = std::array<std::uint8_t, 8>;

/// One that has ended.
struct SpanRecord {
  scanhost_trace trace{};  ///< with the span's own id
  SpanId parent{};         ///< zero: none
  SpanKind kind = SpanKind::internal;
  Timestamp start, end;
  std::string name;
  bool failed = false;
  std::string message;  ///< why it failed
  Json attributes;      ///< an object, or null for none
};

using SpanPtr = std::shared_ptr<const SpanRecord>;

/// Which calls are traced.
enum class TraceSampling {
  parent,  ///< what the caller says; without a caller's span those that change something
  always,
  never,
};

/// The spans of this node. Any thread.
class SpanLog {
 public:
  struct Options {
    std::size_t max_spans = 4'096;
    std::size_t max_bytes = 2u << 20;  ///< of all of them, estimated
    /// Called by countLosses().
    std::function<void(const RingLoss& loss)> on_dropped = {};
  };

  SpanLog() : SpanLog(Options{}) {}
  explicit SpanLog(Options options);

  void setSampling(TraceSampling sampling) { sampling_.store(sampling, std::memory_order_relaxed); }
  /// What is made of the context that a call came with: its flags say whether it is sampled.
  TraceContext admit(const TraceContext& context, bool changes_something) const;
  /// Whether a span of that trace would be kept.
  bool records(const scanhost_trace& trace) const;

  void add(SpanRecord span);

  std::unique_ptr<RingReader<SpanRecord>> subscribe(std::string name) {
    return ring_.subscribe(std::move(name));
  }
  std::unique_ptr<RingReader<SpanRecord>> subscribeFromNow(std::string name) {
    return ring_.subscribeFromNow(std::move(name));
  }
  /// Counts what readers came too late for. Call it every second or so, from one thread.
  void countLosses() { ring_.countLosses(); }

  static constexpr std::size_t max_message_bytes = 1024;
  static constexpr std::size_t max_attribute_bytes = 8 * 1024;

 private:
  std::atomic<TraceSampling> sampling_{TraceSampling::parent};
  Ring<SpanRecord> ring_;
};

/// One under way; it ends with its object. For one thread at a time.
class Span {
 public:
  /// Records nothing.
  Span() = default;
  /// `log` may be null, and outlives the span.
  Span(SpanLog* log, SpanKind kind, std::string_view name, const scanhost_trace& parent);
  Span(Span&&) = default;
  Span& operator=(Span&& other) noexcept;
  ~Span() { end(); }

  bool recorded() const { return record_ != nullptr; }
  /// The context of what is done within it.
  const scanhost_trace& trace() const { return trace_; }
  void set(std::string_view attribute, Json value);
  void fail(std::string_view message);
  void end();

 private:
  SpanLog* log_ = nullptr;
  scanhost_trace trace_{};
  std::unique_ptr<SpanRecord> record_;
};

/// A random one.
SpanId newSpanId();
/// Of the work that somebody did under a name and a number, the same on every node.
SpanId derivedSpanId(std::string_view name, std::uint64_t number);
/// `trace` with another span.
scanhost_trace withSpan(scanhost_trace trace, const SpanId& span);

}  // namespace scanhost
