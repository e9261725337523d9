// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace scanhost::simulation {

void World::at(Nanos when, Action action) {
  events_.push({std::max(when, now_), random_(), made_++, std::move(action)});
}

bool World::step() {
  if (events_.empty()) return false;
  // The queue shows its top as const; moving the action out changes nothing of its order.
  Event event = std::move(const_cast<Event&>(events_.top()));
  events_.pop();
  now_ = event.when;
  for (const std::uint64_t part : {static_cast<std::uint64_t>(event.when.count()), event.number})
    digest_ = (digest_ ^ part) * 0x100000001b3;
  event.action();
  return true;
}

void World::trace(std::string_view who, const std::string& what) const {
  if (!tracing_) return;
  const double seconds = std::chrono::duration<double>(now_).count();
  std::printf("%9.3f  %-10.*s %s\n", seconds, static_cast<int>(who.size()), who.data(),
              what.c_str());
}

}  // namespace scanhost::simulation
