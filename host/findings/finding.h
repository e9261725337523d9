// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The normalised finding, and what is derived from it.
///
/// The record itself is the SDK's: what a scanner plugin fills, the host keeps and a results plugin
/// stores is one type, so a finding crosses the host without being rewritten.
#pragma once

#include <scanhost/finding.h>

#include <optional>
#include <string_view>

namespace scanhost {

using Finding = FindingRecord;

/// "info", "low", "medium", "high" or "critical".
std::string_view severityName(Severity severity);
/// "0" to "4", as clients see it.
std::string_view severityDigit(Severity severity);
/// By either form; the name in any letter case.
std::optional<Severity> parseSeverity(std::string_view text);

/// The best base score there is: CVSS 4, else 3, else 2.
std::optional<double> cvssScore(const Finding& finding);

}  // namespace scanhost
