// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/access_tokens.h"

#include <algorithm>
#include <optional>

#include "host/auth/jwt.h"

namespace scanhost {
namespace {

constexpr std::size_t max_subject = 255;

tl::unexpected<Error> refuse(const std::string& why) {
  return fail(ErrorClass::auth, why);
}

/// NumericDate: seconds, perhaps with a fraction. Bounded, so that sums cannot overflow.
std::optional<std::int64_t> microsOf(const Json& date) {
  constexpr double latest = 253'402'300'799;  // the end of the year 9999
  if (!date.isNumber()) return std::nullopt;
  const double seconds = date.asNumber();
  if (!(seconds >= 0 && seconds <= latest)) return std::nullopt;
  return static_cast<std::int64_t>(seconds * 1e6);
}

bool isSubject(std::string_view text) {
  return !text.empty() && text.size() <= max_subject &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// An ID token, for one, is signed by the same keys and is no access token.
bool isAccessTokenType(std::string_view type) {
  return type.empty() || type == "at+jwt" || type == "jwt";
}

/// Of "scope", words in a text (RFC 9068), and of "scp", a text or a list, as some servers have it.
std::vector<std::string> scopesIn(const Json& claims) {
  std::vector<std::string> scopes;
  const auto add = [&](std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      if (end > 0) scopes.emplace_back(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  };
  for (const char* name : {"scope", "scp"}) {
    add(claims[name].asString());
    for (const Json& item : claims[name].items()) add(item.asString());
  }
  return scopes;
}

}  // namespace

Result<std::unique_ptr<AccessTokens>> AccessTokens::make(
    const OauthConfig& config, std::function<void(const std::string&)> on_trouble) {
  std::unique_ptr<JwksSource> keys;
  if (!config.jwks_file.empty()) {
    auto read = JwksSource::fromFile(config.jwks_file);
    if (!read) return tl::unexpected<Error>(read.error());
    keys = std::move(*read);
  } else {
    keys = std::make_unique<JwksSource>(
        [url = config.jwks_url, ca_file = config.ca_file] {
          return fetchDocument(url, ca_file, Jwks::max_bytes);
        },
        std::move(on_trouble));
  }
  return std::make_unique<AccessTokens>(config, std::move(keys));
}

Result<http::Caller> AccessTokens::verify(std::string_view token) const {
  const auto jwt = Jwt::parse(token);
  if (!jwt) return tl::unexpected<Error>(jwt.error());
  const auto& allowed = config_.algorithms;
  if (std::find(allowed.begin(), allowed.end(), jwt->algorithm) == allowed.end())
    return refuse("the JWT's alg is not among auth.oauth.algorithms");
  if (!isAccessTokenType(jwt->type)) return refuse("the JWT's typ is not that of an access token");
  // Before any key is looked for: a token of another issuer must not make us ask ours.
  if (const Status good = checkClaims(jwt->claims); !good)
    return tl::unexpected<Error>(good.error());
  const auto keys = keys_->keysFor(jwt->key_id, jwt->algorithm);
  if (!keys) return tl::unexpected<Error>(keys.error());
  if (std::none_of(keys->begin(), keys->end(), [&](const JwksKey& key) {
        return key.verifies(jwt->algorithm, jwt->signed_text, jwt->signature);
      }))
    return refuse("the JWT's signature is not the issuer's");
  http::Caller caller;
  caller.subject = "oauth:" + jwt->claims["sub"].asString();
  caller.roles = rolesOf(jwt->claims);
  caller.expiry = Timestamp{*microsOf(jwt->claims["exp"])};
  return caller;
}

Status AccessTokens::checkClaims(const Json& claims) const {
  if (claims["iss"].asString() != config_.issuer)
    return refuse("the JWT is of another issuer than auth.oauth.issuer");
  if (!isForUs(claims["aud"])) return refuse("the JWT is for another audience");
  if (!isSubject(claims["sub"].asString())) return refuse("the JWT names no usable subject");
  const std::int64_t now = time_.wall().micros;
  const std::int64_t leeway = std::chrono::microseconds(config_.leeway).count();
  const auto expires = microsOf(claims["exp"]);
  if (!expires) return refuse("the JWT does not say when it expires");
  if (*expires + leeway <= now) return refuse("the JWT has expired");
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.has(name)) continue;
    const auto begins = microsOf(claims[name]);
    if (!begins || *begins - leeway > now)
      return refuse(std::string("the JWT is not good yet (") + name + ")");
  }
  return {};
}

bool AccessTokens::isForUs(const Json& audience) const {
  if (audience.isString()) return audience.asString() == config_.audience;
  return std::any_of(audience.items().begin(), audience.items().end(),
                     [&](const Json& one) { return one.asString() == config_.audience; });
}

std::set<std::string> AccessTokens::rolesOf(const Json& claims) const {
  std::set<std::string> roles;
  for (const std::string& scope : scopesIn(claims))
    for (const Role role : all_roles)
      if (scope == config_.scopeOf(role)) roles.emplace(roleName(role));
  return roles;
}

}  // namespace scanhost
