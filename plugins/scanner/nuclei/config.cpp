// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/config.h"

#include <algorithm>
#include <string_view>

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::nuclei {
namespace {

const SettingReader& reader() {
  static const SettingReader reader("scanner-nuclei");
  return reader;
}

std::vector<std::uint16_t> readPorts(const Json& values) {
  std::vector<std::uint16_t> ports = reader().ports(values, "ports");
  if (ports.empty()) reader().refuse("ports", values.dump(), "ports such as [80, 443]");
  return ports;
}

std::vector<std::string> readTags(const Json& values) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  std::vector<std::string> tags;
  for (const Json& value : values.items()) {
    const std::string& tag = value.asString();
    if (tag.empty() || tag.size() > 64 || tag.front() == '-' ||
        !std::all_of(tag.begin(), tag.end(), plain))
      reader().refuse("tags", tag, "words of lower case letters and digits such as \"cve\"");
    tags.push_back(tag);
  }
  return tags;
}

}  // namespace

ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults) {
  ScanOptions options = defaults;
  if (const Json* ports = values.find("ports")) options.ports = readPorts(*ports);
  if (const Json* severities = values.find("severities"))
    options.severities = reader().words(*severities, "severities",
                                        {"info", "low", "medium", "high", "critical", "unknown"});
  if (const Json* tags = values.find("tags")) options.tags = readTags(*tags);
  if (const Json* rate = values.find("rate_limit"))
    options.rate_limit = reader().number(*rate, "rate_limit", 1, 10'000);
  if (const Json* time = values.find("request_timeout"))
    options.request_timeout = reader().time(*time, "request_timeout", std::chrono::minutes(10));
  return options;
}

Config readConfig(const Json& values) {
  Config config;
  config.program = reader().absolutePath(values["program"], "program", config.program);
  config.templates = reader().absolutePath(values["templates"], "templates");
  if (config.templates.find(',') != std::string::npos)
    reader().refuse("templates", config.templates, "one folder, without a comma in its path");
  config.interactsh = values["interactsh"].asBool(false);
  config.scan = readScanOptions(values, config.scan);
  return config;
}

}  // namespace scanhost::nuclei
