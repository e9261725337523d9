// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/scan_settings.h"

#include <algorithm>
#include <charconv>

#include "plugins/shared/remote_scan/remote_name.h"

namespace scanhost::nessus {
namespace {

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

Json newScan(const ScanRequest& request, const std::string& template_uuid) {
  Json scan =
      Json::object({{"uuid", template_uuid},
                    {"settings", Json::object({{"name", remoteName(request)},
                                               {"description", request.description},
                                               {"text_targets", addressList(request.targets)},
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
