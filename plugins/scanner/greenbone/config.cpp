// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/config.h"

#include <scanhost/duration.h>
#include <scanhost/error.h>

#include <algorithm>

#include "plugins/shared/message/in_quotes.h"

namespace scanhost::greenbone {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw PluginError(ErrorClass::config, "scanner-greenbone: " + message, ErrorSubject::backend);
}

std::string readHost(const std::string& host) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '_';
  };
  if (host.empty() || host.size() > 255 || !std::all_of(host.begin(), host.end(), plain))
    refuse("host: " + inQuotes(host) + " is no host name or address; the port goes into port");
  return host;
}

std::string readFile(const Json& value, const char* key) {
  const std::string& path = value.asString();
  if (!path.empty() && path.front() != '/')
    refuse(std::string(key) + ": " + inQuotes(path) + " must be an absolute path");
  return path;
}

std::string readName(const Json& values, const char* key, const std::string& fallback) {
  std::string name = values[key].asString(fallback);
  if (name.empty()) refuse(std::string(key) + ": it is empty; give a name as the manager shows it");
  return name;
}

}  // namespace

std::string Config::url() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return "tls://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults) {
  return {readName(values, "scan_config", defaults.scan_config),
          readName(values, "port_list", defaults.port_list)};
}

Config readConfig(const Json& values) {
  Config config;
  config.host = readHost(values["host"].asString());
  const std::int64_t port = values["port"].asInteger(config.port);
  if (port < 1 || port > 65535) refuse("port: " + values["port"].dump() + " is none");
  config.port = static_cast<std::uint16_t>(port);
  config.tls = tls::readTrust(values["tls"], "scanner-greenbone");
  config.client_certificate = readFile(values["client_certificate"], "client_certificate");
  config.client_key = readFile(values["client_key"], "client_key");
  if (config.client_certificate.empty() != config.client_key.empty())
    refuse("give both client_certificate and client_key, or neither");
  config.username = values["username"].asString();
  config.password = values["password"].asString();
  if (config.username.empty() || config.password.empty())
    refuse("username and password are missing; make a user for scanhost on the manager");
  config.scan = readScanOptions(values, config.scan);
  config.scanner = readName(values, "scanner", config.scanner);
  config.min_qod = static_cast<int>(
      std::clamp<std::int64_t>(values["min_qod"].asInteger(config.min_qod), 0, 100));
  if (const Json* timeout = values.find("request_timeout")) {
    const auto time = readDuration(timeout->asString());
    if (!time || time->count() < 100)
      refuse("request_timeout: " + timeout->dump() + " is no duration such as \"60s\"");
    config.request_timeout = *time;
  }
  const auto bytes =
      values["max_report_bytes"].asInteger(static_cast<std::int64_t>(config.max_report_bytes));
  if (bytes < 1) refuse("max_report_bytes: it must be at least 1");
  config.max_report_bytes = static_cast<std::uint64_t>(bytes);
  return config;
}

}  // namespace scanhost::greenbone
