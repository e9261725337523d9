// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads the earlier service's scanner file and rewrites its entries in the form of `scanners:`.
///
///     nessus:                       # a pool
///       - instance_id: scanner1     # our name
///         name: Scanner 1           # our title
///         url: https://scanner:8834
///         username: ${NESSUS_USERNAME}
///         password: ${NESSUS_PASSWORD:-}
///
/// `url`, `username`, `password` and whatever else an entry holds become the plugin's `config`.
#pragma once

#include <filesystem>
#include <vector>

#include "host/config/interpolate.h"

namespace scanhost {

/// Entries for `scanners:`, each with its places in that file. `named_at` is where the file was
/// named; a file that cannot be read, or holds no scanner, is an error. Any thread.
std::vector<ConfigNode> readScannersFile(const std::filesystem::path& path, const Place& named_at,
                                         const Environment& environment, Problems& problems);

/// The same of a file that was read; `${...}` in it is left as it is found.
std::vector<ConfigNode> earlierEntries(ConfigNode tree, Problems& problems);

}  // namespace scanhost
