// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/trace.h"

#include <cstdint>
#include <string>

namespace scanhost::mcp {
namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// False when the text is no lowercase hexadecimal of exactly that many bytes.
bool readHex(std::string_view text, std::uint8_t* out, std::size_t bytes) {
  if (text.size() != bytes * 2) return false;
  for (std::size_t i = 0; i < bytes; ++i) {
    const int high = hexDigit(text[2 * i]);
    const int low = hexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

bool isZero(const std::uint8_t* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (bytes[i] != 0) return false;
  return true;
}

}  // namespace

std::optional<scanhost_trace> readTraceparent(std::string_view text) {
  constexpr std::size_t version_00_size = 55;
  if (text.size() < version_00_size) return std::nullopt;
  std::uint8_t version = 0;
  if (!readHex(text.substr(0, 2), &version, 1) || version == 0xff) return std::nullopt;
  const bool longer = text.size() > version_00_size;
  if (longer && (version == 0 || text[version_00_size] != '-')) return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;

  scanhost_trace trace{};
  if (!readHex(text.substr(3, 32), trace.trace_id, sizeof trace.trace_id) ||
      !readHex(text.substr(36, 16), trace.span_id, sizeof trace.span_id) ||
      !readHex(text.substr(53, 2), &trace.flags, 1))
    return std::nullopt;
  if (isZero(trace.trace_id, sizeof trace.trace_id) || isZero(trace.span_id, sizeof trace.span_id))
    return std::nullopt;
  return trace;
}

std::optional<scanhost_trace> readTraceId(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (dash) continue;
    const char c = text[i];
    hex += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  scanhost_trace trace{};
  if (!readHex(hex, trace.trace_id, sizeof trace.trace_id) ||
      isZero(trace.trace_id, sizeof trace.trace_id))
    return std::nullopt;
  return trace;
}

scanhost_trace traceOf(std::optional<std::string_view> traceparent,
                       std::optional<std::string_view> trace_id, const Message& message) {
  if (traceparent)
    if (const auto trace = readTraceparent(*traceparent)) return *trace;
  if (trace_id)
    if (const auto trace = readTraceId(*trace_id)) return *trace;
  return readTraceparent(message.meta()["traceparent"].asString()).value_or(scanhost_trace{});
}

}  // namespace scanhost::mcp
