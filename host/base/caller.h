// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who asks: made by the listener from a token, a certificate or the lack of both, and passed down
/// with every operation.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "host/base/time.h"

namespace scanhost {

/// What a caller may do: viewers read everything, clients submit
/// and see their own tasks, operators do all, metrics reads /metrics.
enum class Role { viewer, client, operator_, metrics };
inline constexpr std::array all_roles = {Role::viewer, Role::client, Role::operator_,
                                         Role::metrics};

constexpr std::string_view roleName(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::client: return "client";
    case Role::operator_: return "operator";
    case Role::metrics: return "metrics";
  }
  return {};
}

constexpr std::optional<Role> roleNamed(std::string_view name) {
  for (const Role role : all_roles)
    if (name == roleName(role)) return role;
  return std::nullopt;
}

/// The scope that grants the role.
constexpr std::string_view scopeOf(Role role) {
  switch (role) {
    case Role::viewer: return "scanhost:read";
    case Role::client: return "scanhost:scan";
    case Role::operator_: return "scanhost:admin";
    case Role::metrics: return "scanhost:metrics";
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
  /// Tells its owner's tasks and the scanners; what a caller for metrics alone may not.
  bool mayRead() const { return has(Role::viewer) || maySubmit(); }
  bool maySubmit() const { return has(Role::client) || has(Role::operator_); }
};

}  // namespace scanhost
