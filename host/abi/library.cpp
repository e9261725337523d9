// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/library.h"

#define BOOST_DLL_USE_STD_FS
#include <scanhost/text.h>

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace scanhost {
namespace {

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
    return pluginRefusal(plugin, std::string("cannot be loaded: ") + error.what(), "SH-P-35");
  }
  return library;
}

/// The tables that the plugin answers for what its manifest provides.
class TableCheck {
 public:
  TableCheck(const Manifest& manifest, const scanhost_plugin* plugin)
      : manifest_(manifest), plugin_(plugin) {}

  Status checkPlugin(std::string_view manifest_text) const {
    if (!plugin_)
      return pluginRefusal(manifest_.name, "its entry refused this host (it returned null)",
                           "SH-P-36");
    if (!SCANHOST_HAS(plugin_, scanhost_plugin, get_interface) || !plugin_->get_interface)
      return pluginRefusal(manifest_.name,
                           "the table its entry returned has no get_interface; rebuild it "
                           "with SCANHOST_PLUGIN",
                           "SH-P-36");
    if (toView(plugin_->manifest) != manifest_text)
      return pluginRefusal(
          manifest_.name,
          "the manifest in its table differs from the one in section " SCANHOST_MANIFEST_SECTION
          "; it must give the same bytes",
          "SH-P-37");
    return {};
  }

  Result<const scanhost_interface*> interfaceFor(const KnownTable& known) const {
    const std::string id(known.id);
    const scanhost_interface* table = plugin_->get_interface(toText(id));
    if (!table)
      return pluginRefusal(manifest_.name,
                           "its manifest provides " + id + ", but get_interface has none",
                           "SH-P-38");
    if (table->struct_size < known.struct_size)
      return pluginRefusal(manifest_.name,
                           "its table for " + id + " has " + std::to_string(table->struct_size) +
                               " bytes, expected " + std::to_string(known.struct_size),
                           "SH-P-38");
    if (table->revision != known.revision)
      return pluginRefusal(manifest_.name,
                           "its table for " + id + " is of revision " +
                               std::to_string(table->revision) + ", expected " +
                               std::to_string(known.revision) + "; rebuild it with this host's SDK",
                           "SH-P-40");
    if (!table->create || !table->start || !table->stop || !table->destroy)
      return pluginRefusal(manifest_.name,
                           "its table for " + id + " lacks one of create, start, stop and destroy",
                           "SH-P-41");
    if (plugin_->get_interface(toText(id + "x")))
      return pluginRefusal(
          manifest_.name,
          "get_interface answers \"" + id + "x\", an id it cannot know; it must compare whole ids",
          "SH-P-39");
    return table;
  }

 private:
  const Manifest& manifest_;
  const scanhost_plugin* plugin_;
};

}  // namespace

tl::unexpected<Error> pluginRefusal(const std::string& plugin, const std::string& why,
                                    const char* rule) {
  return fail(ErrorClass::config, "plugin " + plugin + ": " + why +
                                      (*rule ? " (" + std::string(rule) + ")" : std::string()));
}

Result<InterfaceTables> enterLibrary(UniqueFd file, const Manifest& manifest,
                                     std::string_view manifest_text, const scanhost_host* host) {
  auto library = openLibrary(manifest.name, std::move(file));
  if (!library) return tl::unexpected<Error>(library.error());
  const scanhost_plugin_entry entry = (*library)->entry;
  keepForEver(std::move(*library));

  const TableCheck tables(manifest, entry(host));
  if (const Status ok = tables.checkPlugin(manifest_text); !ok)
    return tl::unexpected<Error>(ok.error());
  InterfaceTables checked;
  for (const Manifest::Provided& provided : manifest.provides) {
    const KnownTable* known = findTable(knownInterfaces(), provided.interface_id);
    if (!known) continue;
    const auto table = tables.interfaceFor(*known);
    if (!table) return tl::unexpected<Error>(table.error());
    checked.emplace(provided.interface_id, *table);
  }
  return checked;
}

}  // namespace scanhost
