// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/summary.h"

#include <cmath>
#include <numeric>
#include <string>

namespace scanhost {
namespace {

constexpr std::array<Severity, 5> worst_first{Severity::critical, Severity::high, Severity::medium,
                                              Severity::low, Severity::info};

std::size_t slotOf(Severity severity) {
  return static_cast<std::size_t>(severity);
}

Status readCount(const Json& json, std::string_view name, std::uint64_t& count) {
  const std::int64_t value = json[name].asInteger(-1);
  if (value < 0)
    return fail(ErrorClass::internal,
                "stored results summary: '" + std::string(name) + "' is no count");
  count = static_cast<std::uint64_t>(value);
  return {};
}

}  // namespace

void ResultsSummary::add(const Finding& finding) {
  ++by_severity[slotOf(finding.severity)];
}

std::uint64_t ResultsSummary::totalFindings() const {
  return std::accumulate(by_severity.begin(), by_severity.end(), std::uint64_t{0});
}

std::uint64_t ResultsSummary::totalVulnerabilities() const {
  return totalFindings() - by_severity[slotOf(Severity::info)];
}

Json ResultsSummary::toJson() const {
  Json breakdown = Json::object();
  for (const Severity severity : worst_first)
    breakdown[severityName(severity)] = by_severity[slotOf(severity)];
  return Json::object({{"hosts_scanned", hosts_scanned},
                       {"total_vulnerabilities", totalVulnerabilities()},
                       {"severity_breakdown", std::move(breakdown)},
                       {"file_size_kb", file_size_kb},
                       {"auth_plugins_found", auth_plugins_found}});
}

Result<ResultsSummary> ResultsSummary::fromJson(const Json& json) {
  ResultsSummary summary;
  if (Status read = readCount(json, "hosts_scanned", summary.hosts_scanned); !read)
    return tl::unexpected(read.error());
  if (Status read = readCount(json, "auth_plugins_found", summary.auth_plugins_found); !read)
    return tl::unexpected(read.error());
  for (const Severity severity : worst_first)
    if (Status read = readCount(json["severity_breakdown"], severityName(severity),
                                summary.by_severity[slotOf(severity)]);
        !read)
      return tl::unexpected(read.error());
  summary.file_size_kb = json["file_size_kb"].asNumber();
  return summary;
}

double kilobytes(std::uint64_t bytes) {
  return std::round(static_cast<double>(bytes) / 1024.0 * 10.0) / 10.0;
}

}  // namespace scanhost
