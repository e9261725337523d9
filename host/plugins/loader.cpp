// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/loader.h"

#include <algorithm>
#include <chrono>

#include "host/base/nearest.h"
#include "host/plugins/isolated_tables.h"

namespace scanhost {
namespace {

/// What stands in the way of a plugin beyond what any host of this SDK would say.
std::vector<std::string> missingServices(const Manifest& manifest,
                                         const ServiceRegistry* services) {
  std::vector<std::string> missing;
  for (const Manifest::Required& need : manifest.needs) {
    if (need.optional || (services && services->find(need.service_id))) continue;
    missing.push_back("it requires the service " + need.service_id +
                      ", which this process does not offer");
  }
  return missing;
}

/// Whether a change right after `now` would show in the file's times, which have coarse steps.
bool isSettled(const FileState& state, std::chrono::system_clock::time_point now) {
  const auto changed = std::chrono::nanoseconds(std::max(state.modified_ns, state.changed_ns));
  return now.time_since_epoch() > changed + std::chrono::seconds(1);
}

std::string missingEntryText(const std::vector<std::string>& exports) {
  std::string text = "it does not export " SCANHOST_PLUGIN_ENTRY_NAME;
  for (const std::string& name : exports)
    if (name.rfind("scanhost_plugin_v", 0) == 0)
      return text + " but " + name + ": it is built for another ABI major than " +
             std::to_string(SCANHOST_ABI_MAJOR) + "; rebuild it with this host's SDK";
  return text + "; SCANHOST_PLUGIN defines it, and scanhost_add_plugin exports it";
}

}  // namespace

const scanhost_interface* LoadedPlugin::findInterface(std::string_view id) const {
  const auto found = interfaces_.find(id);
  return found == interfaces_.end() ? nullptr : found->second;
}

PluginLoader::ReadingPtr PluginLoader::earlierReading(const std::string& name) const {
  const std::lock_guard lock(readings_mutex_);
  const auto found = readings_.find(name);
  return found == readings_.end() ? nullptr : found->second;
}

Result<PluginLoader::Examined> PluginLoader::examine(const std::string& name) const {
  const auto now = std::chrono::system_clock::now();
  const ReadingPtr earlier = earlierReading(name);
  auto file =
      openTrusted(options_.folder, name, options_.trust, earlier ? &earlier->contents : nullptr);
  if (!file) return tl::unexpected<Error>(file.error());
  if (earlier && earlier->contents.state == file->contents.state)
    return Examined{std::move(*file), earlier};
  auto reading = read(name, *file);
  if (!reading) return tl::unexpected<Error>(reading.error());
  file->bytes = {};
  if (isSettled(file->contents.state, now)) {
    const std::lock_guard lock(readings_mutex_);
    readings_[name] = *reading;
  }
  return Examined{std::move(*file), std::move(*reading)};
}

Result<PluginLoader::ReadingPtr> PluginLoader::read(const std::string& name,
                                                    const TrustedFile& file) const {
  const auto image = ElfImage::parse(file.bytes.view());
  if (!image) return pluginRefusal(name, file.path + " is " + image.error(), "SH-P-28");
  const auto text = manifestText(*image);
  if (!text) return pluginRefusal(name, text.error(), "SH-P-29");
  auto manifest = parseManifest(*text);
  if (!manifest) return pluginRefusal(name, manifest.error(), "SH-P-29");
  if (manifest->name != name)
    return pluginRefusal(name,
                         "its manifest gives the name " + manifest->name + "; name the file " +
                             manifest->name + ".so",
                         "SH-P-26");
  const std::vector<std::string> reasons = incompatibilities(*manifest);
  if (!reasons.empty()) return pluginRefusal(name, joinNames(reasons, "; "));
  const std::vector<std::string> exports = image->exportedSymbols();
  if (!std::binary_search(exports.begin(), exports.end(), SCANHOST_PLUGIN_ENTRY_NAME))
    return pluginRefusal(name, missingEntryText(exports), "SH-P-33");
  return std::make_shared<const Reading>(
      Reading{file.contents, std::move(*manifest), std::string(*text), image->buildId()});
}

Result<std::unique_ptr<LoadedPlugin>> PluginLoader::enter(Examined examined) const {
  const Manifest& manifest = examined.reading->manifest;
  const PluginHost& host = PluginHost::make(
      {.plugin = manifest.name, .services = options_.services, .events = options_.events});
  auto tables = enterLibrary(std::move(examined.file.fd), manifest, examined.reading->manifest_text,
                             host.abi());
  if (!tables) return tl::unexpected<Error>(tables.error());
  auto plugin = std::make_unique<LoadedPlugin>();
  plugin->path_ = examined.file.path;
  plugin->sha256_ = examined.file.contents.sha256;
  plugin->interfaces_ = std::move(*tables);
  plugin->manifest_ = manifest;
  return plugin;
}

Result<const LoadedPlugin*> PluginLoader::load(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = loaded_.find(name); found != loaded_.end()) return found->second;
  auto examined = examine(name);
  if (!examined) return tl::unexpected<Error>(examined.error());
  const std::vector<std::string> missing =
      missingServices(examined->reading->manifest, options_.services);
  if (!missing.empty()) return pluginRefusal(name, joinNames(missing, "; "), "SH-P-32");
  auto plugin = enter(std::move(*examined));
  if (!plugin) return tl::unexpected<Error>(plugin.error());
  return loaded_.emplace(name, plugin->release()).first->second;
}

