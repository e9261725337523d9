// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Memory of a JSON value, near enough to bound a ring by.
#pragma once

#include <scanhost/json.h>

#include <cstddef>
#include <string>

namespace scanhost {

inline std::size_t estimateBytes(const Json& value) {
  std::size_t bytes = sizeof(Json) + value.asString().size();
  for (const Json& item : value.items()) bytes += estimateBytes(item);
  for (const Json::Member& member : value.members())
    bytes += sizeof(std::string) + member.first.size() + estimateBytes(member.second);
  return bytes;
}

}  // namespace scanhost
