// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// JSON Web Tokens in the compact form (RFC 7519, RFC 7515), read strictly. Pure.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/config/config.h"

namespace scanhost {

struct Jwt {
  JwtAlgorithm algorithm{};
  std::string key_id;  ///< empty: not named
  std::string type;    ///< lower case, without "application/"; empty: not said
  Json claims;
  std::string_view signed_text;  ///< within the token
  std::vector<std::uint8_t> signature;

  /// Nothing of it is verified. Class auth.
  static Result<Jwt> parse(std::string_view token);
};

/// Whether a bearer token has the form of one: three parts.
bool looksLikeJwt(std::string_view token);

}  // namespace scanhost
