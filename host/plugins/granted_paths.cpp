// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/granted_paths.h"

#include <filesystem>

namespace scanhost {
namespace {

void grant(const Json& value, const std::string& access, GrantedPaths& paths) {
  if (value.isArray())
    for (const Json& item : value.items()) grant(item, access, paths);
  const std::string& path = value.asString();
  if (path.size() < 2 || path[0] != '/') return;
  if (access == "read") paths.readable.push_back(path);
  if (access == "execute") paths.executable.push_back(path);
  if (access == "write") paths.writable.push_back(std::filesystem::path(path).parent_path());
}

/// Members of objects, however deep; a schema was checked for its depth.
void walk(const Json& schema, const Json& settings, GrantedPaths& paths) {
  for (const auto& [name, member] : schema["properties"].members()) {
    if (!settings.has(name)) continue;
    const std::string& access = member["x-access"].asString();
    if (!access.empty()) grant(settings[name], access, paths);
    walk(member, settings[name], paths);
  }
}

}  // namespace

GrantedPaths grantedPaths(const Manifest& manifest, std::string_view settings,
                          const std::string& data_dir) {
  GrantedPaths paths;
  paths.readable = manifest.files;
  if (!data_dir.empty()) paths.writable.push_back(data_dir);
  walk(manifest.config_schema, Json::tryParse(settings).value_or(Json::object()), paths);
  return paths;
}

}  // namespace scanhost
