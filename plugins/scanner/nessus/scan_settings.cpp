// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/scan_settings.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace scanhost::nessus {
namespace {

constexpr std::string_view marker_begin = "[scanhost:";

std::string targetList(const std::vector<Target>& targets) {
  std::string list;
  std::set<std::string_view> seen;
  for (const Target& target : targets) {
    for (const std::string& address : target.addresses) {
      // Nessus would read a comma or a bracket as more targets, or as another address.
      if (address.find_first_not_of("0123456789abcdefABCDEF:./") != std::string::npos)
        throw PluginError(ErrorClass::target,
                          "\"" + address.substr(0, 64) + "\" is no canonical address or block");
      if (!seen.insert(address).second) continue;
      if (!list.empty()) list += ',';
      list += address;
    }
  }
  if (list.empty())
    throw PluginError(ErrorClass::target, "no target has an address to scan", ErrorSubject::target);
  return list;
}

Json sshPassword(const Credential& credential) {
  Json ssh = Json::object({{"auth_method", "password"},
                           {"username", credential["username"]},
                           {"password", credential["password"]}});
  const std::string& elevation = credential["elevate_privileges_with"];
  ssh["elevate_privileges_with"] = elevation.empty() ? "Nothing" : elevation;
  if (!elevation.empty() && elevation != "Nothing") {
    ssh["escalation_account"] = credential["escalation_account"];
    ssh["escalation_password"] = credential["escalation_password"];
  }
  return Json::object({{"Host", Json::object({{"SSH", Json::array({std::move(ssh)})}})}});
}

Json windowsPassword(const Credential& credential) {
  Json windows = Json::object({{"auth_method", "Password"},
                               {"username", credential["username"]},
                               {"password", credential["password"]},
                               {"domain", credential["domain"]}});
  return Json::object({{"Host", Json::object({{"Windows", Json::array({std::move(windows)})}})}});
}

Json credentialsFor(const Credential& credential) {
  if (credential.kind() == "ssh-password") return sshPassword(credential);
  if (credential.kind() == "windows-password") return windowsPassword(credential);
  throw PluginError(ErrorClass::unsupported,
                    "scanner-nessus cannot log in with a credential of kind \"" +
                        credential.kind() + "\"; it knows ssh-password and windows-password");
}

}  // namespace

std::string remoteName(const ScanRequest& request) {
  return request.name + " " + request.marker;
}

std::string markerIn(std::string_view name) {
  const std::size_t begin = name.rfind(marker_begin);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = name.find(']', begin);
  if (end == std::string_view::npos) return {};
  return std::string(name.substr(begin, end + 1 - begin));
}

std::string clientNameIn(std::string_view name) {
  const std::string end = " " + markerIn(name);
  const bool ends_so = end.size() > 1 && name.size() >= end.size() &&
                       name.compare(name.size() - end.size(), end.size(), end) == 0;
  return std::string(ends_so ? name.substr(0, name.size() - end.size()) : name);
}

Json newScan(const ScanRequest& request, const std::string& template_uuid) {
  Json scan =
      Json::object({{"uuid", template_uuid},
                    {"settings", Json::object({{"name", remoteName(request)},
                                               {"description", request.description},
                                               {"text_targets", targetList(request.targets)},
                                               {"enabled", false},
                                               {"launch_now", false}})}});
  if (request.credential)
    scan["credentials"] = Json::object({{"add", credentialsFor(*request.credential)}});
  return scan;
}

std::uint64_t addressesIn(std::string_view targets) {
  std::uint64_t count = 0;
  while (!targets.empty()) {
    const std::size_t comma = targets.find_first_of(", \n");
    const std::string_view entry = targets.substr(0, comma);
    targets.remove_prefix(comma == std::string_view::npos ? targets.size() : comma + 1);
    if (entry.empty()) continue;
    const int bits = entry.find(':') == std::string_view::npos ? 32 : 128;
    int prefix = bits;
    if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos)
      std::from_chars(entry.data() + slash + 1, entry.data() + entry.size(), prefix);
    count += UINT64_C(1) << std::clamp(bits - prefix, 0, 32);
  }
  return count;
}

}  // namespace scanhost::nessus
