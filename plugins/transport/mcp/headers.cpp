// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/headers.h"

#include <algorithm>
#include <cstdint>

namespace scanhost::mcp {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the part before `separator` off the front of `rest`.
std::string_view nextPart(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

/// "q=0", "q=0.000": not acceptable (RFC 9110, 12.4.2).
bool isZeroWeight(std::string_view parameter) {
  if (parameter.substr(0, 3) != "q=0") return false;
  return parameter.find_first_not_of("0.", 3) == std::string_view::npos;
}

int base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

std::optional<std::string> decodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64Digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  const bool leftover = (bits & ((1u << count) - 1)) != 0;
  if (leftover) return std::nullopt;
  return out;
}

}  // namespace

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool isJsonType(std::string_view content_type) {
  return lowered(nextPart(content_type, ';')) == "application/json";
}

Accepted readAccept(std::optional<std::string_view> accept) {
  if (!accept) return {};
  const std::string header = lowered(*accept);
  Accepted found{false, false};
  for (std::string_view rest = header; !rest.empty();) {
    std::string_view range = nextPart(rest, ',');
    const std::string_view type = nextPart(range, ';');
    bool refused = false;
    while (!range.empty()) refused = isZeroWeight(nextPart(range, ';')) || refused;
    if (refused) continue;
    if (type == "*/*" || type == "application/*" || type == "application/json") found.json = true;
    if (type == "*/*" || type == "text/*" || type == "text/event-stream") found.stream = true;
  }
  if (!found.json && !found.stream) return {};
  return found;
}

std::optional<std::string> decodeHeaderValue(std::string_view value) {
  constexpr std::string_view prefix = "=?base64?";
  constexpr std::string_view suffix = "?=";
  const bool wrapped = value.size() >= prefix.size() + suffix.size() &&
                       value.substr(0, prefix.size()) == prefix &&
                       value.substr(value.size() - suffix.size()) == suffix;
  if (!wrapped) return std::string(value);
  value.remove_prefix(prefix.size());
  value.remove_suffix(suffix.size());
  return decodeBase64(value);
}

}  // namespace scanhost::mcp
