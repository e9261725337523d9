// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Trace contexts as text: W3C Trace Context (https://www.w3.org/TR/trace-context/), and a trace id
/// as a UUID. Nothing here throws but for want of memory. Any thread.
///
///     if (const std::string header = traceparentOf(call.trace()); !header.empty())
///       request.set("traceparent", header);
#ifndef SCANHOST_TRACE_H
#define SCANHOST_TRACE_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "abi/call.h"

namespace scanhost {
inline namespace v1 {

/// The bit of `flags` by which a caller says that it records the trace.
inline constexpr std::uint8_t trace_sampled = 1;

inline bool hasTrace(const scanhost_trace& trace) noexcept {
  return std::any_of(std::begin(trace.trace_id), std::end(trace.trace_id),
                     [](std::uint8_t byte) { return byte != 0; });
}
/// Whether there is a span for others to be children of.
inline bool hasSpan(const scanhost_trace& trace) noexcept {
  return std::any_of(std::begin(trace.span_id), std::end(trace.span_id),
                     [](std::uint8_t byte) { return byte != 0; });
}

namespace detail {

template <std::size_t Size>
void writeHex(std::string& out, const std::uint8_t (&bytes)[Size]) {
  constexpr char digits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

/// False unless the text is lowercase hexadecimal of exactly these bytes.
template <std::size_t Size>
bool readHex(std::string_view text, std::uint8_t (&bytes)[Size]) noexcept {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (text.size() != Size * 2) return false;
  for (std::size_t i = 0; i < Size; ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

inline bool isUuidDash(std::size_t index) noexcept {
  return index == 8 || index == 13 || index == 18 || index == 23;
}

}  // namespace detail

/// 32 and 16 lowercase hexadecimal digits.
inline std::string traceIdOf(const scanhost_trace& trace) {
  std::string out;
  detail::writeHex(out, trace.trace_id);
  return out;
}
inline std::string spanIdOf(const scanhost_trace& trace) {
  std::string out;
  detail::writeHex(out, trace.span_id);
  return out;
}

/// The header `traceparent` for what is asked of others, version 00; empty when there is no span.
inline std::string traceparentOf(const scanhost_trace& trace) {
  if (!hasTrace(trace) || !hasSpan(trace)) return {};
  const std::uint8_t flags[1] = {trace.flags};
  std::string out = "00-" + traceIdOf(trace) + "-" + spanIdOf(trace) + "-";
  detail::writeHex(out, flags);
  return out;
}

/// "00-<32 hex>-<16 hex>-<2 hex>": lowercase, no zero ids, version not ff; a later version may
/// carry more after a further dash. Nothing for any other text.
inline std::optional<scanhost_trace> parseTraceparent(std::string_view text) noexcept {
  constexpr std::size_t size = 55;
  std::uint8_t version[1]{}, flags[1]{};
  scanhost_trace trace{};
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-' ||
      !detail::readHex(text.substr(0, 2), version) || version[0] == 0xff ||
      !detail::readHex(text.substr(3, 32), trace.trace_id) ||
      !detail::readHex(text.substr(36, 16), trace.span_id) ||
      !detail::readHex(text.substr(53, 2), flags))
    return std::nullopt;
  if (text.size() > size && (version[0] == 0 || text[size] != '-')) return std::nullopt;
  if (!hasTrace(trace) || !hasSpan(trace)) return std::nullopt;
  trace.flags = flags[0];
  return trace;
}

/// A trace id in the form of a UUID, hexadecimal of either case, not all zero; without a span.
inline std::optional<scanhost_trace> parseTraceUuid(std::string_view text) {
  constexpr std::size_t size = 36;
  if (text.size() != size) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    if (detail::isUuidDash(i) != (text[i] == '-')) return std::nullopt;
    if (text[i] == '-') continue;
    hex += text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  }
  scanhost_trace trace{};
  if (!detail::readHex(hex, trace.trace_id) || !hasTrace(trace)) return std::nullopt;
  return trace;
}

/// As scanhost's own fields have it: a lowercase UUID.
inline std::string traceUuidOf(const scanhost_trace& trace) {
  std::string out = traceIdOf(trace);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) out.insert(at, 1, '-');
  return out;
}

}  // namespace v1
}  // namespace scanhost

#endif
