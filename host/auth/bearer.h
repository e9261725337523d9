// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The token in an Authorization header (RFC 6750, section 2.1). Pure functions.
#pragma once

#include <string_view>

#include "host/base/result.h"

namespace scanhost {

/// What a token may be at most: access tokens with many claims take a few KiB.
inline constexpr std::size_t max_bearer_bytes = 8 * 1024;

/// The token of `Bearer <token>`. Auth for another scheme, which is none of ours; config for what
/// is no header of that form.
Result<std::string_view> bearerToken(std::string_view authorization);

}  // namespace scanhost
