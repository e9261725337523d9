// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What nmap may be told: typed, bounded words from a short list, never free arguments.
///
/// An instance's settings and a scan's settings share these keys; a scan's replace the instance's.
/// Every reader throws PluginError (config) that names the key, the value and what would be right.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::nmap {

/// How deep one scan goes.
struct ScanOptions {
  std::string ports = "top-1000";  ///< "all", "top-N" or a list such as "22,80,8000-8100"
  int timing = 3;                  ///< nmap's -T0 to -T5
  bool service_detection = true;
  std::vector<std::string> script_categories;  ///< empty: no scripts
  /// Scripts that ask third parties (vulners.com, whois) about what was found.
  bool external_lookups = false;
  /// False: every address counts as there, and each port is tried.
  bool host_discovery = true;
  std::chrono::seconds host_timeout{1800};  ///< for one host; 0: none
  std::optional<int> max_rate;              ///< packets a second over all hosts
};

struct Config {
  std::string program = "/usr/bin/nmap";
  bool raw = false;  ///< SYN scan, for which nmap needs CAP_NET_RAW
  ScanOptions scan;
};

Config readConfig(const Json& values);
ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults);

}  // namespace scanhost::nmap
