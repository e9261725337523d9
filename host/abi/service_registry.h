// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The services that this host offers to plugins: function tables by id.
///
/// Parts of the host register their tables at start, before the first plugin is loaded. A table's
/// functions get no pointer to the part they belong to, so a part derives a struct of its own from
/// the table and finds itself again through the host that the plugin passes back:
///
///     struct ClockTable : scanhost_clock { ClockService* owner; };
///     auto& owner = *PluginHost::service<ClockTable>(host, SCANHOST_CLOCK_ID)->owner;
///
/// Borrows the tables, which must live as long as plugins run. Any thread.
#pragma once

#include <scanhost/abi/plugin.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace scanhost {

class ServiceRegistry {
 public:
  /// A table registered again under its id replaces the one before.
  void add(std::string id, const scanhost_service* table) {
    const std::unique_lock lock(mutex_);
    tables_.insert_or_assign(std::move(id), table);
  }
  /// Null when there is none.
  const scanhost_service* find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = tables_.find(id);
    return found == tables_.end() ? nullptr : found->second;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, const scanhost_service*, std::less<>> tables_;
};

}  // namespace scanhost
