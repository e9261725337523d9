// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Files that hold secrets: read only when nobody else can read or write them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "host/base/result.h"

namespace scanhost {

/// The content of a small regular file that its owner alone may read and write; a link is none.
/// Class config; `what` begins the message: "key file".
Result<std::string> readPrivateFile(const std::filesystem::path& file, const std::string& what,
                                    std::size_t max_bytes = 64 * 1024);

}  // namespace scanhost
