// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/plugin_checks.h"

#include <scanhost/abi/draft/results.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/abi/operations.h>
#include <scanhost/abi/queue.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/transport.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "host/config/plugin_folder.h"
#include "host/plugins/schema.h"

namespace scanhost {
namespace {

void report(std::vector<Problem>& problems, const PluginEntry& entry, std::string_view pointer,
            std::string message) {
  const Place place = entry.config_node.locate(pointer);
  problems.push_back({place.file, place.line, entry.key, std::move(message)});
}

/// "config/tls/pin" as an operator writes it: "config.tls.pin".
std::string dotted(std::string pointer) {
  std::replace(pointer.begin(), pointer.end(), '/', '.');
  return pointer;
}

bool fits(const Manifest& manifest, const PluginUse& use) {
  if (!use.interface.empty()) return manifest.findProvided(use.interface) != nullptr;
  return manifest.findProvided(SCANHOST_SCANNER_LOCAL_ID) ||
         manifest.findProvided(SCANHOST_SCANNER_REMOTE_ID);
}

/// The settings with defaults, or nothing and a problem.
void checkSettings(const PluginUse& use, const Manifest& manifest, Placement placement,
                   CheckedPlugins& checked, std::vector<Problem>& problems) {
  const auto schema = Schema::compile(manifest.config_schema);
  if (!schema) return report(problems, *use.entry, "", schema.error().message);
  CheckedSettings settings = schema->check(use.entry->config);
  for (const SettingProblem& problem : settings.problems)
    report(problems, *use.entry, problem.pointer,
           dotted("config" + problem.pointer) + ": " + problem.message);
  if (settings.problems.empty()) checked[use.entry->key] = {std::move(settings.values), placement};
}

/// Findings that only one node has are no answer where every node may run the scan.
void checkStores(const Config& config, const PluginLoader& loader, std::vector<Problem>& problems) {
  const auto queue = loader.inspect(config.queue.plugin);
  const auto results = loader.inspect(config.results.plugin);
  if (!queue || !results || config.results.allow_local) return;
  if (queue->store == StoreKind::shared && results->store == StoreKind::local)
    report(problems, config.results, "",
           "plugin " + config.results.plugin + " keeps findings on this machine, and " +
               config.queue.plugin +
               " shares tasks with others; use a shared results store, or set results.allow_local: "
               "true where one node runs all scans");
}

/// What one machine keeps is lost with it.
void checkDurability(const Config& config, const PluginLoader& loader,
                     std::vector<Problem>& problems) {
  const auto queue = loader.inspect(config.queue.plugin);
  if (!queue || queue->store != StoreKind::local ||
      config.queue.durability != DurabilityDemand::strict)
    return;
  report(problems, config.queue, "",
         "durability is strict, and plugin " + config.queue.plugin +
             " keeps tasks on this machine, with which they would be lost; use a shared queue, or "
             "set queue.durability: warn");
}

/// A login that one node sealed opens on no other that has keys of its own.
void checkKeys(const Config& config, const PluginLoader& loader, std::vector<Problem>& problems) {
  const auto queue = loader.inspect(config.queue.plugin);
  if (!queue || queue->store != StoreKind::shared || !config.node.key_file.empty()) return;
  report(problems, config.queue, "",
         "plugin " + config.queue.plugin +
             " shares tasks with other nodes, and node.key_file is not set; name a key file that "
             "is equal on all of them, or on the only one " +
             (config.node.data_dir / "keys.json").string());
}

/// A scan gets only settings that its plugin knows: one that it would pass over is another scan
/// than the one that was asked for. A template without a pool is for all scanners.
void checkTemplate(const ScanTemplate& entry, const Config& config, const PluginLoader& loader,
                   std::vector<Problem>& problems) {
  std::set<std::string> seen;
  for (const ScannerConfig& scanner : config.scanners) {
    if (!scanner.enabled || (!entry.pool.empty() && scanner.pool != entry.pool)) continue;
    const auto manifest = loader.inspect(scanner.plugin);
    if (!manifest || !seen.insert(scanner.plugin).second) continue;
    const auto schema = Schema::compile(manifest->scan_schema);
    const std::vector<SettingProblem> refused =
        schema ? schema->check(entry.config).problems
               : std::vector<SettingProblem>{{"", schema.error().message}};
    for (const SettingProblem& problem : refused) {
      const Place place = entry.config_node.locate(problem.pointer);
      problems.push_back({place.file, place.line, "scan_templates." + entry.name,
                          dotted("config" + problem.pointer) + ": " + problem.message +
                              " (plugin " + scanner.plugin + ", pool " + scanner.pool +
                              (entry.pool.empty() ? "; name the template's pool)" : ")")});
    }
  }
}

/// A name that stands for no file protects, or allows, nothing.
void checkNames(const Config& config, std::vector<Problem>& problems) {
  const auto folder = config.plugins.dir.empty() ? defaultPluginFolder() : config.plugins.dir;
  const auto check = [&](const char* key, const std::string& name) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / (name + ".so"), ignored))
      problems.push_back({"", 0, key,
                          "there is no plugin " + name + " in " + folder.string() +
                              "; correct the name or take it out"});
  };
  for (const auto& [name, digest] : config.plugins.pins) check("plugins.pins", name);
  for (const std::string& name : config.plugins.in_process) check("plugins.in_process", name);
}

}  // namespace

std::vector<PluginUse> pluginsOf(const Config& config) {
  std::vector<PluginUse> uses;
  uses.push_back({&config.queue, SCANHOST_QUEUE_ID, "queue"});
  uses.push_back({&config.results, SCANHOST_RESULTS_ID, "results"});
  for (const PluginEntry& entry : config.transports)
    uses.push_back({&entry, SCANHOST_TRANSPORT_ID, "transport"});
  for (const PluginEntry& entry : config.operations)
    uses.push_back({&entry, SCANHOST_OPERATIONS_ID, "operations"});
  for (const PluginEntry& entry : config.exporters)
    uses.push_back({&entry, SCANHOST_EXPORTER_ID, "exporter"});
  for (const ScannerConfig& entry : config.scanners)
    if (entry.enabled) uses.push_back({&entry, "", "scanner"});
  return uses;
}

CheckedPlugins checkPlugins(const Config& config, const PluginLoader& loader,
                            std::vector<Problem>& problems) {
  CheckedPlugins checked;
  checkNames(config, problems);
  checkStores(config, loader, problems);
  checkDurability(config, loader, problems);
  checkKeys(config, loader, problems);
  for (const ScanTemplate& entry : config.scan_templates)
    checkTemplate(entry, config, loader, problems);
  for (const PluginUse& use : pluginsOf(config)) {
    const std::string& name = use.entry->plugin;
    const auto manifest = loader.inspect(name);
    if (!manifest) {
      report(problems, *use.entry, "", manifest.error().message);
      continue;
    }
    if (!fits(*manifest, use)) {
      report(problems, *use.entry, "", "plugin " + name + " is no " + use.kind + " plugin");
      continue;
    }
    const auto placement =
        placementOf(config.plugins, *use.entry, use.kind, loader.digest(name).value_or(""));
    if (!placement) {
      report(problems, *use.entry, "", placement.error().message);
      continue;
    }
    checkSettings(use, *manifest, *placement, checked, problems);
  }
  return checked;
}

}  // namespace scanhost
