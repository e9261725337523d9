// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/config.h"

#include <algorithm>

namespace scanhost {

const std::string& OauthConfig::scopeOf(Role role) const {
  switch (role) {
    case Role::viewer: return viewer_scope;
    case Role::client: return client_scope;
    case Role::operator_: return operator_scope;
    case Role::metrics: break;
  }
  return metrics_scope;
}

bool NodeConfig::hasRole(NodeRole role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool NodeConfig::servesPool(std::string_view pool) const {
  return pools.empty() || std::find(pools.begin(), pools.end(), pool) != pools.end();
}

std::vector<std::string> Config::pools() const {
  std::vector<std::string> out;
  for (const ScannerConfig& scanner : scanners)
    if (!scanner.pool.empty() && std::find(out.begin(), out.end(), scanner.pool) == out.end())
      out.push_back(scanner.pool);
  return out;
}

}  // namespace scanhost
