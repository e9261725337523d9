// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who asks: made by the listener from a token, a certificate or the lack of both, and passed down
/// with every operation.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "host/base/time.h"

namespace scanhost {

/// What a caller may do: viewers read everything, clients submit
/// and see their own tasks, operators do all, metrics reads /metrics.
enum class Role { viewer, client, operator_, metrics };

constexpr std::string_view roleName(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::client: return "client";
    case Role::operator_: return "operator";
    case Role::metrics: return "metrics";
  }
  return {};
}

struct Caller {
  std::string subject = "anonymous";
  std::set<Role> roles = {Role::client};
  Timestamp expires{};  ///< zero: never

  bool has(Role role) const { return roles.count(role) != 0; }
  /// Sees tasks of every owner.
  bool seesEverything() const { return has(Role::viewer) || has(Role::operator_); }
  bool maySubmit() const { return has(Role::client) || has(Role::operator_); }
};

}  // namespace scanhost
