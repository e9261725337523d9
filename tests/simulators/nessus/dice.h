// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Repeatable chance: the same seed gives the same report on every machine and library.
///
/// The standard's distributions may differ between libraries, so this is a generator of its own
/// (SplitMix64). A value type for one thread; not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace scanhost::simulator {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// 0 .. limit-1; `limit` is at least 1.
  std::uint64_t below(std::uint64_t limit) { return roll() % limit; }
  /// True once in `n` rolls on average.
  bool oneIn(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// FNV-1a: turns a name into a seed.
inline std::uint64_t seedOf(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t hash = 0xCBF29CE484222325u ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace scanhost::simulator
