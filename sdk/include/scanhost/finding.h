// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A finding that owns its texts, as a plugin fills or keeps it. Names follow abi/finding.h.
#ifndef SCANHOST_FINDING_H
#define SCANHOST_FINDING_H

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "abi/finding.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

enum class Severity : int { info = 0, low = 1, medium = 2, high = 3, critical = 4 };

struct FindingRecord {
  static constexpr double no_score = std::numeric_limits<double>::quiet_NaN();

  std::string host, port = "0", protocol = "tcp", service;
  std::string check_id, check_name, family, check_key;
  Severity severity = Severity::info;
  int exploit_available = -1;  ///< 1 yes, 0 no, -1 not said
  double cvss_base_score = no_score, cvss_temporal_score = no_score;
  double cvss3_base_score = no_score, cvss3_temporal_score = no_score;
  double cvss4_base_score = no_score, vpr_score = no_score, epss_score = no_score;
  std::string cvss_vector, cvss3_vector, cvss4_vector, risk_factor;
  std::vector<std::string> cve, cwe, xref;
  std::string synopsis, description, solution, see_also, output;
  std::string plugin_publication_date, plugin_modification_date;
  std::string vuln_publication_date, patch_publication_date;
  Pairs extra;
  std::vector<std::string> truncated;
  std::string scanner_family, fingerprint;           ///< the host's
  std::int64_t first_seen_us = 0, last_seen_us = 0;  ///< the host's; 0 unknown

  /// Copies what crossed the boundary.
  static FindingRecord from(const scanhost_finding& finding);
};

namespace detail {

/// Calls `visit(record_member, abi_member)` for every text the two share.
template <class Record, class Abi, class Visit>
void visitTexts(Record& r, Abi& a, Visit&& visit) {
  visit(r.host, a.host);
  visit(r.port, a.port);
  visit(r.protocol, a.protocol);
  visit(r.service, a.service);
  visit(r.check_id, a.check_id);
  visit(r.check_name, a.check_name);
  visit(r.family, a.family);
  visit(r.check_key, a.check_key);
  visit(r.cvss_vector, a.cvss_vector);
  visit(r.cvss3_vector, a.cvss3_vector);
  visit(r.cvss4_vector, a.cvss4_vector);
  visit(r.risk_factor, a.risk_factor);
  visit(r.synopsis, a.synopsis);
  visit(r.description, a.description);
  visit(r.solution, a.solution);
  visit(r.see_also, a.see_also);
  visit(r.output, a.output);
  visit(r.plugin_publication_date, a.plugin_publication_date);
  visit(r.plugin_modification_date, a.plugin_modification_date);
  visit(r.vuln_publication_date, a.vuln_publication_date);
  visit(r.patch_publication_date, a.patch_publication_date);
  visit(r.scanner_family, a.scanner_family);
  visit(r.fingerprint, a.fingerprint);
}

/// The same for plain numbers.
template <class Record, class Abi, class Visit>
void visitNumbers(Record& r, Abi& a, Visit&& visit) {
  visit(r.exploit_available, a.exploit_available);
  visit(r.cvss_base_score, a.cvss_base_score);
  visit(r.cvss_temporal_score, a.cvss_temporal_score);
  visit(r.cvss3_base_score, a.cvss3_base_score);
  visit(r.cvss3_temporal_score, a.cvss3_temporal_score);
  visit(r.cvss4_base_score, a.cvss4_base_score);
  visit(r.vpr_score, a.vpr_score);
  visit(r.epss_score, a.epss_score);
  visit(r.first_seen_us, a.first_seen_us);
  visit(r.last_seen_us, a.last_seen_us);
}

}  // namespace detail

inline FindingRecord FindingRecord::from(const scanhost_finding& finding) {
  FindingRecord record;
  detail::visitTexts(record, finding,
                     [](std::string& to, const scanhost_text& text) { to = toString(text); });
  detail::visitNumbers(record, finding, [](auto& to, const auto& number) { to = number; });
  record.severity = static_cast<Severity>(finding.severity);
  record.cve = toStrings(finding.cve);
  record.cwe = toStrings(finding.cwe);
  record.xref = toStrings(finding.xref);
  record.extra = toPairs(finding.extra);
  record.truncated = toStrings(finding.truncated);
  return record;
}

/// Lends a record as a scanhost_finding while both live.
class LentFinding {
 public:
  explicit LentFinding(const FindingRecord& record)
      : cve_(record.cve),
        cwe_(record.cwe),
        xref_(record.xref),
        truncated_(record.truncated),
        extra_(record.extra) {
    finding_.struct_size = sizeof(scanhost_finding);
    finding_.severity = static_cast<int32_t>(record.severity);
    detail::visitTexts(record, finding_,
                       [](const std::string& from, scanhost_text& text) { text = toText(from); });
    detail::visitNumbers(record, finding_, [](const auto& from, auto& number) { number = from; });
    finding_.cve = cve_;
    finding_.cwe = cwe_;
    finding_.xref = xref_;
    finding_.truncated = truncated_;
    finding_.extra = extra_;
  }
  const scanhost_finding* abi() const noexcept { return &finding_; }

 private:
  LentTexts cve_, cwe_, xref_, truncated_;
  LentPairs extra_;
  scanhost_finding finding_{};
};

}  // namespace v1
}  // namespace scanhost

#endif
