// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/config.h"

#include <scanhost/duration.h>
#include <scanhost/error.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace scanhost::nmap {
namespace {

constexpr std::size_t longest_port_list = 4096;
constexpr std::array<std::string_view, 5> known_categories{"safe", "default", "version", "vuln",
                                                           "discovery"};

[[noreturn]] void refuse(std::string_view key, const std::string& found, std::string_view right) {
  throw PluginError(ErrorClass::config,
                    "scanner-nmap: " + std::string(key) + ": \"" + found +
                        "\" is not allowed; give " + std::string(right),
                    ErrorSubject::task);
}

std::optional<int> parsePort(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535)
    return std::nullopt;
  return port;
}

bool isPortRange(std::string_view entry) {
  const std::size_t dash = entry.find('-');
  if (dash == std::string_view::npos) return parsePort(entry).has_value();
  const auto first = parsePort(entry.substr(0, dash));
  const auto last = parsePort(entry.substr(dash + 1));
  return first && last && *first <= *last;
}

bool isPortList(std::string_view text) {
  if (text.size() > longest_port_list) return false;
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!isPortRange(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::string readPorts(const std::string& text) {
  const std::string_view view = text;
  if (view == "all" || (view.substr(0, 4) == "top-" && parsePort(view.substr(4)))) return text;
  if (!isPortList(view))
    refuse("ports", text, R"("all", "top-100", or ports such as "22,80,8000-8100")");
  return text;
}

std::vector<std::string> readCategories(const Json& values) {
  std::vector<std::string> categories;
  for (const Json& value : values.items()) {
    const std::string& category = value.asString();
    if (std::find(known_categories.begin(), known_categories.end(), category) ==
        known_categories.end())
      refuse("script_categories", category, "safe, default, version, vuln or discovery");
    if (std::find(categories.begin(), categories.end(), category) == categories.end())
      categories.push_back(category);
  }
  return categories;
}

int readNumber(const Json& value, std::string_view key, int least, int most) {
  const std::int64_t number = value.asInteger(least - 1);
  if (number < least || number > most)
    refuse(key, value.dump(), std::to_string(least) + " to " + std::to_string(most));
  return static_cast<int>(number);
}

std::chrono::seconds readHostTimeout(const std::string& text) {
  const auto timeout = readDuration(text);
  if (!timeout || *timeout > std::chrono::hours(24 * 7))
    refuse("host_timeout", text, "a duration such as \"30m\", or \"0s\" for none");
  return std::chrono::ceil<std::chrono::seconds>(*timeout);
}

}  // namespace

ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults) {
  ScanOptions options = defaults;
  if (const Json* ports = values.find("ports")) options.ports = readPorts(ports->asString());
  if (const Json* timing = values.find("timing"))
    options.timing = readNumber(*timing, "timing", 0, 5);
  options.service_detection = values["service_detection"].asBool(defaults.service_detection);
  if (const Json* categories = values.find("script_categories"))
    options.script_categories = readCategories(*categories);
  options.external_lookups = values["external_lookups"].asBool(defaults.external_lookups);
  options.host_discovery = values["host_discovery"].asBool(defaults.host_discovery);
  if (const Json* timeout = values.find("host_timeout"))
    options.host_timeout = readHostTimeout(timeout->asString());
  if (const Json* rate = values.find("max_rate"))
    options.max_rate = readNumber(*rate, "max_rate", 1, 1'000'000);
  return options;
}

Config readConfig(const Json& values) {
  Config config;
  config.program = values["program"].asString(config.program);
  if (config.program.empty() || config.program[0] != '/' ||
      config.program.find('\0') != std::string::npos)
    refuse("program", config.program, "an absolute path such as \"/usr/bin/nmap\"");
  config.raw = values["raw"].asBool(false);
  config.scan = readScanOptions(values, config.scan);
  return config;
}

}  // namespace scanhost::nmap
