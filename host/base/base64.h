// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// base64url without padding (RFC 4648, section 5): what sealed text and tokens are written in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

std::string encodeBase64Url(std::span<const std::uint8_t> bytes);
/// Strict: nothing for other characters, padding, a length that cannot be, or bits left over, so
/// that each value has one text.
std::optional<std::vector<std::uint8_t>> decodeBase64Url(std::string_view text);

}  // namespace scanhost
