// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/instance_reaper.h"

#include <utility>

namespace scanhost {

InstanceReaper::InstanceReaper(EventLog& events) : events_(events), thread_([this] { loop(); }) {}

InstanceReaper::~InstanceReaper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<PluginInstance> InstanceReaper::own(std::unique_ptr<PluginInstance> instance) {
  return {instance.release(),
          [this](PluginInstance* last) { take(std::unique_ptr<PluginInstance>(last)); }};
}

void InstanceReaper::take(std::unique_ptr<PluginInstance> instance) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(instance));
  }
  changed_.notify_all();
}

void InstanceReaper::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void InstanceReaper::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    destroy(std::move(next));
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void InstanceReaper::destroy(std::unique_ptr<PluginInstance> instance) {
  const LoadedPlugin& plugin = instance->plugin();
  instance.reset();
  announcePluginStopped(events_, plugin);
}

void announcePluginStopped(EventLog& events, const LoadedPlugin& plugin) {
  events.emit(Level::info, "plugins", "plugin_stopped", "",
              Json::object({{"plugin", plugin.name()},
                            {"version", plugin.manifest().version},
                            {"isolation", plugin.isolated() ? "process" : "none"}}));
}

}  // namespace scanhost
