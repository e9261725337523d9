// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Time as scanhost stores and shows it: wall clock in microseconds UTC, durations as "30s".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost {

/// Microseconds since the Unix epoch, UTC. For records and people, never for measuring.
struct Timestamp {
  std::int64_t micros = 0;
  static Timestamp now();
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// "2025-12-01T14:30:22.123456Z"; of a time before year 0 or after 9999 the nearest that is
/// neither.
std::string formatTimestamp(Timestamp time);
/// The same back (RFC 3339; fraction optional, zone `Z` or an offset).
std::optional<Timestamp> parseTimestamp(std::string_view text);

/// "500ms", "30s", "10m", "2h", "7d"; a bare number is refused, for its unit would be a guess.
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);
/// The shortest such text: 7200000 ms is "2h".
std::string formatDuration(std::chrono::milliseconds duration);

/// Where time comes from: the system's clocks, unless a test turns its own. Any thread.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  /// For measuring and waiting.
  virtual std::chrono::steady_clock::time_point steady() const {
    return std::chrono::steady_clock::now();
  }
  virtual Timestamp wall() const { return Timestamp::now(); }

  static const TimeSource& system();
};

/// Now on CLOCK_MONOTONIC in nanoseconds: the ABI's deadlines are of this clock.
std::int64_t monotonicNanos();

}  // namespace scanhost
