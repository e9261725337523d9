// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/authentication.h"

#include <algorithm>
#include <array>

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 5> status_names{"not_applicable", "success", "partial",
                                                       "failed", "unknown"};

}  // namespace

HostAuthentication hostAuthentication(std::uint32_t login) {
  const bool weak = (login & SCANHOST_LOGIN_WEAK) != 0;
  const bool bad = (login & SCANHOST_LOGIN_BAD) != 0;
  if (login & SCANHOST_LOGIN_GOOD)
    return weak || bad ? HostAuthentication::partial : HostAuthentication::success;
  if (weak) return HostAuthentication::partial;
  return bad ? HostAuthentication::failed : HostAuthentication::unknown;
}

std::uint32_t loginEvidence(HostAuthentication state) {
  switch (state) {
    case HostAuthentication::success: return SCANHOST_LOGIN_GOOD;
    case HostAuthentication::partial: return SCANHOST_LOGIN_WEAK;
    case HostAuthentication::failed: return SCANHOST_LOGIN_BAD;
    case HostAuthentication::unknown: break;
  }
  return 0;
}

void AuthenticationCounts::add(HostAuthentication state) {
  switch (state) {
    case HostAuthentication::success: ++success; return;
    case HostAuthentication::partial: ++partial; return;
    case HostAuthentication::failed: ++failed; return;
    case HostAuthentication::unknown: ++unknown; return;
  }
}

Json AuthenticationCounts::toJson() const {
  return Json::object(
      {{"success", success}, {"failed", failed}, {"partial", partial}, {"unknown", unknown}});
}

Result<AuthenticationCounts> AuthenticationCounts::fromJson(const Json& json) {
  AuthenticationCounts counts;
  const std::pair<const char*, std::uint64_t*> members[] = {{"success", &counts.success},
                                                            {"failed", &counts.failed},
                                                            {"partial", &counts.partial},
                                                            {"unknown", &counts.unknown}};
  for (const auto& [name, count] : members) {
    const std::int64_t value = json[name].asInteger(-1);
    if (value < 0)
      return fail(ErrorClass::internal,
                  std::string("stored authentication counts: '") + name + "' is no count");
    *count = static_cast<std::uint64_t>(value);
  }
  return counts;
}

std::string_view authenticationName(AuthenticationStatus status) {
  return status_names[static_cast<std::size_t>(status)];
}

std::optional<AuthenticationStatus> parseAuthentication(std::string_view name) {
  const auto found = std::find(status_names.begin(), status_names.end(), name);
  if (found == status_names.end()) return std::nullopt;
  return static_cast<AuthenticationStatus>(found - status_names.begin());
}

AuthenticationStatus overallAuthentication(const std::optional<AuthenticationCounts>& counts) {
  if (!counts) return AuthenticationStatus::not_applicable;
  const bool all_success =
      counts->success > 0 && counts->failed + counts->partial + counts->unknown == 0;
  if (all_success) return AuthenticationStatus::success;
  if (counts->success + counts->partial > 0) return AuthenticationStatus::partial;
  return counts->failed > 0 ? AuthenticationStatus::failed : AuthenticationStatus::unknown;
}

}  // namespace scanhost
