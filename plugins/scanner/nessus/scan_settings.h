// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From a scan request to the document that makes a scan in Nessus.
#pragma once

#include <scanhost/scanner.h>

#include <string>
#include <string_view>

namespace scanhost::nessus {

/// The body of POST /scans: made, not launched, with no schedule. Its targets are the addresses
/// that the launch check passed. Throws PluginError (unsupported) for a credential of an unknown
/// kind.
Json newScan(const ScanRequest& request, const std::string& template_uuid);

/// How many addresses a target list made by newScan() holds.
std::uint64_t addressesIn(std::string_view targets);

}  // namespace scanhost::nessus
