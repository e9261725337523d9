// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The plugins that were built together with this program, by the SHA-256 of their files, as the
/// build wrote them down.
#pragma once

#include <span>
#include <string_view>

namespace scanhost {

struct OwnPlugin {
  std::string_view name;
  std::string_view sha256;
};

std::span<const OwnPlugin> ownPlugins();

/// Whether a file of that name and contents was built with this program.
bool isOwnPlugin(std::string_view name, std::string_view sha256);

}  // namespace scanhost
