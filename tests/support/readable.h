// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// For the names of parameterised tests: a PrintTo that gives text as it is, whatever is in it.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::testing_support {

/// Printable ASCII as it is, every other byte as \xNN.
inline std::string readable(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~')
      out += c;
    else
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

}  // namespace scanhost::testing_support
