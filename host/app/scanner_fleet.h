// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The configured scanner instances, each with the plugin that serves it, declared in the metrics.
///
/// Made and destroyed by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/app/plugin_instances.h"
#include "host/tasks/scanners.h"

namespace scanhost {

class ScannerFleet {
 public:
  /// All are borrowed. Null when a plugin could not be started; why is among `problems`.
  static std::unique_ptr<ScannerFleet> start(const Config& config, PluginInstances& plugins,
                                             Metrics& metrics, EventLog& events,
                                             StartProblems& problems);

  const Scanners& scanners() const { return *scanners_; }

 private:
  ScannerFleet(const Config& config, PluginInstances& plugins, Metrics& metrics, EventLog& events,
               StartProblems& problems)
      : config_(config),
        plugins_(plugins),
        metrics_(metrics),
        events_(events),
        problems_(problems) {}

  bool startAll();
  void declarePools();
  std::unique_ptr<ScannerInstance> make(const ScannerConfig& scanner);

  const Config& config_;
  PluginInstances& plugins_;
  Metrics& metrics_;
  EventLog& events_;
  StartProblems& problems_;
  std::vector<std::unique_ptr<PluginInstance>> instances_;
  std::optional<Scanners> scanners_;  // last: its clients use the instances
};

}  // namespace scanhost
