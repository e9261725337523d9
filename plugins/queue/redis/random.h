// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Random bytes of the kernel, for lease tokens and names that must not be guessed.
#pragma once

#include <cstddef>
#include <string>

namespace scanhost::queue_redis {

/// Throws PluginError (internal).
std::string randomBytes(std::size_t count);
/// Twice as many hexadecimal digits.
std::string randomHex(std::size_t count);

}  // namespace scanhost::queue_redis
