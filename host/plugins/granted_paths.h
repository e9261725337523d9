// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which files an isolated instance may reach beyond the system's: those that its manifest names,
/// its data folder, and the values of settings that its schema marks `x-access`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/manifest/manifest.h"

namespace scanhost {

struct GrantedPaths {
  std::vector<std::string> readable, writable, executable;
};

/// `settings` is the JSON that the instance is created with. Only absolute paths are granted. A
/// file to be written is granted with its folder, where it may be made, renamed and removed.
GrantedPaths grantedPaths(const Manifest& manifest, std::string_view settings,
                          const std::string& data_dir);

}  // namespace scanhost
