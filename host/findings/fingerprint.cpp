// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/fingerprint.h"

#include <cstdint>
#include <span>

#include "host/base/digest.h"
#include "host/base/random.h"
#include "host/findings/ascii.h"

namespace scanhost {
namespace {

void appendPart(std::string& out, std::string_view part) {
  const auto length = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift & 0xFF);
  out += part;
}

}  // namespace

std::string fingerprint(const FingerprintParts& parts) {
  std::string bytes;
  appendPart(bytes, parts.scanner_family);
  appendPart(bytes, parts.plugin_id);
  appendPart(bytes, asciiLower(parts.host));
  appendPart(bytes, parts.port);
  appendPart(bytes, parts.protocol);
  appendPart(bytes, parts.check_key);
  const auto digest = sha256(bytes);
  return "1:" + toHex(std::span(digest).first(16));
}

}  // namespace scanhost
