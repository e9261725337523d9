// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How often this process, plugins included, waited for stable storage.
#pragma once

#include <cstdint>

namespace scanhost::bench {

/// Calls of fsync and fdatasync since the start.
std::uint64_t syncCount();

}  // namespace scanhost::bench
