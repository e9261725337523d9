// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Public keys of an issuer (RFC 7517) and signatures made with theirs (RFC 7518), by OpenSSL.
/// Immutable once read; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/config/config.h"

namespace scanhost {

/// "RS256"; nothing for "none", for HMAC, and for whatever else is not taken here.
std::optional<JwtAlgorithm> jwtAlgorithmNamed(std::string_view name);

class JwksKey {
 public:
  const std::string& id() const { return id_; }
  /// Whether the key may be used for signatures of that kind.
  bool suits(JwtAlgorithm algorithm) const;
  bool verifies(JwtAlgorithm algorithm, std::string_view signed_text,
                const std::vector<std::uint8_t>& signature) const;

 private:
  friend class Jwks;
  enum class Kind { rsa, p256, ed25519 };

  std::string id_;
  Kind kind_{};
  std::optional<JwtAlgorithm> only_;  ///< where the key names one
  std::shared_ptr<void> key_;         ///< an EVP_PKEY
};

class Jwks {
 public:
  static constexpr std::size_t max_bytes = 256 * 1024;
  static constexpr std::size_t max_keys = 64;

  /// Passes over keys of kinds that are not taken here, and over those that are not for signatures
  /// or too weak (RSA below 2048 bits); fails when none is left.
  static Result<Jwks> parse(std::string_view json);

  const std::vector<JwksKey>& keys() const { return keys_; }

 private:
  std::vector<JwksKey> keys_;
};

}  // namespace scanhost
