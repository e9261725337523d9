// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where a Nessus scanner is, how it is trusted and how we log in. Made of the settings once; the
/// rest of the plugin sees no JSON of the operator's.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "plugins/shared/http_client/endpoint.h"

namespace scanhost::nessus {

struct Config {
  http_client::Endpoint server;

  std::string access_key, secret_key;
  /// Log in as the web page does, with a name and the token in its script. It works around the
  /// licence's limit on API keys, so it is the operator's explicit decision.
  bool ui_session = false;
  std::string username, password;

  std::string scan_template = "basic";                ///< by name, for scans that name none
  std::chrono::milliseconds export_timeout{600'000};  ///< for a report to become ready
  std::uint64_t max_report_bytes = 4ull << 30;

  /// "https://scanner:8834", for people.
  std::string url() const { return server.url(); }
};

/// Throws PluginError (config) that names the key, the value found (unless secret) and the remedy.
Config readConfig(const Json& values);

}  // namespace scanhost::nessus
