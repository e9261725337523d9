// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a scan of ours is named at a remote scanner, and which addresses it is given.
#pragma once

#include <scanhost/scanner.h>

#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

/// "<client's name> [scanhost:<task>/<launch>]"
std::string remoteName(const ScanRequest& request);
/// The marker in such a name, whole; empty when there is none.
std::string markerIn(std::string_view name);
/// The client's name in such a name. Where the marker is not what it ends in, all of it.
std::string clientNameIn(std::string_view name);

/// The targets' addresses and blocks, each once, by comma. Throws PluginError (target) at anything
/// that a scanner could read as something else, and when there is none.
std::string addressList(const std::vector<Target>& targets);

}  // namespace scanhost
