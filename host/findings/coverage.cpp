// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/coverage.h"

#include "host/findings/ascii.h"

namespace scanhost {

Json Coverage::toJson() const {
  return Json::object({{"addresses_requested", addresses_requested},
                       {"hosts_answered", hosts_answered},
                       {"hosts_silent", hosts_silent},
                       {"authentication", authentication ? authentication->toJson() : Json()}});
}

Result<Coverage> Coverage::fromJson(const Json& json) {
  Coverage coverage;
  const std::pair<const char*, std::uint64_t*> members[] = {
      {"addresses_requested", &coverage.addresses_requested},
      {"hosts_answered", &coverage.hosts_answered},
      {"hosts_silent", &coverage.hosts_silent}};
  for (const auto& [name, count] : members) {
    const std::int64_t value = json[name].asInteger(-1);
    if (value < 0)
      return fail(ErrorClass::internal,
                  std::string("stored coverage: '") + name + "' is no count of hosts");
    *count = static_cast<std::uint64_t>(value);
  }
  if (json["authentication"].isNull()) return coverage;
  auto counts = AuthenticationCounts::fromJson(json["authentication"]);
  if (!counts) return tl::unexpected(counts.error());
  coverage.authentication = *counts;
  return coverage;
}

CoverageTally::CoverageTally(std::uint64_t addresses_requested, bool authenticated,
                             std::size_t most_hosts)
    : addresses_requested_(addresses_requested),
      authenticated_(authenticated),
      most_hosts_(most_hosts) {}

void CoverageTally::answered(std::string_view host, std::uint32_t login) {
  const std::string name = asciiLower(host);
  const auto known = login_by_host_.find(name);
  if (known != login_by_host_.end())
    known->second |= login;
  else if (login_by_host_.size() < most_hosts_)
    login_by_host_.emplace(name, login);
}

Coverage CoverageTally::coverage(std::optional<std::uint64_t> silent) const {
  Coverage coverage;
  coverage.addresses_requested = addresses_requested_;
  coverage.hosts_answered = login_by_host_.size();
  const std::uint64_t unheard = addresses_requested_ > coverage.hosts_answered
                                    ? addresses_requested_ - coverage.hosts_answered
                                    : 0;
  coverage.hosts_silent = silent.value_or(unheard);
  if (!authenticated_) return coverage;
  coverage.authentication.emplace();
  for (const auto& [host, login] : login_by_host_)
    coverage.authentication->add(hostAuthentication(login));
  return coverage;
}

}  // namespace scanhost
