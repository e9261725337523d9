// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/stream_count.h"

namespace scanhost::mcp {

std::shared_ptr<void> StreamCount::take(std::string_view client) {
  const std::lock_guard lock(mutex_);
  const auto entry = open_.try_emplace(std::string(client), 0).first;
  if (entry->second >= max_per_client_) return nullptr;
  ++entry->second;
  return {this, [this, name = entry->first](void*) {
            const std::lock_guard release(mutex_);
            const auto found = open_.find(name);
            if (--found->second == 0) open_.erase(found);
          }};
}

}  // namespace scanhost::mcp
