// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/caller_abi.h"

namespace scanhost {

Caller ownCaller(const scanhost_caller& caller) {
  Caller out;
  out.subject = toString(caller.subject);
  out.roles.clear();
  out.expires = Timestamp{caller.expires_us};
  for (const std::string& role : toStrings(caller.roles)) {
    if (role == "viewer") out.roles.insert(Role::viewer);
    if (role == "client") out.roles.insert(Role::client);
    if (role == "operator") out.roles.insert(Role::operator_);
    if (role == "metrics") out.roles.insert(Role::metrics);
  }
  return out;
}

}  // namespace scanhost
