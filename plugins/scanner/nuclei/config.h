// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Nuclei may be told: typed, bounded words from a short list, never free arguments.
///
/// An instance's settings and a scan's settings share most keys; a scan's replace the instance's.
/// Every reader throws PluginError (config) that names the key, the value and what would be right.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace scanhost::nuclei {

struct ScanOptions {
  std::vector<std::uint16_t> ports{80, 443, 8080, 8443};
  std::vector<std::string> severities;  ///< of templates; empty: all
  std::vector<std::string> tags;        ///< templates with one of them; empty: all
  int rate_limit = 150;                 ///< requests a second
  std::chrono::seconds request_timeout{10};
};

struct Config {
  std::string program = "/usr/local/bin/nuclei";
  std::string templates;  ///< a folder; what lies in it is what is looked for
  /// Lets templates use a server of a third party, which hears of what is scanned.
  bool interactsh = false;
  ScanOptions scan;
};

Config readConfig(const Json& values);
ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults);

}  // namespace scanhost::nuclei
