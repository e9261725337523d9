// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/reached_hosts.h"

#include <array>
#include <utility>

#include "host/findings/ascii.h"
#include "host/policy/targets.h"

namespace scanhost {
namespace {

constexpr std::array<std::pair<HostAuthentication, const char*>, 4> state_names{
    {{HostAuthentication::unknown, "unknown"},
     {HostAuthentication::success, "success"},
     {HostAuthentication::partial, "partial"},
     {HostAuthentication::failed, "failed"}}};

}  // namespace

void ReachedHosts::add(std::string_view host, HostAuthentication login) {
  Group& group = groups_[login];
  if (const auto address = parseAddress(host))
    group.ranges.push_back(rangeOf(*address));
  else
    group.names.insert(asciiLower(host));
}

void ReachedHosts::seal() {
  for (auto& [state, group] : groups_)
    group.addresses = AddressSet(std::exchange(group.ranges, {}));
}

std::optional<HostAuthentication> ReachedHosts::find(std::string_view host) const {
  const auto address = parseAddress(host);
  for (const auto& [state, group] : groups_)
    if (address ? group.addresses.covers(rangeOf(*address))
                : group.names.count(asciiLower(host)) != 0)
      return state;
  return std::nullopt;
}

Json ReachedHosts::toJson(std::size_t most_bytes) const {
  Json out = Json::object();
  std::size_t bytes = 0;
  for (const auto& [state, name] : state_names) {
    const auto found = groups_.find(state);
    if (found == groups_.end()) continue;
    Json hosts = Json::array();
    const auto push = [&](std::string text) {
      bytes += text.size() + 3;
      if (bytes <= most_bytes) hosts.push(std::move(text));
    };
    for (const AddressRange& range : found->second.addresses.ranges()) push(formatRange(range));
    for (const std::string& host : found->second.names) push(host);
    out[name] = std::move(hosts);
  }
  return bytes <= most_bytes ? out : Json();
}

Result<ReachedHosts> ReachedHosts::fromJson(const Json& json) {
  if (!json.isObject()) return fail(ErrorClass::internal, "stored hosts: no object");
  ReachedHosts hosts;
  for (const auto& [state, name] : state_names)
    for (const Json& text : json[name].items()) {
      const auto entry = parseTargetEntry(text.asString());
      if (entry && entry->kind != TargetKind::name)
        hosts.groups_[state].ranges.push_back(entry->range);
      else
        hosts.groups_[state].names.insert(text.asString());
    }
  hosts.seal();
  return hosts;
}

}  // namespace scanhost
