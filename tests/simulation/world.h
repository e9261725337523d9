// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Time, chance and the order of events of one simulated run: all of it follows from the seed.
///
/// Nothing happens but by an event, one after another on one thread; events of the same moment come
/// in an order that the seed decides. Time stands still while an event runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::simulation {

using Nanos = std::chrono::nanoseconds;

class World {
 public:
  using Action = std::function<void()>;

  explicit World(std::uint64_t seed, bool tracing = false) : random_(seed), tracing_(tracing) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Since the run began.
  Nanos now() const { return now_; }
  void at(Nanos when, Action action);
  void after(Nanos delay, Action action) { at(now_ + delay, std::move(action)); }
  /// Lets the next event happen; false when there is none.
  bool step();

  /// In [0, 1).
  double share() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return share() < probability; }
  /// In [0, bound).
  std::size_t below(std::size_t bound) { return random_() % bound; }
  /// From least to most.
  int number(int least, int most) {
    return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1)));
  }
  Nanos between(Nanos least, Nanos most) {
    return least +
           Nanos(static_cast<std::int64_t>(share() * static_cast<double>((most - least).count())));
  }

  bool tracing() const { return tracing_; }
  /// A line of the trace: when, who, what.
  void trace(std::string_view who, const std::string& what) const;

  /// Stands for all that happened so far, and in which order: equal for equal seeds.
  std::uint64_t digest() const { return digest_; }

 private:
  struct Event {
    Nanos when;
    std::uint64_t turn;  ///< drawn: the order within a moment
    std::uint64_t number;
    Action action;
    bool operator>(const Event& other) const {
      if (when != other.when) return when > other.when;
      return turn != other.turn ? turn > other.turn : number > other.number;
    }
  };

  std::mt19937_64 random_;
  const bool tracing_;
  Nanos now_{0};
  std::uint64_t made_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace scanhost::simulation
