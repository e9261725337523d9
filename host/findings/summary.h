// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `results_summary` of get_scan_status: what a stored result holds, in a few numbers.
#pragma once

#include <scanhost/json.h>

#include <array>
#include <cstdint>

#include "host/base/result.h"
#include "host/findings/finding.h"

namespace scanhost {

struct ResultsSummary {
  std::uint64_t hosts_scanned = 0;
  std::array<std::uint64_t, 5> by_severity{};  ///< indexed by Severity
  double file_size_kb = 0;                     ///< of the raw report
  std::uint64_t auth_plugins_found = 0;  ///< as the scanner plugin counts them; decides nothing

  void add(const Finding& finding);
  /// Without info: an open port is no vulnerability.
  std::uint64_t totalVulnerabilities() const;
  /// Info included, as pages count.
  std::uint64_t totalFindings() const;

  Json toJson() const;
  static Result<ResultsSummary> fromJson(const Json& json);
  friend bool operator==(const ResultsSummary&, const ResultsSummary&) = default;
};

/// Bytes in units of 1024, to one decimal.
double kilobytes(std::uint64_t bytes);

}  // namespace scanhost
