// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What `scanhost check` and the start both hold against a configuration once its own keys are
/// right: every plugin it names is there, may be loaded, fits, and accepts its settings, scanners
/// also those of scan templates.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/app/placement.h"
#include "host/config/load.h"
#include "host/plugins/loader.h"

namespace scanhost {

/// One plugin as the configuration uses it.
struct PluginUse {
  const PluginEntry* entry = nullptr;
  std::string interface;  ///< what it must provide; of a scanner one of two, so empty
  std::string kind;       ///< "queue", "scanner", ...
};

/// Every plugin of the configuration, disabled scanners left out.
std::vector<PluginUse> pluginsOf(const Config& config);

struct CheckedPlugin {
  Json settings;  ///< with defaults filled in
  Placement placement = Placement::in_process;
};
/// By the entry's key ("scanners[0]").
using CheckedPlugins = std::map<std::string, CheckedPlugin>;

/// Reads manifests and checks settings without running any plugin. All problems in one run.
CheckedPlugins checkPlugins(const Config& config, const PluginLoader& loader,
                            std::vector<Problem>& problems);

}  // namespace scanhost
