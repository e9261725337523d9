// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/caller_abi.h"

namespace scanhost {

std::vector<std::string> LentCaller::scopesOf(const std::vector<std::string>& roles) {
  std::vector<std::string> scopes;
  for (const std::string& name : roles)
    if (const auto role = roleNamed(name)) scopes.emplace_back(scopeOf(*role));
  return scopes;
}

Caller ownCaller(const scanhost_caller& caller) {
  Caller out;
  out.subject = toString(caller.subject);
  out.roles.clear();
  out.expires = Timestamp{caller.expires_us};
  for (const std::string& name : toStrings(caller.roles))
    if (const auto role = roleNamed(name)) out.roles.insert(*role);
  return out;
}

}  // namespace scanhost
