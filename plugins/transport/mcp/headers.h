// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the headers of a request say: media types, and values that may be in Base64. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scanhost::mcp {

/// In lower case; ASCII alone.
std::string lowered(std::string_view text);

/// Whether a Content-Type is application/json, with or without parameters.
bool isJsonType(std::string_view content_type);

/// Which of our two forms an Accept header allows. Lenient: a header that names neither counts as
/// one that allows JSON, since clients exist that send less than they can read.
struct Accepted {
  bool json = true;
  bool stream = false;
};
Accepted readAccept(std::optional<std::string_view> accept);

/// The value behind "=?base64?...?=", or the text itself without that wrapping. Nothing when the
/// wrapping holds no canonical Base64.
std::optional<std::string> decodeHeaderValue(std::string_view value);

}  // namespace scanhost::mcp
