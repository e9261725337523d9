// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Memory of a JSON value, or of the text it is written as, near enough to bound a ring by.
#pragma once

#include <scanhost/json.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace scanhost {

/// Of a text's bytes those that may be written as six.
inline std::size_t countEscaped(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  }));
}

inline std::size_t estimateBytes(const Json& value) {
  std::size_t bytes = sizeof(Json) + value.asString().size() + 5 * countEscaped(value.asString());
  for (const Json& item : value.items()) bytes += estimateBytes(item);
  for (const Json::Member& member : value.members())
    bytes += sizeof(std::string) + member.first.size() + estimateBytes(member.second);
  return bytes;
}

}  // namespace scanhost
