// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/config.h"

#include <algorithm>

namespace scanhost {

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
