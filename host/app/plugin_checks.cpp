// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/plugin_checks.h"

#include <scanhost/abi/draft/exporter.h>
#include <scanhost/abi/draft/queue.h>
#include <scanhost/abi/draft/results.h>
#include <scanhost/abi/draft/scanner.h>
#include <scanhost/abi/draft/transport.h>

#include <algorithm>
#include <array>

#include "host/plugins/schema.h"

namespace scanhost {
namespace {

/// The plugins of our own packages; any other runs in this process only when allowed in writing.
constexpr std::array<std::string_view, 8> own_plugins = {
    "queue-sqlite",   "queue-redis",   "results-sqlite",      "scanner-nmap",
    "scanner-nessus", "transport-mcp", "exporter-prometheus", "exporter-jsonlog"};

bool isOurs(const std::string& plugin) {
  return std::find(own_plugins.begin(), own_plugins.end(), plugin) != own_plugins.end();
}

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
void checkSettings(const PluginUse& use, const Manifest& manifest, CheckedPlugins& checked,
                   std::vector<Problem>& problems) {
  const auto schema = Schema::compile(manifest.config_schema);
  if (!schema) return report(problems, *use.entry, "", schema.error().message);
  CheckedSettings settings = schema->check(use.entry->config);
  for (const SettingProblem& problem : settings.problems)
    report(problems, *use.entry, problem.pointer,
           dotted("config" + problem.pointer) + ": " + problem.message);
  if (settings.problems.empty()) checked[use.entry->key] = std::move(settings.values);
}

void checkPlacement(const Config& config, std::vector<Problem>& problems) {
  for (const ScannerConfig& scanner : config.scanners)
    if (scanner.isolation == Isolation::process)
      report(problems, scanner, "",
             "isolation: process needs scanhost-runner, which this version does not have; use none "
             "for a plugin you trust with the service's rights");
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

}  // namespace

std::vector<PluginUse> pluginsOf(const Config& config) {
  std::vector<PluginUse> uses;
  uses.push_back({&config.queue, SCANHOST_QUEUE_ID, "queue"});
  uses.push_back({&config.results, SCANHOST_RESULTS_ID, "results"});
  for (const PluginEntry& entry : config.transports)
    uses.push_back({&entry, SCANHOST_TRANSPORT_ID, "transport"});
  for (const PluginEntry& entry : config.exporters)
    uses.push_back({&entry, SCANHOST_EXPORTER_ID, "exporter"});
  for (const ScannerConfig& entry : config.scanners)
    if (entry.enabled) uses.push_back({&entry, "", "scanner"});
  return uses;
}

std::filesystem::path defaultPluginFolder() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto beside = program.parent_path().parent_path() / "plugins";
  if (std::filesystem::is_directory(beside, ignored)) return beside;
  return program.parent_path().parent_path() / "lib/scanhost/plugins";
}

CheckedPlugins checkPlugins(const Config& config, const PluginLoader& loader,
                            std::vector<Problem>& problems) {
  CheckedPlugins checked;
  checkPlacement(config, problems);
  checkStores(config, loader, problems);
  checkKeys(config, loader, problems);
  for (const PluginUse& use : pluginsOf(config)) {
    const std::string& name = use.entry->plugin;
    const auto manifest = loader.inspect(name);
    if (!manifest) {
      report(problems, *use.entry, "", manifest.error().message);
      continue;
    }
    const auto& allowed = config.plugins.allow_foreign;
    if (!isOurs(name) && std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      report(problems, *use.entry, "",
             "plugin " + name +
                 " is none of scanhost's own and would run with the service's rights; "
                 "add it to plugins.allow_foreign if that is wanted");
      continue;
    }
    if (!fits(*manifest, use)) {
      report(problems, *use.entry, "", "plugin " + name + " is no " + use.kind + " plugin");
      continue;
    }
    checkSettings(use, *manifest, checked, problems);
  }
  return checked;
}

}  // namespace scanhost
