// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Durations as settings are written: "500ms", "30s", "10m", "2h", "7d".
#ifndef SCANHOST_DURATION_H
#define SCANHOST_DURATION_H

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace scanhost {
inline namespace v1 {

/// Nothing for any other text: a bare number is refused, for its unit would be a guess.
inline std::optional<std::chrono::milliseconds> readDuration(std::string_view text) noexcept {
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  std::int64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || number < 0 || number > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  for (const auto& [name, factor] : units)
    if (unit == name) return std::chrono::milliseconds(number * factor);
  return std::nullopt;
}

}  // namespace v1
}  // namespace scanhost

#endif
