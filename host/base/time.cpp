// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/time.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace scanhost {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

/// Reads exactly `digits` decimal digits off the front.
std::optional<int> takeDigits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool takeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

void putDigits(std::string& text, std::size_t at, std::size_t count, unsigned value) {
  for (std::size_t i = at + count; i-- > at; value /= 10)
    text[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

Timestamp Timestamp::now() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string formatTimestamp(Timestamp time) {
  using namespace std::chrono;
  constexpr sys_time<microseconds> first = sys_days(year(0) / 1 / 1);
  constexpr sys_time<microseconds> last = sys_days(year(10'000) / 1 / 1) - microseconds(1);
  const auto moment = std::clamp(sys_time<microseconds>(microseconds(time.micros)), first, last);
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss clock(moment - day);
  std::string text = "0000-00-00T00:00:00.000000Z";
  putDigits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  putDigits(text, 5, 2, static_cast<unsigned>(date.month()));
  putDigits(text, 8, 2, static_cast<unsigned>(date.day()));
  putDigits(text, 11, 2, static_cast<unsigned>(clock.hours().count()));
  putDigits(text, 14, 2, static_cast<unsigned>(clock.minutes().count()));
  putDigits(text, 17, 2, static_cast<unsigned>(clock.seconds().count()));
  putDigits(text, 20, 6, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

const TimeSource& TimeSource::system() {
  static const TimeSource source;
  return source;
}

std::optional<Timestamp> parseTimestamp(std::string_view text) {
  tm parts{};
  const auto year = takeDigits(text, 4);
  if (!year || !takeChar(text, "-")) return std::nullopt;
  const auto month = takeDigits(text, 2);
  if (!month || !takeChar(text, "-")) return std::nullopt;
  const auto day = takeDigits(text, 2);
  if (!day || !takeChar(text, "Tt ")) return std::nullopt;
  const auto hour = takeDigits(text, 2);
  if (!hour || !takeChar(text, ":")) return std::nullopt;
  const auto minute = takeDigits(text, 2);
  if (!minute || !takeChar(text, ":")) return std::nullopt;
  const auto second = takeDigits(text, 2);
  if (!second) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31 || *hour > 23 || *minute > 59 ||
      *second > 60)
    return std::nullopt;

  std::int64_t micros = 0;
  if (takeChar(text, ".")) {
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9';
         text.remove_prefix(1), ++digits) {
      micros += (text.front() - '0') * unit;
      unit /= 10;
    }
    if (digits == 0) return std::nullopt;
  }

  std::int64_t offset_minutes = 0;
  if (!takeChar(text, "Zz")) {
    const bool west = !text.empty() && text.front() == '-';
    if (!takeChar(text, "+-")) return std::nullopt;
    const auto hours = takeDigits(text, 2);
    if (!hours || !takeChar(text, ":")) return std::nullopt;
    const auto minutes = takeDigits(text, 2);
    if (!minutes) return std::nullopt;
    offset_minutes = (*hours * 60 + *minutes) * (west ? -1 : 1);
  }
  if (!text.empty()) return std::nullopt;

  parts.tm_year = *year - 1900;
  parts.tm_mon = *month - 1;
  parts.tm_mday = *day;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  parts.tm_sec = *second;
  const std::int64_t seconds = static_cast<std::int64_t>(timegm(&parts)) - offset_minutes * 60;
  return Timestamp{seconds * 1'000'000 + micros};
}

std::optional<std::chrono::milliseconds> parseDuration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, millis] : duration_units)
    if (unit == name) {
      std::int64_t total = 0;
      if (__builtin_mul_overflow(count, millis, &total)) return std::nullopt;
      return std::chrono::milliseconds(total);
    }
  return std::nullopt;
}

std::string formatDuration(std::chrono::milliseconds duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (const auto& [name, millis] : duration_units)
    if (count % millis == 0) return std::to_string(count / millis) + std::string(name);
  return std::to_string(count) + "ms";
}

std::int64_t monotonicNanos() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace scanhost
