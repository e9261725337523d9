// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Finds out who asks, for the listener: by a bearer token, ours or an authorization server's, or
/// by the client's certificate, where callers are to show who they are.
///
/// Made from a configuration, and made anew for another; what was counted of clients stays. Any
/// thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/auth/access_tokens.h"
#include "host/auth/rate_limiter.h"
#include "host/auth/token_book.h"
#include "host/config/config.h"
#include "host/http/message.h"

namespace scanhost {

/// What outlives a change of the configuration: how often each client asked.
struct ClientRates {
  RateLimiter requests{{}};
  /// Of requests without a valid credential, by address: what is over it is refused without a word
  /// in the log. A valid credential passes all the same, for many clients may share an address.
  RateLimiter failures{{1, 20}};
};

class CallerCheck {
 public:
  /// Who hears, while it is in use, what ails the tokens file and the issuer's keys.
  struct Troubles {
    std::function<void(const std::string&)> tokens, keys;
  };

  /// `rates` outlives it. Keys that the one `before` has fetched are good for this one, too. Fails
  /// with a message that begins with the key and names the file.
  static Result<std::shared_ptr<const CallerCheck>> make(const Config& config, ClientRates& rates,
                                                         Troubles troubles,
                                                         const CallerCheck* before = nullptr);

  /// As http::CallerResolver.
  Result<http::Caller> find(const http::Request& request) const;

 private:
  CallerCheck(const Config& config, ClientRates& rates);

  Result<http::Caller> identify(const http::Request& request) const;
  Result<http::Caller> byToken(std::string_view token) const;
  Result<http::Caller> byCertificate(const http::ClientCertificate& shown) const;

  const AuthMode mode_;
  std::vector<CertificateConfig> certificates_;  ///< names of hosts and mail in lower case
  ClientRates& rates_;
  std::optional<TokenBook> tokens_;
  std::shared_ptr<const AccessTokens> access_tokens_;
};

/// How often one client may ask, with the defaults that depend on auth.mode.
Rate requestRate(const Config& config);

}  // namespace scanhost