Result<const LoadedPlugin*> PluginLoader::isolate(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto examined = examine(name);
  if (!examined) return tl::unexpected<Error>(examined.error());
  const Reading& reading = *examined->reading;
  const std::pair key(name, examined->file.contents.sha256);
  if (const auto found = isolated_.find(key); found != isolated_.end()) return found->second;
  auto plugin = std::make_unique<LoadedPlugin>();
  for (const Manifest::Required& need : reading.manifest.needs)
    if (!need.optional && !runnerOffers(need.service_id))
      return pluginRefusal(name,
                           "it requires the service " + need.service_id +
                               ", which a plugin in a process of its own cannot have; use "
                               "isolation: none",
                           "SH-P-32");
  for (const Manifest::Provided& provided : reading.manifest.provides)
    if (const scanhost_interface* table = findIsolatedTable(provided.interface_id))
      plugin->interfaces_.emplace(provided.interface_id, table);
  if (plugin->interfaces_.empty())
    return pluginRefusal(name,
                         "it provides nothing that can live in a process of its own, which "
                         "scanners and exporters can; use isolation: none");
  plugin->path_ = examined->file.path;
  plugin->sha256_ = key.second;
  plugin->manifest_ = reading.manifest;
  plugin->isolated_ = std::make_unique<const IsolatedFile>(
      IsolatedFile{reading.manifest, reading.manifest_text, key.second, reading.build_id,
                   std::move(examined->file.fd), options_.runner});
  return isolated_.emplace(key, plugin.release()).first->second;
}

const LoadedPlugin* PluginLoader::loaded(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = loaded_.find(name);
  return found == loaded_.end() ? nullptr : found->second;
}

bool PluginLoader::isOutdated(const LoadedPlugin& plugin) const {
  const auto now = examine(plugin.name());
  return now && now->file.contents.sha256 != plugin.sha256();
}

Result<Manifest> PluginLoader::inspect(const std::string& name) const {
  auto examined = examine(name);
  if (!examined) return tl::unexpected<Error>(examined.error());
  return examined->reading->manifest;
}

Result<std::string> PluginLoader::digest(const std::string& name) const {
  auto examined = examine(name);
  if (!examined) return tl::unexpected<Error>(examined.error());
  return examined->file.contents.sha256;
}

std::vector<DiscoveredPlugin> PluginLoader::discover() const {
  std::vector<DiscoveredPlugin> plugins;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, error)) {
    if (entry.path().extension() != ".so") continue;
    DiscoveredPlugin found;
    found.file = entry.path().filename().string();
    auto examined = examine(entry.path().stem().string());
    if (examined) {
      found.sha256 = examined->file.contents.sha256;
      found.manifest = std::make_unique<Manifest>(examined->reading->manifest);
    } else {
      found.problem = examined.error().message;
    }
    plugins.push_back(std::move(found));
  }
  std::sort(plugins.begin(), plugins.end(),
            [](const auto& a, const auto& b) { return a.file < b.file; });
  return plugins;
}

}  // namespace scanhost
