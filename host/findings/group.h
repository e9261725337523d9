// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `group_by` of get_scan_results: many findings told in one line per check, host or CVE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/base/result.h"
#include "host/findings/finding.h"

namespace scanhost {

enum class GroupBy { check, host, cve };

/// "check", "host" or "cve".
std::string_view groupByName(GroupBy by);
Result<GroupBy> parseGroupBy(std::string_view name);

inline constexpr std::size_t most_group_members = 10;

struct Group {
  std::string key;   ///< plugin id, host or CVE
  std::string name;  ///< the check's name when grouped by check
  std::uint64_t count = 0;
  Severity worst = Severity::info;
  /// The first ten distinct hosts, or for a host the first ten plugin ids.
  std::vector<std::string> members;
};

/// Sums up findings as they stream by; holds the groups, never the findings. One thread at a time.
class GroupCollector {
 public:
  /// More than `most_groups` groups are refused.
  explicit GroupCollector(GroupBy by, std::size_t most_groups = 100'000);

  /// A finding without CVE belongs to no group by CVE.
  Status add(const Finding& finding);
  /// What it reads of a finding.
  static std::vector<std::string> fields();
  /// Findings that were added.
  std::uint64_t findings() const { return findings_; }
  /// Worst first, then the most frequent, then by key. Ends the collecting.
  std::vector<Group> take();

 private:
  Status addTo(const std::string& key, const Finding& finding);

  GroupBy by_;
  std::size_t most_groups_;
  std::uint64_t findings_ = 0;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace scanhost
