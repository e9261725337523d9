// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Wapiti may be told: typed, bounded words from a short list, never free arguments.
///
/// An instance's settings and a scan's settings share these keys; a scan's replace the instance's.
/// Every reader throws PluginError (config) that names the key, the value and what would be right.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace scanhost::wapiti {

/// Where on a host the application is, and how deep one scan goes.
struct ScanOptions {
  std::string scheme = "http";       ///< "http" or "https"
  std::vector<std::uint16_t> ports;  ///< empty: the scheme's own
  std::string path = "/";            ///< where the application begins; nothing above it is asked
  std::vector<std::string> modules;  ///< what to look for; empty: usualModules()
  int depth = 10;                    ///< links followed from the first page
  int links_per_page = 100;
  std::chrono::seconds crawl_time{600};     ///< for finding pages
  std::chrono::seconds module_time{600};    ///< for each module
  std::chrono::seconds request_timeout{6};  ///< for one answer
};

struct Config {
  std::string program = "/usr/bin/wapiti";
  ScanOptions scan;
};

/// What a scan looks for that says nothing else.
const std::vector<std::string>& usualModules();

Config readConfig(const Json& values);
ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults);

}  // namespace scanhost::wapiti
