// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/placement.h"

#include <algorithm>

#include "host/app/own_plugins.h"

namespace scanhost {
namespace {

bool canBeIsolated(std::string_view kind) {
  return kind == "scanner" || kind == "exporter";
}

bool isAllowedHere(const PluginsConfig& plugins, const PluginEntry& entry,
                   const std::string& sha256) {
  return isOwnPlugin(entry.plugin, sha256) ||
         std::find(plugins.in_process.begin(), plugins.in_process.end(), entry.plugin) !=
             plugins.in_process.end();
}

/// A plugin of ours whose file is another than the one built with this program is told apart from
/// one that is none of ours.
std::string foreignText(const std::string& plugin, const std::string& sha256) {
  for (const OwnPlugin& own : ownPlugins())
    if (own.name == plugin)
      return "plugin " + plugin + " is not the file that was built with this scanhost (SHA-256 " +
             sha256 + ", expected " + std::string(own.sha256) +
             "); install both from one package, or ";
  return "plugin " + plugin + " is none of scanhost's own (SHA-256 " + sha256 + "); ";
}

}  // namespace

const char* isolationName(Placement placement) {
  return placement == Placement::own_process ? "process" : "none";
}

Result<Placement> placementOf(const PluginsConfig& plugins, const PluginEntry& entry,
                              std::string_view interface_kind, const std::string& sha256) {
  const bool isolable = canBeIsolated(interface_kind);
  if (entry.isolation == Isolation::process) {
    if (isolable) return Placement::own_process;
    return fail(ErrorClass::config, "isolation: process is for scanners and exporters, and " +
                                        entry.plugin + " serves as " + std::string(interface_kind) +
                                        "; leave it out");
  }
  if (isAllowedHere(plugins, entry, sha256)) return Placement::in_process;
  if (isolable && entry.isolation == Isolation::automatic) return Placement::own_process;
  return fail(ErrorClass::config,
              foreignText(entry.plugin, sha256) +
                  "to let it run with the service's rights, add it to plugins.in_process" +
                  (isolable ? "; with isolation: process it runs without them" : ""));
}

}  // namespace scanhost
