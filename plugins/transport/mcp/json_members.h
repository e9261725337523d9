// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Members of a JSON object appended to its text. Any thread.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <string_view>

namespace scanhost::mcp {

/// `"name":json`, after a comma where something stands before it.
inline void appendMember(std::string& out, std::string_view name, std::string_view json) {
  if (!out.empty() && out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
  out += json;
}

/// The same with a text, escaped.
inline void appendString(std::string& out, std::string_view name, std::string_view text) {
  appendMember(out, name, {});
  Json::writeString(out, text);
}

/// The same, or nothing for an empty text.
inline void appendOptional(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) appendString(out, name, text);
}

}  // namespace scanhost::mcp
