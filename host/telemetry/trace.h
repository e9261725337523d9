// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where in which trace something happens: the id that ties a submission to everything that
/// follows from it, and the span that what is done next is a child of.
///
/// The trace id is sixteen bytes: a UUID in our own fields, the trace-id of a W3C traceparent
/// outside. What a caller sends is taken only in one of these two exact forms, so that nothing else
/// from a header reaches a log line under this name. A value type; any thread.
#pragma once

#include <scanhost/trace.h>

#include <optional>
#include <string>
#include <string_view>

namespace scanhost {

class TraceContext {
 public:
  /// A new one, with the bits of a version 4 UUID and no span yet.
  static TraceContext random();
  /// "550e8400-e29b-41d4-a716-446655440000"; hexadecimal of either case, not all zero.
  static std::optional<TraceContext> fromUuid(std::string_view text);
  static std::optional<TraceContext> fromTraceparent(std::string_view text);
  /// What a request brings: traceparent first, then X-Trace-Id, else a new one. Pass empty for
  /// absent.
  static TraceContext fromHeaders(std::string_view traceparent, std::string_view x_trace_id);
  /// What a transport passes on; a new one when it passes none.
  static TraceContext fromAbi(const scanhost_trace& trace);

  std::string uuid() const { return traceUuidOf(trace_); }
  /// Empty when there is no span.
  std::string traceparent() const { return traceparentOf(trace_); }
  const scanhost_trace& abi() const { return trace_; }

  /// Of the same trace.
  friend bool operator==(const TraceContext& a, const TraceContext& b) {
    return a.uuid() == b.uuid();
  }

 private:
  explicit TraceContext(const scanhost_trace& trace) : trace_(trace) {}

  scanhost_trace trace_;
};

}  // namespace scanhost
