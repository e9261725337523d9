// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/command_line.h"

#include <arpa/inet.h>
#include <scanhost/error.h>

#include <algorithm>
#include <cstdio>

#include "plugins/shared/message/in_quotes.h"
#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::wapiti {
namespace {

constexpr const char* nowhere = "http://127.0.0.1:1";            ///< a proxy that refuses everyone
constexpr const char* no_endpoint = "http://endpoint.invalid/";  ///< for modules that want a server

std::uint16_t usualPort(const std::string& scheme) {
  return scheme == "https" ? 443 : 80;
}

/// IPv6 with every digit written: the exemption from the proxy compares ends of texts, and "::1" is
/// the end of many an address.
std::string spelledOut(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return address;
  std::string text;
  for (std::size_t i = 0; i < 16; i += 2) {
    char group[8];
    std::snprintf(group, sizeof group, "%02x%02x", bytes.s6_addr[i], bytes.s6_addr[i + 1]);
    text += (text.empty() ? "" : ":") + std::string(group);
  }
  return text;
}

/// ":8080", or nothing where it is the scheme's own.
std::string portInUrl(const ScanOptions& options, const Site& site) {
  return site.port == usualPort(options.scheme) ? "" : ":" + std::to_string(site.port);
}

std::string hostHeader(const ScanOptions& options, const Site& site) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  const std::string& name = site.host.name;
  if (name.size() > 255 || !std::all_of(name.begin(), name.end(), plain))
    throw PluginError(ErrorClass::target, inQuotes(name) + " is no host name");
  return name + portInUrl(options, site);
}

}  // namespace

std::vector<std::uint16_t> portsOf(const ScanOptions& options) {
  return options.ports.empty() ? std::vector{usualPort(options.scheme)} : options.ports;
}

std::vector<std::string> arguments(const ScanOptions& options, const Site& site,
                                   const std::filesystem::path& folder) {
  const std::string url = options.scheme + "://" +
                          local_scan::inUrl(spelledOut(site.host.address)) +
                          portInUrl(options, site) + options.path;
  std::vector<std::string> list{"-u",
                                url,
                                "--scope",
                                "folder",
                                "-m",
                                joined(options.modules.empty() ? usualModules() : options.modules),
                                "-d",
                                std::to_string(options.depth),
                                "--max-links-per-page",
                                std::to_string(options.links_per_page),
                                "--max-scan-time",
                                std::to_string(options.crawl_time.count()),
                                "--max-attack-time",
                                std::to_string(options.module_time.count()),
                                "-t",
                                std::to_string(options.request_timeout.count()),
                                "-v",
                                "0",
                                "--verify-ssl",
                                "0",  // an address has no name that a certificate could prove
                                "--no-bugreport",
                                "--endpoint",
                                no_endpoint,
                                "--store-session",
                                (folder / "session").string(),
                                "--store-config",
                                (folder / "config").string(),
                                "-f",
                                "json",
                                "-o",
                                (folder / report_file).string()};
  if (!site.host.name.empty())
    list.insert(list.end(), {"-H", "Host: " + hostHeader(options, site)});
  return list;
}

Pairs environment(const Site& site, const std::filesystem::path& folder) {
  return {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"},  // what it says is read in English
          {"HOME", folder.string()}, {"PYTHONDONTWRITEBYTECODE", "1"},
          {"http_proxy", nowhere},   {"https_proxy", nowhere},
          {"all_proxy", nowhere},    {"no_proxy", spelledOut(site.host.address)}};
}

}  // namespace scanhost::wapiti
