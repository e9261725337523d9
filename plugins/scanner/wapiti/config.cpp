// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/config.h"

#include <algorithm>
#include <string_view>

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::wapiti {
namespace {

constexpr std::chrono::hours longest{24};

/// Left out: modules that try passwords (brute_login_form), guess thousands of paths (buster),
/// fetch lists from elsewhere (nikto, wapp), or need a server of a third party (ssrf, xxe).
const std::vector<std::string_view>& knownModules() {
  static const std::vector<std::string_view> modules{
      "backup", "blindsql", "cookieflags", "crlf",    "csp",          "csrf",
      "exec",   "file",     "htaccess",    "methods", "http_headers", "permanentxss",
      "sql",    "redirect", "shellshock",  "xss"};
  return modules;
}

const SettingReader& reader() {
  static const SettingReader reader("scanner-wapiti");
  return reader;
}

/// An absolute path without a query. Only characters that stand for themselves in a URL.
std::string readPath(const std::string& path) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~%").find(c) != std::string_view::npos;
  };
  if (path.empty() || path.front() != '/' || path.substr(0, 2) == "//" || path.size() > 1024 ||
      !std::all_of(path.begin(), path.end(), plain))
    reader().refuse("path", path, "an absolute path such as \"/shop/\"");
  return path;
}

}  // namespace

const std::vector<std::string>& usualModules() {
  static const std::vector<std::string> modules{
      "blindsql",     "cookieflags", "csp",          "exec", "file",
      "http_headers", "redirect",    "permanentxss", "sql",  "xss"};
  return modules;
}

ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults) {
  ScanOptions options = defaults;
  if (const Json* scheme = values.find("scheme")) {
    options.scheme = scheme->asString();
    if (options.scheme != "http" && options.scheme != "https")
      reader().refuse("scheme", options.scheme, "http or https");
  }
  if (const Json* ports = values.find("ports")) options.ports = reader().ports(*ports, "ports");
  if (const Json* path = values.find("path")) options.path = readPath(path->asString());
  if (const Json* modules = values.find("modules"))
    options.modules = reader().words(*modules, "modules", knownModules());
  if (const Json* depth = values.find("depth"))
    options.depth = reader().number(*depth, "depth", 0, 40);
  if (const Json* links = values.find("links_per_page"))
    options.links_per_page = reader().number(*links, "links_per_page", 1, 10'000);
  if (const Json* time = values.find("crawl_time"))
    options.crawl_time = reader().time(*time, "crawl_time", longest);
  if (const Json* time = values.find("module_time"))
    options.module_time = reader().time(*time, "module_time", longest);
  if (const Json* time = values.find("request_timeout"))
    options.request_timeout = reader().time(*time, "request_timeout", longest);
  return options;
}

Config readConfig(const Json& values) {
  Config config;
  config.program = reader().absolutePath(values["program"], "program", config.program);
  config.scan = readScanOptions(values, config.scan);
  return config;
}

}  // namespace scanhost::wapiti
