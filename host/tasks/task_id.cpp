// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_id.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "host/base/random.h"

namespace scanhost {
namespace {

bool isLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isHexDigit(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'f');
}

/// Up to `length` characters of `text` that may stand in an id.
std::string idLetters(std::string_view text, std::size_t length) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (isLowerOrDigit(c)) out += c;
    if (out.size() == length) break;
  }
  return out.empty() ? "x" : out;
}

/// Takes `least` to `most` characters for which `is` holds off the front, then `end`.
template <class Is>
bool takeRun(std::string_view& text, std::size_t least, std::size_t most, Is is, char end) {
  std::size_t length = 0;
  while (length < text.size() && length < most && is(text[length])) ++length;
  if (length < least) return false;
  text.remove_prefix(length);
  if (end == '\0') return text.empty();
  if (text.empty() || text.front() != end) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string makeTaskId(std::string_view pool, std::string_view instance, Timestamp now) {
  const time_t seconds = static_cast<time_t>(now.micros / 1'000'000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char time_text[64];
  std::snprintf(time_text, sizeof time_text, "_%04d%02d%02d_%02d%02d%02d_", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return idLetters(pool, 2) + "_" + idLetters(instance, 4) + time_text + toHex(randomBytes<4>());
}

bool isTaskId(std::string_view text) {
  return takeRun(text, 1, 2, isLowerOrDigit, '_') && takeRun(text, 1, 4, isLowerOrDigit, '_') &&
         takeRun(text, 8, 8, isDigit, '_') && takeRun(text, 6, 6, isDigit, '_') &&
         takeRun(text, 8, 8, isHexDigit, '\0');
}

std::string makeMarker(std::string_view task_id, std::uint64_t launch) {
  return markerPrefix(task_id) + std::to_string(launch) + "]";
}

std::string markerPrefix(std::string_view task_id) {
  return std::string(marker_start) + std::string(task_id) + "/";
}

std::optional<Marker> findMarker(std::string_view name) {
  for (std::size_t at = name.find(marker_start); at != name.npos;
       at = name.find(marker_start, at + 1)) {
    const std::string_view rest = name.substr(at + marker_start.size());
    const std::size_t slash = rest.find('/');
    const std::size_t end = rest.find(']');
    if (slash == rest.npos || end == rest.npos || slash > end) continue;
    const std::string_view number = rest.substr(slash + 1, end - slash - 1);
    Marker marker{std::string(rest.substr(0, slash)), 0};
    const auto [stop, error] =
        std::from_chars(number.data(), number.data() + number.size(), marker.launch);
    if (error == std::errc() && stop == number.data() + number.size() && isTaskId(marker.task_id))
      return marker;
  }
  return std::nullopt;
}

}  // namespace scanhost
