// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of exporter-jsonlog as a plain struct.
#pragma once

#include <scanhost/abi/call.h>
#include <scanhost/json.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace scanhost {

struct JsonlogConfig {
  enum class Output { standard_output, standard_error, file, journald };

  Output output = Output::standard_output;
  std::int32_t level = SCANHOST_LEVEL_DEBUG;
  std::string path;  ///< for Output::file
  std::size_t max_size = 10u << 20;
  std::size_t max_files = 5;
  std::string socket = "/run/systemd/journal/socket";  ///< for Output::journald

  /// Reads settings that the manifest's schema accepts. Throws PluginError (config) for what a
  /// schema of that subset cannot say: output "file" needs `file`, and only it has one; `journald`
  /// is for output "journald".
  static JsonlogConfig read(const Json& settings);
};

}  // namespace scanhost
