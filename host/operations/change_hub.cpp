// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/change_hub.h"

#include <scanhost/abi/host_operations.h>

#include <utility>
#include <vector>

namespace scanhost {
namespace {

const std::string no_name;

}  // namespace

/// What the watch calls it, or null when it does not want to hear of it.
const std::string* ChangeHub::nameFor(const Watch& watch, std::uint32_t kind,
                                      std::string_view name) {
  if ((watch.kinds & kind) == 0) return nullptr;
  if (kind == SCANHOST_CHANGED_RESOURCE) {
    const auto found = watch.resources.find(name);
    return found == watch.resources.end() ? nullptr : &*found;
  }
  if (kind == SCANHOST_CHANGED_TASK) {
    const auto found = watch.tasks.find(name);
    return found == watch.tasks.end() ? nullptr : &found->second;
  }
  return &no_name;
}

std::uint64_t ChangeHub::add(Watch watch) {
  auto entry = std::make_shared<Entry>(std::move(watch));
  const std::lock_guard lock(mutex_);
  if (watches_.size() >= max_watches_) return 0;
  watches_.emplace(++last_id_, std::move(entry));
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
  }
  const std::lock_guard calling(entry->calling);
  entry->removed = true;
}

void ChangeHub::tell(std::uint32_t kind, std::string_view name) {
  std::vector<std::pair<std::shared_ptr<Entry>, const std::string*>> interested;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : watches_)
      if (const std::string* own_name = nameFor(entry->watch, kind, name))
        interested.emplace_back(entry, own_name);
  }
  for (const auto& [entry, own_name] : interested) {
    const std::lock_guard calling(entry->calling);
    if (!entry->removed) entry->watch.changed(kind, *own_name);
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
