// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/plugins_up.h"

#include <utility>

namespace scanhost {

PluginsUp::Instance::Instance(PluginsUp& all, std::string plugin)
    : all_(all), plugin_(std::move(plugin)) {}

PluginsUp::Instance::~Instance() {
  say(true);
}

void PluginsUp::Instance::say(bool up) {
  {
    const std::lock_guard lock(all_.mutex_);
    if (up_ == up) return;
    up_ = up;
    all_.down_[plugin_] += up ? -1 : 1;
  }
  all_.show(plugin_);
}

void PluginsUp::show(const std::string& plugin) {
  const std::lock_guard lock(mutex_);
  metrics_.updatePluginUp(plugin, down_[plugin] == 0);
}

}  // namespace scanhost
