// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin record`: stands between a plugin and its backend and writes down what they say,
/// without the secrets; or runs a program and writes down what it says.
#pragma once

#include <string>
#include <vector>

#include "plugins/shared/tls/trust.h"

namespace scanhost::conformance {

struct RecordOptions {
  std::string listen = "127.0.0.1:0";
  std::string backend;  ///< "https://HOST[:PORT]" or "http://..."
  std::string file;
  tls::Trust trust;
  bool plain = false;                ///< speak HTTP to the plugin, not HTTPS
  std::vector<std::string> program;  ///< run this instead
  std::string plugin;                ///< lead this one through a launch; empty: whoever comes
  std::string settings = "{}";       ///< of it, with ${backend} and ${backend_pin}
};

/// Until the launch or the program ends, or else until SIGINT or SIGTERM. The exit code: 0, or 2
/// with a reason on standard error.
int record(const RecordOptions& options);

}  // namespace scanhost::conformance
