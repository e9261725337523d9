// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace scanhost {

void fillRandom(std::span<std::uint8_t> out) {
  for (std::size_t filled = 0; filled < out.size();) {
    const ssize_t count = getrandom(out.data() + filled, out.size() - filled, 0);
    if (count > 0)
      filled += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "getrandom");
  }
}

std::string toHex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

std::string randomUuid() {
  auto bytes = randomBytes<16>();
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string hex = toHex(bytes);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
  return hex;
}

}  // namespace scanhost
