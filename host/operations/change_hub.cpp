// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/change_hub.h"

#include <scanhost/abi/host_operations.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace scanhost {
namespace {

constexpr std::uint32_t lists[] = {SCANHOST_CHANGED_OPERATIONS, SCANHOST_CHANGED_RESOURCES,
                                   SCANHOST_CHANGED_PROMPTS};

}  // namespace

/// Everything that it wants to hear of, and what it calls it.
std::map<ChangeHub::Key, std::string> ChangeHub::keysOf(const Watch& watch) {
  std::map<Key, std::string> keys;
  for (const std::uint32_t list : lists)
    if ((watch.kinds & list) != 0) keys.emplace(Key(list, {}), std::string());
  if ((watch.kinds & SCANHOST_CHANGED_RESOURCE) != 0)
    for (const std::string& uri : watch.resources)
      keys.emplace(Key(SCANHOST_CHANGED_RESOURCE, uri), uri);
  if ((watch.kinds & SCANHOST_CHANGED_TASK) != 0)
    for (const auto& [task, own_name] : watch.tasks)
      keys.emplace(Key(SCANHOST_CHANGED_TASK, task), own_name);
  return keys;
}

std::uint64_t ChangeHub::add(Watch watch) {
  const auto entry = std::make_shared<Entry>(std::move(watch));
  const std::lock_guard lock(mutex_);
  if (watches_.size() >= max_watches_) return 0;
  watches_.emplace(++last_id_, entry);
  for (auto& [key, own_name] : keysOf(entry->watch))
    by_key_[key].emplace(last_id_, Listener{entry, own_name});
  return last_id_;
}

void ChangeHub::remove(std::uint64_t id) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watches_.find(id);
    if (found == watches_.end()) return;
    entry = std::move(found->second);
    watches_.erase(found);
    for (const auto& [key, own_name] : keysOf(entry->watch)) {
      const auto listeners = by_key_.find(key);
      listeners->second.erase(id);
      if (listeners->second.empty()) by_key_.erase(listeners);
    }
  }
  const std::lock_guard calling(entry->calling);
  entry->removed = true;
}

void ChangeHub::tell(std::uint32_t kind, std::string_view name) {
  std::vector<Listener> interested;
  {
    const std::lock_guard lock(mutex_);
    const bool is_list = std::find(std::begin(lists), std::end(lists), kind) != std::end(lists);
    const auto listeners = by_key_.find(Key(kind, is_list ? std::string_view() : name));
    if (listeners == by_key_.end()) return;
    for (const auto& [id, listener] : listeners->second) interested.push_back(listener);
  }
  for (const Listener& listener : interested) {
    const std::lock_guard calling(listener.entry->calling);
    if (!listener.entry->removed) listener.entry->watch.changed(kind, listener.own_name);
  }
}

void ChangeHub::tellAllResources() {
  std::vector<std::shared_ptr<Entry>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : watches_) all.push_back(entry);
  }
  for (const auto& entry : all) {
    const std::lock_guard calling(entry->calling);
    if (entry->removed) continue;
    const Watch& watch = entry->watch;
    if ((watch.kinds & SCANHOST_CHANGED_RESOURCES) != 0)
      watch.changed(SCANHOST_CHANGED_RESOURCES, {});
    for (const std::string& uri : watch.resources) watch.changed(SCANHOST_CHANGED_RESOURCE, uri);
    for (const auto& [task, name] : watch.tasks) watch.changed(SCANHOST_CHANGED_TASK, name);
  }
}

}  // namespace scanhost
