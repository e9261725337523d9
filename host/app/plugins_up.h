// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What `scanhost_plugin_up` tells: whether all instances of a plugin work, for several entries of
/// a configuration may be of one. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "host/telemetry/metrics.h"

namespace scanhost {

class PluginsUp {
 public:
  /// Borrows `metrics`.
  explicit PluginsUp(Metrics& metrics) : metrics_(metrics) {}

  /// One instance's part, for as long as there is the instance. Works, unless it says otherwise.
  class Instance {
   public:
    /// Borrows `all`.
    Instance(PluginsUp& all, std::string plugin);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    void say(bool up);

   private:
    PluginsUp& all_;
    const std::string plugin_;
    bool up_ = true;
  };

  /// Shows how the plugin is.
  void show(const std::string& plugin);

 private:
  Metrics& metrics_;
  std::mutex mutex_;                 // of what follows, and of each instance's word
  std::map<std::string, int> down_;  // instances
};

}  // namespace scanhost
