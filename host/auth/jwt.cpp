// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/jwt.h"

#include <algorithm>
#include <optional>

#include "host/auth/jwks.h"
#include "host/base/base64.h"

namespace scanhost {
namespace {

constexpr std::size_t max_key_id = 256;

std::optional<Json> readPart(std::string_view part) {
  const auto bytes = decodeBase64Url(part);
  if (!bytes) return std::nullopt;
  auto json = Json::tryParse({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                             {.depth = 16, .values = 2'000});
  if (!json || !json->isObject()) return std::nullopt;
  return json;
}

std::string typeOf(const Json& header) {
  std::string type = header["typ"].asString();
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  constexpr std::string_view media = "application/";
  return type.starts_with(media) ? type.substr(media.size()) : type;
}

}  // namespace

bool looksLikeJwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

Result<Jwt> Jwt::parse(std::string_view token) {
  const auto refuse = [](const char* why) { return fail(ErrorClass::auth, why); };
  if (!looksLikeJwt(token)) return refuse("the token is no JWT");
  const std::size_t first = token.find('.'), second = token.rfind('.');
  const auto header = readPart(token.substr(0, first));
  auto claims = readPart(token.substr(first + 1, second - first - 1));
  auto signature = decodeBase64Url(token.substr(second + 1));
  if (!header || !claims || !signature || signature->empty()) return refuse("the JWT is malformed");
  const auto algorithm = jwtAlgorithmNamed((*header)["alg"].asString());
  if (!algorithm) return refuse("the JWT's alg is none of RS256, PS256, ES256 and EdDSA");
  if (header->has("crit")) return refuse("the JWT demands extensions (crit) that are unknown here");
  Jwt jwt;
  jwt.algorithm = *algorithm;
  jwt.key_id = (*header)["kid"].asString();
  if (jwt.key_id.size() > max_key_id) return refuse("the JWT's kid is too long");
  jwt.type = typeOf(*header);
  jwt.claims = std::move(*claims);
  jwt.signed_text = token.substr(0, second);
  jwt.signature = std::move(*signature);
  return jwt;
}

}  // namespace scanhost
