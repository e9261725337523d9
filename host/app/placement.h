// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whether a plugin's instance lives in this process or in one of its own.
///
/// In this process a plugin has the service's rights, so only those that were built with this
/// program may, known by their contents, and those that the operator names in plugins.in_process.
/// Scanners and exporters of others get a process of their own; what cannot have one is refused.
#pragma once

#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/config/config.h"

namespace scanhost {

enum class Placement { in_process, own_process };

/// "none" or "process", as the configuration says it.
const char* isolationName(Placement placement);

/// `interface_kind` is "scanner", "exporter", "queue", ...; `sha256` is that of the plugin's file.
/// The error says what was found and what to write.
Result<Placement> placementOf(const PluginsConfig& plugins, const PluginEntry& entry,
                              std::string_view interface_kind, const std::string& sha256);

}  // namespace scanhost
