// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/command_line.h"

#include <set>
#include <string_view>

namespace scanhost::nmap {
namespace {

/// Categories are words of config.h's list. Left out always: scripts that talk to others than the
/// targets, try passwords, or may bring a service down.
std::string scriptExpression(const ScanOptions& options) {
  std::string wanted;
  for (const std::string& category : options.script_categories)
    wanted += (wanted.empty() ? "" : " or ") + category;
  return "(" + wanted + ") and not (broadcast or brute or dos" +
         (options.external_lookups ? "" : " or external") + ")";
}

void addPorts(std::vector<std::string>& list, const std::string& ports) {
  if (ports == "all") {
    list.insert(list.end(), {"-p", "1-65535"});
  } else if (ports.rfind("top-", 0) == 0) {
    list.insert(list.end(), {"--top-ports", ports.substr(4)});
  } else {
    list.insert(list.end(), {"-p", ports});
  }
}

}  // namespace

std::vector<TargetList> targetLists(const std::vector<Target>& targets) {
  TargetList lists[] = {{AddressFamily::ipv4, {}, 0}, {AddressFamily::ipv6, {}, 0}};
  std::set<std::string_view> seen;
  for (const Target& target : targets) {
    for (const std::string& address : target.addresses) {
      const auto block = local_scan::parseBlock(address);
      if (!block)
        throw PluginError(ErrorClass::target,
                          "nmap is given \"" + address.substr(0, 64) +
                              "\", which is no canonical address or block",
                          ErrorSubject::task);
      if (!seen.insert(address).second) continue;
      TargetList& list = lists[block->family == AddressFamily::ipv6];
      list.input += address + "\n";
      list.addresses += block->addresses;
    }
  }
  std::vector<TargetList> used;
  for (TargetList& list : lists)
    if (list.addresses != 0) used.push_back(std::move(list));
  if (used.empty())
    throw PluginError(ErrorClass::target, "no target has an address to scan", ErrorSubject::target);
  return used;
}

std::vector<std::string> arguments(const Config& config, const ScanOptions& options,
                                   AddressFamily family) {
  std::vector<std::string> list{"-iL",
                                "-",
                                "-n",
                                "-oX",
                                "-",
                                "--noninteractive",
                                "-v",  // lists silent hosts too, and tells which stage it is at
                                "--stats-every",
                                "5s"};
  if (config.raw)
    list.insert(list.end(), {"-sS", "--privileged"});
  else
    list.insert(list.end(), {"-sT", "--unprivileged"});
  if (family == AddressFamily::ipv6) list.emplace_back("-6");
  addPorts(list, options.ports);
  list.push_back("-T" + std::to_string(options.timing));
  if (options.service_detection) list.emplace_back("-sV");
  if (!options.script_categories.empty())
    list.insert(list.end(), {"--script", scriptExpression(options)});
  if (!options.host_discovery) list.emplace_back("-Pn");
  if (options.host_timeout.count() > 0)
    list.insert(list.end(), {"--host-timeout", std::to_string(options.host_timeout.count()) + "s"});
  if (options.max_rate) list.insert(list.end(), {"--max-rate", std::to_string(*options.max_rate)});
  return list;
}

}  // namespace scanhost::nmap
