// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/trace.h"

#include <algorithm>

#include "host/base/random.h"

namespace scanhost {
namespace {

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool isLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return hexValue(c) >= 0 && !(c >= 'A' && c <= 'F'); });
}

bool isAllZero(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

constexpr std::size_t uuid_dashes[] = {8, 13, 18, 23};

}  // namespace

TraceContext TraceContext::random() {
  return *fromUuid(randomUuid());
}

std::optional<TraceContext> TraceContext::fromHex(std::string_view hex) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hexValue(hex[2 * i]);
    const int low = hexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (isAllZero(hex)) return std::nullopt;
  return TraceContext(bytes);
}

std::optional<TraceContext> TraceContext::fromUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex(text);
  for (std::size_t i = std::size(uuid_dashes); i-- > 0;) {
    if (hex[uuid_dashes[i]] != '-') return std::nullopt;
    hex.erase(uuid_dashes[i], 1);
  }
  return fromHex(hex);
}

std::optional<TraceContext> TraceContext::fromTraceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace_id = text.substr(3, 32);
  const std::string_view parent_id = text.substr(36, 16);
  if (!isLowerHex(version) || !isLowerHex(trace_id) || !isLowerHex(parent_id) ||
      !isLowerHex(text.substr(53, 2)))
    return std::nullopt;
  if (version == "ff" || isAllZero(parent_id)) return std::nullopt;
  if (text.size() > 55 && (version == "00" || text[55] != '-')) return std::nullopt;
  return fromHex(trace_id);
}

TraceContext TraceContext::fromHeaders(std::string_view traceparent, std::string_view x_trace_id) {
  if (const auto context = fromTraceparent(traceparent)) return *context;
  if (const auto context = fromUuid(x_trace_id)) return *context;
  return random();
}

std::string TraceContext::uuid() const {
  std::string text = toHex(bytes_);
  for (const std::size_t at : uuid_dashes) text.insert(at, 1, '-');
  return text;
}

std::string TraceContext::traceparent() const {
  auto parent = randomBytes<8>();
  parent[0] |= 1;  // never all zero
  return "00-" + toHex(bytes_) + "-" + toHex(parent) + "-00";
}

}  // namespace scanhost
