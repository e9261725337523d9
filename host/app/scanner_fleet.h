// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The configured scanner instances, each with the plugin that serves it, declared in the metrics.
///
/// A reload makes another set: what did not change is in both, a plugin instance whose settings
/// stay the same is taken along, and what is new was tried before it takes over. What is under way
/// on an instance that is not in the new set holds it until it has ended.
///
/// Made, changed and destroyed by one thread at a time.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/app/instance_reaper.h"
#include "host/app/plugin_instances.h"
#include "host/base/live.h"
#include "host/tasks/scanners.h"

namespace scanhost {

/// How an entry of the configuration stands to the one that it had before.
enum class ScannerChange {
  none,
  of_host,    ///< what the host alone looks at: the plugin instance may stay
  of_plugin,  ///< another plugin instance is needed
};
ScannerChange changeOf(const ScannerConfig& before, const ScannerConfig& after);

class ScannerFleet {
 public:
  /// Another set, made and tried, not in use yet.
  struct Next {
    std::vector<ScannerPtr> instances;
    std::string default_pool;
    std::vector<PoolSeries> series;
    std::map<std::string, std::shared_ptr<const PluginInstance>>
        plugins;  ///< by the instance's key
    struct Entering {
      ScannerPtr instance;
      ScannerPtr before;  ///< whose plugin instance it goes on with; or null
      std::optional<ScannerHealth> health;
    };
    std::vector<Entering> entering;
  };

  /// All are borrowed. Null when a plugin could not be started; why is among `problems`.
  static std::unique_ptr<ScannerFleet> start(const Config& config, PluginInstances& plugins,
                                             InstanceReaper& reaper, Metrics& metrics,
                                             EventLog& events, StartProblems& problems);

  /// The enabled entries of `after` that need a plugin instance of their own that `before` had not.
  static std::vector<ScannerConfig> needingPlugin(const Config& before, const Config& after);

  const Live<Scanners>& scanners() const { return scanners_; }

  /// The plugins that run in processes of their own and have another file by now.
  std::set<std::string> upgrades() const;
  /// What `after` asks for, with a self-test of every plugin instance that is new; nothing, and
  /// problems, when one could not be started or did not answer well. `cancel` ends the tests.
  std::optional<Next> prepare(const Config& before, const Config& after,
                              const std::shared_ptr<const CancelSource>& cancel);
  /// Puts it in place of the set so far. A scan that runs here on an instance that was replaced may
  /// go on for `drain`.
  void take(Next next, std::chrono::milliseconds drain);

 private:
  ScannerFleet(PluginInstances& plugins, InstanceReaper& reaper, Metrics& metrics, EventLog& events,
               StartProblems& problems)
      : plugins_(plugins),
        reaper_(reaper),
        metrics_(metrics),
        events_(events),
        problems_(problems) {}

  using PluginsByKey = std::map<std::string, std::shared_ptr<const PluginInstance>>;

  ScannerChange changeTo(const ScannerConfig* before, const ScannerConfig& after) const;
  ScannerPtr make(const ScannerConfig& scanner, PluginsByKey& plugins);
  ScannerPtr makeDisabled(const ScannerConfig& scanner);
  std::vector<PoolSeries> seriesOf(const Config& config);
  void countInstances(const std::vector<ScannerPtr>& instances);
  bool testAll(std::vector<Next::Entering>& entering, const std::vector<ScannerConfig>& all,
               const std::shared_ptr<const CancelSource>& cancel);

  PluginInstances& plugins_;
  InstanceReaper& reaper_;
  Metrics& metrics_;
  EventLog& events_;
  StartProblems& problems_;
  PluginsByKey running_;
  Live<Scanners> scanners_{std::make_shared<const Scanners>(std::vector<ScannerPtr>{}, "")};
};

}  // namespace scanhost
