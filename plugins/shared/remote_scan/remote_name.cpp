// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/remote_scan/remote_name.h"

#include <set>

namespace scanhost {
namespace {

constexpr std::string_view marker_begin = "[scanhost:";

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

std::string addressList(const std::vector<Target>& targets) {
  std::string list;
  std::set<std::string_view> seen;
  for (const Target& target : targets) {
    for (const std::string& address : target.addresses) {
      // A scanner would read a comma or a bracket as more targets, or as another address.
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

}  // namespace scanhost
