// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A plugin's library in this process, entered, and its function tables checked against its
/// manifest. Whether the file may be loaded at all was decided before. Any thread.
#pragma once

#include <scanhost/abi/plugin.h>

#include <map>
#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/base/unique_fd.h"
#include "sdk/manifest/manifest.h"

namespace scanhost {

/// Function tables by interface id, valid until the process ends.
using InterfaceTables = std::map<std::string, const scanhost_interface*, std::less<>>;

/// Loads the library by its descriptor, which stays open as long as the library, that is until the
/// process ends: glibc knows libraries by the path they were loaded from, and would hand out this
/// one for another under a reused number. Answers the tables of what the manifest provides and this
/// host knows. `host` is what the plugin's entry is given.
Result<InterfaceTables> enterLibrary(UniqueFd file, const Manifest& manifest,
                                     std::string_view manifest_text, const scanhost_host* host);

/// "plugin NAME: why (RULE)", a config error. `rule` is the obligation of docs/reference/abi.md that
/// is not met; empty when `why` names it, or none is.
tl::unexpected<Error> pluginRefusal(const std::string& plugin, const std::string& why,
                                    const char* rule = "");

}  // namespace scanhost
