// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of exporter-webhook as a plain struct.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <set>

#include "plugins/exporter/webhook/notice.h"
#include "plugins/exporter/webhook/signing_key.h"
#include "plugins/shared/http_client/post_client.h"

namespace scanhost::webhook {

struct Config {
  http_client::PostTarget target;
  SigningKey key;
  std::set<NoticeKind> kinds;
  std::chrono::seconds max_age{};  ///< after which a notice is given up
  std::size_t max_queue = 0;       ///< notices that wait

  /// Throws PluginError (config) that names the key, the value found (unless secret) and the
  /// remedy. Defaults are the manifest's.
  static Config read(const Json& settings);
};

}  // namespace scanhost::webhook
