// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The function tables behind which an isolated plugin stands: the same C ABI as in this process.
#pragma once

#include <scanhost/abi/plugin.h>

#include <cstdint>
#include <string_view>

namespace scanhost {

/// Null for an interface that a runner cannot serve. `create` of a table is not for use: an
/// IsolatedInstance makes the `self` for the others. `abilities` are those of a runner's `ready`,
/// for what a plugin's own table may leave out.
const scanhost_interface* findIsolatedTable(std::string_view interface_id,
                                            std::uint32_t abilities = 0);

/// Whether a runner offers the service to the plugin in it.
bool runnerOffers(std::string_view service_id);

}  // namespace scanhost
