// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From a scan request to the document that makes a scan in Nessus.
#pragma once

#include <scanhost/scanner.h>

#include <string>
#include <string_view>

namespace scanhost::nessus {

/// "<client's name> [scanhost:<task>/<launch>]"
std::string remoteName(const ScanRequest& request);
/// The marker in such a name, whole; empty when there is none.
std::string markerIn(std::string_view name);
/// The client's name in such a name. Where the marker is not what it ends in, all of it.
std::string clientNameIn(std::string_view name);

/// The body of POST /scans: made, not launched, with no schedule. Its targets are the addresses
/// that the launch check passed. Throws PluginError (unsupported) for a credential of an unknown
/// kind.
Json newScan(const ScanRequest& request, const std::string& template_uuid);

/// How many addresses a target list made by newScan() holds.
std::uint64_t addressesIn(std::string_view targets);

}  // namespace scanhost::nessus
