// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a scan reached: *nothing found* and *nothing tested* are different answers.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/base/result.h"
#include "host/findings/authentication.h"

namespace scanhost {

struct Coverage {
  std::uint64_t addresses_requested = 0;
  std::uint64_t hosts_answered = 0;
  std::uint64_t hosts_silent = 0;
  std::optional<AuthenticationCounts> authentication;  ///< nothing for an untrusted scan

  Json toJson() const;
  static Result<Coverage> fromJson(const Json& json);
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

/// Gathers host reports into a coverage, in any order and with repeats. One thread at a time.
class CoverageTally {
 public:
  /// More than `most_hosts` distinct hosts are not told apart any more: a plugin cannot make the
  /// host grow without end.
  CoverageTally(std::uint64_t addresses_requested, bool authenticated,
                std::size_t most_hosts = 262'144);

  /// A host answered; `login` holds bits SCANHOST_LOGIN_*, 0 when nothing is known. Names are
  /// compared without regard to letter case.
  void answered(std::string_view host, std::uint32_t login);

  /// Calls `take` with each host that answered, in lowercase, and how far login went on it.
  template <class Take>
  void eachHost(Take&& take) const {
    for (const auto& [host, login] : login_by_host_) take(host, hostAuthentication(login));
  }

  /// `silent`: as the scanner counts them; nothing: all requested addresses that did not answer.
  Coverage coverage(std::optional<std::uint64_t> silent = std::nullopt) const;

 private:
  std::uint64_t addresses_requested_;
  bool authenticated_;
  std::size_t most_hosts_;
  std::unordered_map<std::string, std::uint32_t> login_by_host_;
};

}  // namespace scanhost
