// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/scan_changes.h"

#include <chrono>

#include "host/operations/scan_uris.h"

namespace scanhost {
namespace {

constexpr std::chrono::milliseconds gathering{100};

}  // namespace

ScanChanges::ScanChanges(Catalogue& catalogue)
    : catalogue_(catalogue), thread_([this] { loop(); }) {}

ScanChanges::~ScanChanges() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    news_.notify_all();
  }
  thread_.join();
}

void ScanChanges::heard(const QueueChanges& changes) {
  const std::lock_guard lock(mutex_);
  for (const QueueChange& change : changes.changes) changed_[change.id] = change.state;
  if (changes.gap) anything_ = true;
  news_.notify_all();
}

void ScanChanges::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    news_.wait(lock, [this] { return stopping_ || anything_ || !changed_.empty(); });
    if (!anything_ && changed_.empty()) return;
    news_.wait_for(lock, gathering, [this] { return stopping_; });
    Changed changed;
    changed.swap(changed_);
    const bool anything = std::exchange(anything_, false);
    lock.unlock();
    if (anything) catalogue_.changedAnyResource();
    tell(changed);
    lock.lock();
  }
}

void ScanChanges::tell(const Changed& changed) {
  bool list_changed = false;
  for (const auto& [id, state] : changed) {
    catalogue_.changed(own_provider, SCANHOST_CHANGED_TASK, id);
    catalogue_.changed(own_provider, SCANHOST_CHANGED_RESOURCE, scanUri(id));
    if (state && isTerminal(*state))
      catalogue_.changed(own_provider, SCANHOST_CHANGED_RESOURCE, findingsResource(id).uri);
    list_changed = list_changed || !state || *state == TaskState::queued;
  }
  if (!changed.empty()) catalogue_.changed(own_provider, SCANHOST_CHANGED_RESOURCE, scans_uri);
  if (list_changed) catalogue_.changed(own_provider, SCANHOST_CHANGED_RESOURCES, {});
}

}  // namespace scanhost
