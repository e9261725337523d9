// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a stranger may put into an Authorization header, and an issuer's server into its key set:
/// all of it is read or refused, and no token is good that the issuer did not sign. The first line
/// is the header, the rest the key set.
#include "host/auth/access_tokens.h"
#include "host/auth/bearer.h"
#include "host/auth/jwt.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost {
namespace {

/// The key of RFC 8037, appendix A.
constexpr const char* key_set =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

AccessTokens issuersTokens() {
  OauthConfig config;
  config.issuer = "https://login.example.org";
  config.audience = "scanhost";
  config.algorithms = {JwtAlgorithm::rs256, JwtAlgorithm::ps256, JwtAlgorithm::es256,
                       JwtAlgorithm::eddsa};
  return AccessTokens(
      config, std::make_unique<JwksSource>([] { return Result<std::string>(key_set); }, nullptr));
}

void readHeader(std::string_view header) {
  static const AccessTokens tokens = issuersTokens();
  const auto token = bearerToken(header);
  if (!token) return;
  fuzz::require(!token->empty() && token->size() <= max_bearer_bytes, "a token is within bounds");
  if (const auto jwt = Jwt::parse(*token)) {
    fuzz::require(jwt->claims.isObject(), "claims are an object");
    fuzz::require(token->starts_with(jwt->signed_text), "what is signed is the token's beginning");
  }
  fuzz::require(!tokens.verify(*token), "nobody but the issuer makes tokens");
}

void readKeySet(std::string_view text) {
  const auto keys = Jwks::parse(text);
  if (!keys) return;
  fuzz::require(!keys->keys().empty() && keys->keys().size() <= Jwks::max_keys,
                "a key set holds a bounded number of keys");
  for (const JwksKey& key : keys->keys())
    for (const JwtAlgorithm algorithm :
         {JwtAlgorithm::rs256, JwtAlgorithm::ps256, JwtAlgorithm::es256, JwtAlgorithm::eddsa})
      fuzz::require(!key.verifies(algorithm, "text", {1, 2, 3}), "a made-up signature is none");
}

}  // namespace
}  // namespace scanhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view text = scanhost::fuzz::asText(bytes, size);
  scanhost::readHeader(scanhost::fuzz::takeLine(text));
  scanhost::readKeySet(text);
  return 0;
}
