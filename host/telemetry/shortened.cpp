// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/shortened.h"

#include <string>
#include <utility>

#include "host/telemetry/estimate.h"

namespace scanhost {
namespace {

Json shortenedText(const std::string& text, std::size_t limit) {
  std::size_t end = limit;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // splits no UTF-8 character
  return text.substr(0, end) + "... (" + std::to_string(text.size()) + " bytes)";
}

std::string more(std::size_t count) {
  return "... (" + std::to_string(count) + " more)";
}

Json shortenedArray(const Json& value, std::size_t limit) {
  Json out = Json::array();
  std::size_t bytes = 0;
  for (const Json& item : value.items()) {
    Json kept = shortened(item, limit / 2);
    bytes += estimateBytes(kept);
    if (bytes > limit) {
      out.push(more(value.size() - out.size()));
      break;
    }
    out.push(std::move(kept));
  }
  return out;
}

Json shortenedObject(const Json& value, std::size_t limit) {
  Json out = Json::object();
  std::size_t bytes = 0;
  for (const auto& [name, member] : value.members()) {
    Json kept = shortened(member, limit / 2);
    bytes += writtenBytes(name) + estimateBytes(kept);
    if (bytes > limit) {
      out["..."] = more(value.size() - out.size());  // also in place of a member of that name
      break;
    }
    out[name] = std::move(kept);
  }
  return out;
}

}  // namespace

Json shortened(const Json& value, std::size_t limit) {
  if (value.asString().size() > limit) return shortenedText(value.asString(), limit);
  if (value.size() == 0 || estimateBytes(value) <= limit) return value;
  return value.isArray() ? shortenedArray(value, limit) : shortenedObject(value, limit);
}

}  // namespace scanhost
