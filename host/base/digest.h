// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// SHA-256 (FIPS 180-4), for identities and pins.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace scanhost {

/// Safe to call from any thread; `toHex` of host/base/random.h writes it as text.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

}  // namespace scanhost
