// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/group.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 3> group_names{"check", "host", "cve"};

}  // namespace

std::string_view groupByName(GroupBy by) {
  return group_names[static_cast<std::size_t>(by)];
}

Result<GroupBy> parseGroupBy(std::string_view name) {
  const auto found = std::find(group_names.begin(), group_names.end(), name);
  if (found == group_names.end())
    return fail(ErrorClass::config, "group_by '" + std::string(name.substr(0, 64)) +
                                        "' is unknown; write check, host or cve");
  return static_cast<GroupBy>(found - group_names.begin());
}

GroupCollector::GroupCollector(GroupBy by, std::size_t most_groups)
    : by_(by), most_groups_(most_groups) {}

std::vector<std::string> GroupCollector::fields() {
  return {"host", "plugin_id", "plugin_name", "severity", "cve"};
}

Status GroupCollector::add(const Finding& finding) {
  ++findings_;
  if (by_ == GroupBy::check) return addTo(finding.check_id, finding);
  if (by_ == GroupBy::host) return addTo(finding.host, finding);
  for (auto cve = finding.cve.begin(); cve != finding.cve.end(); ++cve)
    if (std::find(finding.cve.begin(), cve, *cve) == cve)
      if (Status added = addTo(*cve, finding); !added) return added;
  return {};
}

Status GroupCollector::addTo(const std::string& key, const Finding& finding) {
  const auto [at, is_new] = index_.try_emplace(key, groups_.size());
  if (is_new) {
    if (groups_.size() == most_groups_)
      return fail(ErrorClass::unsupported,
                  "more than " + std::to_string(most_groups_) + " groups; narrow them by a filter");
    groups_.push_back(
        {key, by_ == GroupBy::check ? finding.check_name : "", 0, Severity::info, {}});
  }
  Group& group = groups_[at->second];
  ++group.count;
  group.worst = std::max(group.worst, finding.severity);
  const std::string& member = by_ == GroupBy::host ? finding.check_id : finding.host;
  const bool wanted =
      group.members.size() < most_group_members &&
      std::find(group.members.begin(), group.members.end(), member) == group.members.end();
  if (wanted) group.members.push_back(member);
  return {};
}

std::vector<Group> GroupCollector::take() {
  index_.clear();
  std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
    return std::tie(b.worst, b.count, a.key) < std::tie(a.worst, a.count, b.key);
  });
  return std::move(groups_);
}

}  // namespace scanhost
