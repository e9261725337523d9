// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How far logins went: per host from the scanner's evidence, and over all hosts of a scan.
#pragma once

#include <scanhost/abi/scanner.h>
#include <scanhost/json.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "host/base/result.h"

namespace scanhost {

enum class HostAuthentication { unknown, success, partial, failed };

/// From the bits SCANHOST_LOGIN_*; evidence of one host adds up by "or", in whatever order it came.
HostAuthentication hostAuthentication(std::uint32_t login);
/// The evidence that stands for a state, for a scanner that knows only the state.
std::uint32_t loginEvidence(HostAuthentication state);

/// Answering hosts by state.
struct AuthenticationCounts {
  std::uint64_t success = 0;
  std::uint64_t failed = 0;
  std::uint64_t partial = 0;
  std::uint64_t unknown = 0;

  void add(HostAuthentication state);
  Json toJson() const;
  static Result<AuthenticationCounts> fromJson(const Json& json);
  friend bool operator==(const AuthenticationCounts&, const AuthenticationCounts&) = default;
};

enum class AuthenticationStatus { not_applicable, success, partial, failed, unknown };

/// As clients see it: "not_applicable", "success", ...
std::string_view authenticationName(AuthenticationStatus status);
std::optional<AuthenticationStatus> parseAuthentication(std::string_view name);

/// Nothing for an untrusted scan, which is not applicable. It does not depend on the order of
/// hosts.
AuthenticationStatus overallAuthentication(const std::optional<AuthenticationCounts>& counts);

}  // namespace scanhost
