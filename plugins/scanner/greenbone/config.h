// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where a Greenbone manager is, how it is trusted, how we log in and how it is to scan. Made of
/// the settings once; the rest of the plugin sees no JSON of the operator's.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "plugins/shared/tls/trust.h"

namespace scanhost::greenbone {

/// What one scan may choose, by the names that the manager shows, or by id.
struct ScanOptions {
  std::string scan_config = "Full and fast";
  std::string port_list = "All IANA assigned TCP";
};

struct Config {
  std::string host;
  std::uint16_t port = 9390;
  tls::Trust tls;
  std::string client_certificate, client_key;  ///< files in PEM form; empty: none is shown

  std::string username, password;

  ScanOptions scan;
  std::string scanner = "OpenVAS Default";
  int min_qod =
      70;  ///< results of a lower quality of detection are left out, as the manager's page does

  std::chrono::milliseconds request_timeout{60'000};  ///< without a byte from the manager
  std::uint64_t max_report_bytes = 4ull << 30;

  /// "tls://manager:9390", for people.
  std::string url() const;
};

/// Throws PluginError (config) that names the key, the value found (unless secret) and the remedy.
Config readConfig(const Json& values);
ScanOptions readScanOptions(const Json& values, const ScanOptions& defaults);

}  // namespace scanhost::greenbone
