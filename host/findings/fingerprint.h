// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The identity of a weakness from scan to scan.
#pragma once

#include <string>
#include <string_view>

namespace scanhost {

/// What the published rule, version 1, is computed over.
struct FingerprintParts {
  std::string_view scanner_family;
  std::string_view plugin_id;
  std::string_view host;  ///< letter case does not count
  std::string_view port;
  std::string_view protocol;
  std::string_view check_key;  ///< what the check marks as its own; often empty
};

/// "1:" and the first 32 hexadecimal digits of SHA-256 over the six parts in the order above, the
/// host in lowercase (ASCII letters), each preceded by its length in bytes, 4 bytes big-endian.
/// Changing this rule gives every stored finding another identity: a new one gets a new number.
std::string fingerprint(const FingerprintParts& parts);

}  // namespace scanhost
