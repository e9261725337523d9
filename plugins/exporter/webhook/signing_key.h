// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Signs what is sent, by Standard Webhooks (https://www.standardwebhooks.com/): whoever knows the
/// secret can tell that a notice came from here, is whole and is new. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::webhook {

class SigningKey {
 public:
  static constexpr std::size_t least_bytes = 24, most_bytes = 64;

  /// Of "whsec_" and the base64 of 24 to 64 bytes; nothing for any other text.
  static std::optional<SigningKey> read(std::string_view secret);

  /// "v1," and the base64 of HMAC-SHA256 over "ID.SECONDS.BODY".
  std::string sign(std::string_view id, std::int64_t seconds, std::string_view body) const;

 private:
  explicit SigningKey(std::string bytes) : bytes_(std::move(bytes)) {}

  std::string bytes_;
};

}  // namespace scanhost::webhook
