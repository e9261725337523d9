// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What nmap is started with. Arguments come from a fixed template; targets go to its standard
/// input as canonical addresses, so that none can be taken for an option.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <string>
#include <vector>

#include "plugins/scanner/nmap/config.h"
#include "plugins/shared/local_scan/addresses.h"

namespace scanhost::nmap {

using local_scan::AddressFamily;

/// The addresses of one family: nmap scans one family per run.
struct TargetList {
  AddressFamily family = AddressFamily::ipv4;
  std::string input;            ///< one address or block a line
  std::uint64_t addresses = 0;  ///< how many that makes
};

/// The targets' addresses by family, each once. Throws PluginError (target) at anything that is not
/// a canonical address or block.
std::vector<TargetList> targetLists(const std::vector<Target>& targets);

std::vector<std::string> arguments(const Config& config, const ScanOptions& options,
                                   AddressFamily family);

}  // namespace scanhost::nmap
