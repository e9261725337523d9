// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/caller_check.h"

#include <Poco/Net/IPAddress.h>

#include <algorithm>

#include "host/auth/bearer.h"
#include "host/auth/jwt.h"
#include "host/http/address.h"
#include "host/http/head.h"

namespace scanhost {
namespace {

/// An IPv6 client has a network of its own, and any address in it.
std::string addressKey(const std::string& address) {
  using Poco::Net::IPAddress;
  const auto parsed = http::parseAddress(address);
  if (!parsed || parsed->family() != IPAddress::IPv6) return address;
  return http::textOf(*parsed & IPAddress(64, IPAddress::IPv6));
}

tl::unexpected<Error> tooOften(std::chrono::nanoseconds wait) {
  Error error{ErrorClass::busy, "this client asks too often"};
  error.retry_after = wait;
  return tl::unexpected<Error>(std::move(error));
}

bool isRefusal(const Error& error) {
  return error.error_class == ErrorClass::auth || error.error_class == ErrorClass::config;
}

std::set<std::string> namesOf(const std::set<Role>& roles) {
  std::set<std::string> names;
  for (const Role role : roles) names.emplace(roleName(role));
  return names;
}

}  // namespace

Rate requestRate(const Config& config) {
  constexpr double default_per_second = 500;
  const double per_second = config.limits.requests_per_second.value_or(
      config.auth.mode == AuthMode::none ? 0 : default_per_second);
  return {per_second, static_cast<double>(config.limits.request_burst)};
}

CallerCheck::CallerCheck(const Config& config, ClientRates& rates)
    : mode_(config.auth.mode), certificates_(config.auth.certificates), rates_(rates) {
  for (CertificateConfig& one : certificates_)
    if (!one.subject.starts_with("URI:") && !one.subject.starts_with("CN:"))
      for (std::size_t i = one.subject.find(':'); i < one.subject.size(); ++i)
        if (one.subject[i] >= 'A' && one.subject[i] <= 'Z')
          one.subject[i] = static_cast<char>(one.subject[i] + 32);
}

Result<std::shared_ptr<const CallerCheck>> CallerCheck::make(const Config& config,
                                                             ClientRates& rates, Troubles troubles,
                                                             const CallerCheck* before) {
  const std::shared_ptr<CallerCheck> check(new CallerCheck(config, rates));
  if (config.auth.mode == AuthMode::none) return check;
  const auto refuse = [](const char* key, const Error& error) {
    return fail(error.error_class, std::string(key) + ": " + error.message);
  };
  if (!config.auth.tokens_file.empty()) {
    check->tokens_.emplace(config.auth.tokens_file, std::move(troubles.tokens));
    if (const Status readable = check->tokens_->state(); !readable)
      return refuse("auth.tokens_file", readable.error());
  }
  if (before && before->access_tokens_ && config.auth.oauth.jwks_file.empty()) {
    check->access_tokens_ = before->access_tokens_;
  } else if (config.auth.oauth.enabled()) {
    auto tokens = AccessTokens::make(config.auth.oauth, std::move(troubles.keys));
    if (!tokens) return refuse("auth.oauth", tokens.error());
    check->access_tokens_ = std::move(*tokens);
  }
  return check;
}

Result<http::Caller> CallerCheck::find(const http::Request& request) const {
  auto caller = identify(request);
  if (!caller) {
    if (!isRefusal(caller.error())) return caller;
    if (const auto wait = rates_.failures.take(addressKey(request.remoteAddress())))
      return tooOften(*wait);
    return caller;
  }
  // Subjects never begin with a space, so no address is taken for one.
  const std::string client =
      mode_ == AuthMode::none ? " " + addressKey(request.remoteAddress()) : caller->subject;
  if (const auto wait = rates_.requests.take(client)) return tooOften(*wait);
  return caller;
}

Result<http::Caller> CallerCheck::identify(const http::Request& request) const {
  if (mode_ == AuthMode::none) {
    http::Caller anonymous;
    anonymous.roles = namesOf({Role::client, Role::metrics});
    return anonymous;
  }
  const auto header = request.header("Authorization");
  if (std::count_if(request.headers().begin(), request.headers().end(), [](const auto& field) {
        return http::equalsIgnoringCase(field.first, "Authorization");
      }) > 1)
    return fail(ErrorClass::config, "there are several Authorization headers");
  if (!header) {
    const auto certificate = certificates_.empty() ? std::nullopt : request.clientCertificate();
    if (certificate) return byCertificate(*certificate);
    return fail(ErrorClass::auth, "no token was given");
  }
  const auto token = bearerToken(*header);
  if (!token) return tl::unexpected<Error>(token.error());
  return byToken(*token);
}

Result<http::Caller> CallerCheck::byToken(std::string_view token) const {
  if (access_tokens_ && looksLikeJwt(token)) return access_tokens_->verify(token);
  if (!tokens_) return fail(ErrorClass::auth, "the token is not known");
  const auto record = tokens_->find(token);
  if (!record) return tl::unexpected<Error>(record.error());
  http::Caller caller{record->name, namesOf(record->roles), {}};
  if (record->expires.micros != 0) caller.expiry = record->expires;
  return caller;
}

Result<http::Caller> CallerCheck::byCertificate(const http::ClientCertificate& shown) const {
  const auto found =
      std::find_if(certificates_.begin(), certificates_.end(), [&](const CertificateConfig& known) {
        return std::find(shown.names.begin(), shown.names.end(), known.subject) !=
               shown.names.end();
      });
  if (found == certificates_.end())
    return fail(ErrorClass::auth, "no caller of auth.certificates has the certificate's names");
  // The handshake saw to it once; a connection may go on after the end, and a session be resumed.
  if (shown.not_after <= Timestamp::now())
    return fail(ErrorClass::auth, "the certificate of " + found->name + " has expired");
  return http::Caller{"cert:" + found->name, namesOf({found->roles.begin(), found->roles.end()}),
                      shown.not_after};
}

}  // namespace scanhost
