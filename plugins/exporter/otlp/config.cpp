// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/otlp/config.h"

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::otlp {
namespace {

constexpr const char* plugin = "exporter-otlp";
constexpr const char* service_name = "service.name";

}  // namespace

Config Config::read(const Json& settings) {
  const SettingReader reader(plugin);
  Config config;
  config.target = http_client::readPostTarget(settings, plugin);
  if (config.target.path == "/")
    reader.refuse("url", "no path", "the whole address, such as http://127.0.0.1:4318/v1/traces");
  config.resource.emplace_back(service_name, settings["service_name"].asString());
  for (const auto& [name, value] : settings["resource"].members()) {
    if (name.empty() || name == service_name)
      reader.refuse("resource", name, "other attributes; the service's name is service_name");
    config.resource.emplace_back(name, value.asString());
  }
  return config;
}

}  // namespace scanhost::otlp
