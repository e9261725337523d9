// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Memory of a JSON value, or of the text it is written as, near enough to bound a ring by.
#pragma once

#include <scanhost/json.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace scanhost {

/// Of a text written as a JSON string, at most: what is no UTF-8 takes three for one.
inline std::size_t writtenBytes(std::string_view text) {
  std::size_t bytes = text.size();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      bytes += 5;
    else if (byte >= 0x80)
      bytes += 2;
    else if (byte == '"' || byte == '\\')
      bytes += 1;
  }
  return bytes;
}

inline std::size_t estimateBytes(const Json& value) {
  std::size_t bytes = sizeof(Json) + writtenBytes(value.asString());
  for (const Json& item : value.items()) bytes += estimateBytes(item);
  for (const Json::Member& member : value.members())
    bytes += sizeof(std::string) + writtenBytes(member.first) + estimateBytes(member.second);
  return bytes;
}

}  // namespace scanhost
