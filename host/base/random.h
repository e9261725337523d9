// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Randomness from the kernel's generator, and the identifiers made of it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace scanhost {

/// Fills from getrandom(2). Safe to call from any thread.
void fillRandom(std::span<std::uint8_t> out);

template <std::size_t Size>
std::array<std::uint8_t, Size> randomBytes() {
  std::array<std::uint8_t, Size> bytes;
  fillRandom(bytes);
  return bytes;
}

/// Lowercase hexadecimal.
std::string toHex(std::span<const std::uint8_t> bytes);

/// A version 4 UUID (RFC 9562), lowercase.
std::string randomUuid();

}  // namespace scanhost
