// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of exporter-otlp as a plain struct.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <utility>
#include <vector>

#include "plugins/shared/http_client/post_client.h"

namespace scanhost::otlp {

struct Config {
  http_client::PostTarget target;
  /// What the spans are of: `service.name` first, then what the operator added.
  std::vector<std::pair<std::string, std::string>> resource;

  /// Reads settings that the manifest's schema accepts. Throws PluginError (config) that names the
  /// key, what was found and the remedy.
  static Config read(const Json& settings);
};

}  // namespace scanhost::otlp
