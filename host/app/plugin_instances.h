// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Makes the instances of plugins that a configuration names, in this process or in ones of their
/// own, and tells metrics and the log of each, and of the crashes of the latter. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "host/app/crash_log.h"
#include "host/app/plugin_checks.h"
#include "host/app/plugins_up.h"
#include "host/app/start_problems.h"
#include "host/plugins/instance.h"
#include "host/plugins/scanner_client.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

class PluginInstances {
 public:
  static constexpr std::chrono::seconds start_timeout{30};

  /// All are borrowed. `services` lives until the process ends.
  PluginInstances(const Config& config, const ServiceRegistry& services, Metrics& metrics,
                  EventLog& events, StartProblems& problems);

  /// Holds every plugin's manifest and settings against a configuration, which may be another than
  /// before, and runs none. What is started after it gets the settings found then.
  void check(const Config& config);
  void check() { check(config_); }
  /// Makes an instance of each that passed, in a scratch folder, and starts none.
  void tryAll();

  /// An instance that took its settings and was started, or null and a problem.
  std::unique_ptr<PluginInstance> start(const PluginEntry& entry, std::string_view interface,
                                        const std::string& name);
  /// As PluginLoader::inspect.
  Result<Manifest> inspect(const std::string& plugin) const { return loader_.inspect(plugin); }
  /// Those of the configuration that run in this process, and whose file is another by now.
  std::vector<std::string> changedFiles(const Config& config) const;
  /// Whether it runs in a process of its own, and its file is another by now, or it was given up.
  bool wantsUpgrade(const PluginInstance& running) const {
    return running.isGivenUp() ||
           (running.plugin().isolated() && loader_.isOutdated(running.plugin()));
  }

 private:
  std::unique_ptr<PluginInstance> create(const PluginEntry& entry, std::string_view interface,
                                         const std::string& name,
                                         const std::filesystem::path& data_dir);
  void tellRejected(const std::string& plugin, const std::string& reason);
  PluginEventSink eventSink(std::string component);
  RunnerWatch watch(const std::string& plugin);

  const Config& config_;
  const ServiceRegistry& services_;
  Metrics& metrics_;
  EventLog& events_;
  StartProblems& problems_;
  PluginLoader loader_;
  CheckedPlugins checked_;
  CrashLog crashes_;
  PluginsUp up_;
};

/// Which of the two interfaces of scanners it provides.
ScannerKind kindOf(const Manifest& scanner);

/// A plugin's name without its kind: "nmap" of "scanner-nmap".
std::string kindless(const std::string& plugin);

}  // namespace scanhost
