// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Access tokens of the configured authorization server: verified here, by its keys.
///
/// What must hold: the signature, by a key of the issuer and an algorithm of the allow-list; iss
/// and aud, exactly; exp, and nbf where there is one, within the leeway; a type that is that of an
/// access token, where one is said; a subject. Scopes become roles. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/auth/jwks_source.h"
#include "host/config/config.h"
#include "host/http/caller.h"

namespace scanhost {

class AccessTokens {
 public:
  AccessTokens(OauthConfig config, std::unique_ptr<JwksSource> keys,
               const TimeSource& time = TimeSource::system())
      : config_(std::move(config)), keys_(std::move(keys)), time_(time) {}
  /// With the keys that the configuration names; `on_trouble` hears why they cannot be had.
  static Result<std::unique_ptr<AccessTokens>> make(
      const OauthConfig& config, std::function<void(const std::string&)> on_trouble);

  /// The caller "oauth:<sub>". Auth when the token is not good, transient when there are no keys to
  /// tell by. A token without any of our scopes is good, and its caller may do nothing.
  Result<http::Caller> verify(std::string_view token) const;

 private:
  Status checkClaims(const Json& claims) const;
  bool isForUs(const Json& audience) const;
  std::set<std::string> rolesOf(const Json& claims) const;

  const OauthConfig config_;
  const std::unique_ptr<JwksSource> keys_;
  const TimeSource& time_;
};

}  // namespace scanhost
