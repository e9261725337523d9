// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The local control socket: the same routes as the public listener, for operators of this machine.
///
/// Who may use it is the kernel's word on the peer, and no token: root, and the user that the
/// service runs as. The file lets no one else in either, but a file's mode can be changed.
#pragma once

#include <filesystem>

#include "host/config/config.h"
#include "host/http/caller.h"
#include "host/http/options.h"

namespace scanhost {

/// Where it is; `node.control_socket`, else in the data directory.
std::filesystem::path controlSocketPath(const Config& config);
http::ListenOptions controlOptions(const Config& config);

/// Finds root and the service's user to be operators, and refuses everyone else.
http::CallerResolver operatorsOfThisMachine();

}  // namespace scanhost
