// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/plugin_schemas.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "sdk/manifest/manifest.h"

namespace scanhost::ctl {
namespace {

/// With symbols ours take some 40 MiB.
constexpr std::uintmax_t max_plugin_bytes = 512u << 20;

std::optional<Json> readSchema(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error) ||
      std::filesystem::file_size(file, error) > max_plugin_bytes)
    return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto image = ElfImage::parse(bytes);
  if (!image) return std::nullopt;
  const auto text = manifestText(*image);
  if (!text) return std::nullopt;
  auto manifest = parseManifest(*text);
  if (!manifest) return std::nullopt;
  return std::move(manifest->config_schema);
}

}  // namespace

const Json* PluginSchemas::of(const std::string& plugin) {
  if (!isPluginName(plugin)) return nullptr;
  auto found = read_.find(plugin);
  if (found == read_.end())
    found = read_.emplace(plugin, readSchema(folder_ / (plugin + ".so"))).first;
  return found->second ? &*found->second : nullptr;
}

}  // namespace scanhost::ctl
