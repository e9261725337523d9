// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin inspect FILE.so`: what a plugin says of itself and whether it fits this SDK,
/// without running a line of it.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sdk/manifest/manifest.h"

namespace CLI {
class App;
}

namespace scanhost {

struct Inspection {
  std::string file;
  std::string sha256;
  Manifest manifest;
  std::vector<std::string> exports;
  std::vector<std::string> libraries;  ///< shared objects that it asks for
  std::vector<std::string> problems;   ///< why a host of this SDK would refuse it
};

/// The error says what stands in the way of reading the file as a plugin.
tl::expected<Inspection, std::string> inspectPlugin(const std::string& file);

Json inspectionJson(const Inspection& inspection);
std::string inspectionText(const Inspection& inspection);

/// Adds the subcommand. It sets `exit_code`: 0 usable, 1 a plugin with problems, 2 not a plugin.
void addInspect(CLI::App& app, int& exit_code);

}  // namespace scanhost
