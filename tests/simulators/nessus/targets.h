// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The target lists a scan is given, as single addresses and names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanhost::simulator {

/// Splits at commas and white space and expands "10.0.0.0/29", "10.0.0.1-10.0.0.9" and
/// "10.0.0.1-9", each to its first 256 addresses. Anything else stands for one host under its own
/// name. Order is kept, repeated targets are dropped, and a list ends at 4096 hosts.
std::vector<std::string> expandTargets(std::string_view text);

}  // namespace scanhost::simulator
