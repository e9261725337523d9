// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/announcements.h"

namespace scanhost::queue_sqlite {

void Announcements::announce(const std::vector<InstanceState>& instances, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  forgetOld(now);
  for (const InstanceState& state : instances)
    by_instance_[{state.worker, state.pool, state.name}] = {state, now + state.ttl.count()};
}

std::vector<InstanceState> Announcements::known(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  forgetOld(now);
  std::vector<InstanceState> states;
  for (const auto& [key, announced] : by_instance_) {
    states.push_back(announced.state);
    states.back().ttl = std::chrono::nanoseconds(announced.until - now);
  }
  return states;
}

void Announcements::forgetOld(std::int64_t now) {
  for (auto it = by_instance_.begin(); it != by_instance_.end();)
    it = it->second.until <= now ? by_instance_.erase(it) : std::next(it);
}

}  // namespace scanhost::queue_sqlite
