// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Wapiti is started with, so that it asks one address and nobody else.
///
/// Its scope keeps the crawl below the first page, yet some of its modules follow redirects to
/// anywhere. So its proxy is a port of this machine that nobody listens on, and the one address to
/// scan is exempt from it: what leads elsewhere is refused before it leaves. A name is sent as the
/// header Host, and never resolved.
#pragma once

#include <scanhost/text.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "plugins/scanner/wapiti/config.h"
#include "plugins/shared/local_scan/addresses.h"

namespace scanhost::wapiti {

/// One application to scan.
struct Site {
  local_scan::PinnedAddress host;
  std::uint16_t port = 0;
};

constexpr const char* report_file = "report.json";

/// The ports that the options mean.
std::vector<std::uint16_t> portsOf(const ScanOptions& options);

/// Wapiti's arguments; what it writes goes to `folder`. Throws PluginError (target) for a name that
/// cannot stand in a header.
std::vector<std::string> arguments(const ScanOptions& options, const Site& site,
                                   const std::filesystem::path& folder);

/// The whole of its environment.
Pairs environment(const Site& site, const std::filesystem::path& folder);

}  // namespace scanhost::wapiti
