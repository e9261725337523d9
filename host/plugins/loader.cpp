// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/loader.h"

#define BOOST_DLL_USE_STD_FS
#include <scanhost/text.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <chrono>

#include "host/base/nearest.h"

namespace scanhost {
namespace {

tl::unexpected<Error> refusal(const std::string& plugin, const std::string& why) {
  return fail(ErrorClass::config, "plugin " + plugin + ": " + why);
}

/// A library and the descriptor it was loaded by, which stay until the process ends.
struct Library {
  UniqueFd fd;
  boost::dll::shared_library handle;
  scanhost_plugin_entry entry = nullptr;
};

void keepForEver(std::unique_ptr<Library> library) {
  static auto& all = *new std::vector<std::unique_ptr<Library>>;
  static auto& mutex = *new std::mutex;
  const std::lock_guard lock(mutex);
  all.push_back(std::move(library));
}

Result<std::unique_ptr<Library>> openLibrary(const std::string& plugin, UniqueFd fd) {
  auto library = std::make_unique<Library>();
  library->fd = std::move(fd);
  const std::string path = "/proc/self/fd/" + std::to_string(library->fd.get());
  try {
    using boost::dll::load_mode::rtld_local;
    using boost::dll::load_mode::rtld_now;
    library->handle.load(path, rtld_now | rtld_local);
    library->entry = &library->handle.get<const scanhost_plugin*(const scanhost_host*)>(
        SCANHOST_PLUGIN_ENTRY_NAME);
  } catch (const std::exception& error) {
    return refusal(plugin, std::string("cannot be loaded: ") + error.what());
  }
  return library;
}

/// The tables that the plugin answers for what its manifest provides.
class TableCheck {
 public:
  TableCheck(const Manifest& manifest, const scanhost_plugin* plugin)
      : manifest_(manifest), plugin_(plugin) {}

  Status checkPlugin(std::string_view manifest_text) const {
    if (!plugin_) return refusal(manifest_.name, "its entry refused this host (it returned null)");
    if (!SCANHOST_HAS(plugin_, scanhost_plugin, get_interface) || !plugin_->get_interface)
      return refusal(manifest_.name,
                     "the table its entry returned has no get_interface; rebuild it "
                     "with SCANHOST_PLUGIN");
    if (toView(plugin_->manifest) != manifest_text)
      return refusal(
          manifest_.name,
          "the manifest in its table differs from the one in section " SCANHOST_MANIFEST_SECTION
          "; it must give the same bytes");
    return {};
  }

  Result<const scanhost_interface*> interfaceFor(const KnownTable& known) const {
    const std::string id(known.id);
    const scanhost_interface* table = plugin_->get_interface(toText(id));
    if (!table)
      return refusal(manifest_.name,
                     "its manifest provides " + id + ", but get_interface has none");
    if (table->struct_size < known.struct_size)
      return refusal(manifest_.name, "its table for " + id + " has " +
                                         std::to_string(table->struct_size) + " bytes, expected " +
                                         std::to_string(known.struct_size));
    if (table->revision != known.revision)
      return refusal(manifest_.name, "its table for " + id + " is of revision " +
                                         std::to_string(table->revision) + ", expected " +
                                         std::to_string(known.revision) +
                                         "; rebuild it with this host's SDK");
    if (!table->create || !table->start || !table->stop || !table->destroy)
      return refusal(manifest_.name,
                     "its table for " + id + " lacks one of create, start, stop and destroy");
    if (plugin_->get_interface(toText(id + "x")))
      return refusal(manifest_.name, "get_interface answers \"" + id +
                                         "x\", an id it cannot know; it must compare whole ids");
    return table;
  }

 private:
  const Manifest& manifest_;
  const scanhost_plugin* plugin_;
};

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
  if (!image) return refusal(name, file.path + " is " + image.error());
  const auto text = manifestText(*image);
  if (!text) return refusal(name, text.error());
  auto manifest = parseManifest(*text);
  if (!manifest) return refusal(name, manifest.error());
  if (manifest->name != name)
    return refusal(name, "its manifest gives the name " + manifest->name + "; name the file " +
                             manifest->name + ".so");
  const std::vector<std::string> reasons = incompatibilities(*manifest);
  if (!reasons.empty()) return refusal(name, joinNames(reasons, "; "));
  const std::vector<std::string> exports = image->exportedSymbols();
  if (!std::binary_search(exports.begin(), exports.end(), SCANHOST_PLUGIN_ENTRY_NAME))
    return refusal(name, missingEntryText(exports));
  return std::make_shared<const Reading>(
      Reading{file.contents, std::move(*manifest), std::string(*text)});
}

Result<std::unique_ptr<LoadedPlugin>> PluginLoader::enter(Examined examined) const {
  const Manifest& manifest = examined.reading->manifest;
  const std::string& name = manifest.name;
  auto library = openLibrary(name, std::move(examined.file.fd));
  if (!library) return tl::unexpected<Error>(library.error());
  const scanhost_plugin_entry entry = (*library)->entry;
  keepForEver(std::move(*library));

  const PluginHost& host =
      PluginHost::make({.plugin = name, .services = options_.services, .events = options_.events});
  const TableCheck tables(manifest, entry(host.abi()));
  if (const Status ok = tables.checkPlugin(examined.reading->manifest_text); !ok)
    return tl::unexpected<Error>(ok.error());

  auto plugin = std::make_unique<LoadedPlugin>();
  plugin->path_ = examined.file.path;
  plugin->sha256_ = examined.file.contents.sha256;
  for (const Manifest::Provided& provided : manifest.provides) {
    const KnownTable* known = findTable(knownInterfaces(), provided.interface_id);
    if (!known) continue;
    const auto table = tables.interfaceFor(*known);
    if (!table) return tl::unexpected<Error>(table.error());
    plugin->interfaces_.emplace(provided.interface_id, *table);
  }
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
  if (!missing.empty()) return refusal(name, joinNames(missing, "; "));
  auto plugin = enter(std::move(*examined));
  if (!plugin) return tl::unexpected<Error>(plugin.error());
  return loaded_.emplace(name, plugin->release()).first->second;
}

Result<Manifest> PluginLoader::inspect(const std::string& name) const {
  auto examined = examine(name);
  if (!examined) return tl::unexpected<Error>(examined.error());
  return examined->reading->manifest;
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
