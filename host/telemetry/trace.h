// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The id that ties a submission to everything that follows from it.
///
/// Sixteen bytes: a UUID in our own fields, the trace-id of a W3C traceparent outside. What a
/// caller sends is taken only in one of these two exact forms, so that nothing else from a header
/// reaches a log line under this name. A value type; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost {

class TraceContext {
 public:
  /// A new one, with the bits of a version 4 UUID.
  static TraceContext random();
  /// "550e8400-e29b-41d4-a716-446655440000"; hexadecimal of either case, not all zero.
  static std::optional<TraceContext> fromUuid(std::string_view text);
  /// "00-<32 hex>-<16 hex>-<2 hex>" by W3C Trace Context: lowercase, no zero ids, version not ff;
  /// a later version may carry more after a further dash.
  static std::optional<TraceContext> fromTraceparent(std::string_view text);
  /// What a request brings: traceparent first, then X-Trace-Id, else a new one. Pass empty for
  /// absent.
  static TraceContext fromHeaders(std::string_view traceparent, std::string_view x_trace_id);

  std::string uuid() const;
  /// Version 00 with a fresh parent id, not sampled.
  std::string traceparent() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  friend bool operator==(const TraceContext&, const TraceContext&) = default;

 private:
  explicit TraceContext(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
  static std::optional<TraceContext> fromHex(std::string_view hex);

  std::array<std::uint8_t, 16> bytes_;
};

}  // namespace scanhost
