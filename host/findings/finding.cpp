// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/finding.h"

#include <array>
#include <cmath>

#include "host/findings/ascii.h"

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 5> severity_names{"info", "low", "medium", "high",
                                                         "critical"};
constexpr std::array<std::string_view, 5> severity_digits{"0", "1", "2", "3", "4"};

/// A record that came from elsewhere may hold any number.
std::size_t indexOf(Severity severity) {
  return static_cast<std::size_t>(std::clamp(static_cast<int>(severity), 0, 4));
}

}  // namespace

std::string_view severityName(Severity severity) {
  return severity_names[indexOf(severity)];
}

std::string_view severityDigit(Severity severity) {
  return severity_digits[indexOf(severity)];
}

std::optional<Severity> parseSeverity(std::string_view text) {
  for (std::size_t i = 0; i < severity_names.size(); ++i)
    if (text == severity_digits[i] || equalIgnoringCase(text, severity_names[i]))
      return static_cast<Severity>(i);
  return std::nullopt;
}

std::optional<double> cvssScore(const Finding& finding) {
  for (const double score :
       {finding.cvss4_base_score, finding.cvss3_base_score, finding.cvss_base_score})
    if (std::isfinite(score)) return score;
  return std::nullopt;
}

}  // namespace scanhost
