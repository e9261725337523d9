// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/plugin_instances.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "host/base/random.h"
#include "host/config/plugin_folder.h"

namespace scanhost {

PluginInstances::PluginInstances(const Config& config, const ServiceRegistry& services,
                                 Metrics& metrics, EventLog& events, StartProblems& problems)
    : config_(config),
      services_(services),
      metrics_(metrics),
      events_(events),
      problems_(problems),
      loader_({.folder = config.plugins.dir.empty() ? defaultPluginFolder() : config.plugins.dir,
               .trust = {.pins = config.plugins.pins},
               .services = &services,
               .events = eventSink("plugins"),
               .runner = {.program = config.plugins.runner,
                          .memory_bytes = config.plugins.runner_memory}}),
      crashes_(config.node.data_dir / "crashes"),
      up_(metrics) {}

void PluginInstances::check(const Config& config) {
  checked_ = checkPlugins(config, loader_, problems_.all());
  for (const PluginUse& use : pluginsOf(config))
    if (const auto manifest = loader_.inspect(use.entry->plugin); !manifest)
      tellRejected(use.entry->plugin, manifest.error().message);
}

std::vector<std::string> PluginInstances::changedFiles(const Config& config) const {
  std::set<std::string> changed;
  for (const PluginUse& use : pluginsOf(config))
    if (const LoadedPlugin* plugin = loader_.loaded(use.entry->plugin);
        plugin && loader_.isOutdated(*plugin))
      changed.insert(use.entry->plugin);
  return {changed.begin(), changed.end()};
}

void PluginInstances::tryAll() {
  std::error_code error;
  std::string scratch =
      (std::filesystem::temp_directory_path(error) / "scanhost-check-XXXXXX").string();
  if (error || !mkdtemp(scratch.data())) {
    problems_.add("TMPDIR", "no folder for the check can be made: " +
                                (error ? error.message() : std::strerror(errno)));
    return;
  }
  for (const PluginUse& use : pluginsOf(config_))
    if (checked_.contains(use.entry->key))
      create(*use.entry, use.interface, use.entry->key, scratch);
  std::filesystem::remove_all(scratch, error);
}

/// Its folder is made in `data_dir`. An empty `interface` is that of its scanner.
std::unique_ptr<PluginInstance> PluginInstances::create(const PluginEntry& entry,
                                                        std::string_view interface,
                                                        const std::string& name,
                                                        const std::filesystem::path& data_dir) {
  const CheckedPlugin& checked = checked_[entry.key];
  const auto loaded = checked.placement == Placement::own_process ? loader_.isolate(entry.plugin)
                                                                  : loader_.load(entry.plugin);
  if (!loaded) {
    tellRejected(entry.plugin, loaded.error().message);
    problems_.add(entry, loaded.error().message);
    return nullptr;
  }
  if (interface.empty()) interface = ScannerClient::interfaceId(kindOf((*loaded)->manifest()));
  auto instance = PluginInstance::create(**loaded, interface,
                                         {.name = name,
                                          .settings = checked.settings,
                                          .data_dir = data_dir / entry.plugin / name,
                                          .services = &services_,
                                          .events = eventSink(entry.plugin),
                                          .watch = watch(entry.plugin)});
  if (!instance) {
    problems_.add(entry, instance.error().message);
    return nullptr;
  }
  return std::move(*instance);
}

std::unique_ptr<PluginInstance> PluginInstances::start(const PluginEntry& entry,
                                                       std::string_view interface,
                                                       const std::string& name) {
  auto instance = create(entry, interface, name, config_.node.data_dir);
  if (!instance) return nullptr;
  if (const Status started = instance->start({.timeout = start_timeout}); !started) {
    problems_.add(entry, started.error().message);
    return nullptr;
  }
  metrics_.declarePlugin(entry.plugin);
  up_.show(entry.plugin);
  events_.emit(Level::info, "plugins", "plugin_loaded", "",
               Json::object({{"plugin", entry.plugin},
                             {"version", instance->plugin().manifest().version},
                             {"isolation", isolationName(checked_[entry.key].placement)}}));
  return instance;
}

/// The reason names the obligation that was not met: "... (SH-P-25)".
void PluginInstances::tellRejected(const std::string& plugin, const std::string& reason) {
  const std::size_t begin = reason.find("(SH-P-");
  std::string rule;
  if (begin != std::string::npos)
    rule = reason.substr(begin + 1, reason.find(')', begin) - begin - 1);
  events_.emit(Level::error, "plugins", "plugin_rejected", "",
               Json::object({{"file", plugin + ".so"}, {"rule", rule}, {"reason", reason}}));
}

PluginEventSink PluginInstances::eventSink(std::string component) {
  return [&events = events_, component](int level, std::string_view event, std::string_view fields,
                                        const scanhost_trace& trace) {
    events.emit(static_cast<Level>(std::clamp(level, 0, 3)), component, event,
                hasTrace(trace) ? traceUuidOf(trace) : std::string(),
                Json::tryParse(fields).value_or(Json::object()));
  };
}

RunnerWatch PluginInstances::watch(const std::string& plugin) {
  const auto fields = [](const CrashReport& report) {
    return Json::object({{"plugin", report.plugin},
                         {"instance", report.instance},
                         {"signal", report.signal},
                         {"restarts", report.restarts},
                         {"reason", report.reason},
                         {"last_call", report.last_call}});
  };
  const auto up = std::make_shared<PluginsUp::Instance>(up_, plugin);
  RunnerWatch watch;
  watch.crashed = [this, fields, up](const CrashReport& report) {
    up->say(false);
    Json all = fields(report);
    if (!report.tasks.empty()) all["task_id"] = report.tasks.front();
    const auto file = crashes_.keep(report);
    all["report"] = file ? file->string() : "not kept: " + file.error().message;
    events_.emit(Level::error, "plugins", "plugin_crashed", "", std::move(all));
  };
  watch.restarted = [this, plugin, up](int restarts, const CrashReport& last) {
    metrics_.recordPluginRestart(plugin);
    up->say(true);
    Json all = Json::object({{"plugin", plugin},
                             {"instance", last.instance},
                             {"signal", last.signal},
                             {"restarts", restarts}});
    events_.emit(Level::info, "plugins", "plugin_restarted", "", std::move(all));
  };
  watch.given_up = [this, fields](const CrashReport& last) {
    events_.emit(Level::error, "plugins", "plugin_given_up", "", fields(last));
  };
  watch.confined = [this, plugin](const std::string& confinement) {
    const bool whole = confinement.find("no landlock") == std::string::npos;
    events_.emit(whole ? Level::debug : Level::warning, "plugins", "plugin_confined", "",
                 Json::object({{"plugin", plugin}, {"confinement", confinement}}));
  };
  return watch;
}

ScannerKind kindOf(const Manifest& scanner) {
  return scanner.findProvided(SCANHOST_SCANNER_REMOTE_ID) ? ScannerKind::remote
                                                          : ScannerKind::local;
}

std::string kindless(const std::string& plugin) {
  return plugin.substr(plugin.find('-') + 1);
}

}  // namespace scanhost
