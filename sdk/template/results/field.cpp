// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "field.h"

#include <scanhost/error.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <variant>

using scanhost::FindingRecord;
using scanhost::ResultsOperand;
using scanhost::ResultsOperator;

namespace {

using Text = std::string;
using List = std::vector<std::string>;
/// monostate: the finding lacks it.
using Value = std::variant<std::monostate, double, Text, List>;
using Read = Value (*)(const FindingRecord&);

template <std::string FindingRecord::*Member>
Value text(const FindingRecord& finding) {
  const std::string& value = finding.*Member;
  return value.empty() ? Value() : Value(value);
}
template <List FindingRecord::*Member>
Value list(const FindingRecord& finding) {
  return finding.*Member;
}
template <double FindingRecord::*Member>
Value score(const FindingRecord& finding) {
  return std::isnan(finding.*Member) ? Value() : Value(finding.*Member);
}

/// Of the newest version that the finding has a score of.
Value newestScore(const FindingRecord& finding) {
  for (const double score :
       {finding.cvss4_base_score, finding.cvss3_base_score, finding.cvss_base_score})
    if (!std::isnan(score)) return score;
  return {};
}

Value severityName(const FindingRecord& finding) {
  static const char* const names[] = {"info", "low", "medium", "high", "critical"};
  return Text(names[std::clamp(static_cast<int>(finding.severity), 0, 4)]);
}

Value time(std::int64_t microseconds) {
  return microseconds == 0 ? Value() : Value(static_cast<double>(microseconds));
}

const std::map<std::string, Read, std::less<>>& fields() {
  static const std::map<std::string, Read, std::less<>> all = {
      {"host", text<&FindingRecord::host>},
      {"port",
       [](const FindingRecord& finding) { return Value(std::atof(finding.port.c_str())); }},
      {"protocol", text<&FindingRecord::protocol>},
      {"service", text<&FindingRecord::service>},
      {"plugin_id", text<&FindingRecord::check_id>},
      {"plugin_name", text<&FindingRecord::check_name>},
      {"plugin_family", text<&FindingRecord::family>},
      {"severity",
       [](const FindingRecord& finding) {
         return Value(static_cast<double>(static_cast<int>(finding.severity)));
       }},
      {"severity_name", severityName},
      {"cvss_score", newestScore},
      {"cvss_base_score", score<&FindingRecord::cvss_base_score>},
      {"cvss_temporal_score", score<&FindingRecord::cvss_temporal_score>},
      {"cvss3_base_score", score<&FindingRecord::cvss3_base_score>},
      {"cvss3_temporal_score", score<&FindingRecord::cvss3_temporal_score>},
      {"cvss4_base_score", score<&FindingRecord::cvss4_base_score>},
      {"vpr_score", score<&FindingRecord::vpr_score>},
      {"epss_score", score<&FindingRecord::epss_score>},
      {"cvss_vector", text<&FindingRecord::cvss_vector>},
      {"cvss3_vector", text<&FindingRecord::cvss3_vector>},
      {"cvss4_vector", text<&FindingRecord::cvss4_vector>},
      {"risk_factor", text<&FindingRecord::risk_factor>},
      {"exploit_available",
       [](const FindingRecord& finding) {
         return finding.exploit_available < 0 ? Value()
                                              : Value(double(finding.exploit_available));
       }},
      {"cve", list<&FindingRecord::cve>},
      {"cwe", list<&FindingRecord::cwe>},
      {"xref", list<&FindingRecord::xref>},
      {"synopsis", text<&FindingRecord::synopsis>},
      {"description", text<&FindingRecord::description>},
      {"solution", text<&FindingRecord::solution>},
      {"see_also", text<&FindingRecord::see_also>},
      {"plugin_output", text<&FindingRecord::output>},
      {"plugin_publication_date", text<&FindingRecord::plugin_publication_date>},
      {"plugin_modification_date", text<&FindingRecord::plugin_modification_date>},
      {"vuln_publication_date", text<&FindingRecord::vuln_publication_date>},
      {"patch_publication_date", text<&FindingRecord::patch_publication_date>},
      {"truncated", list<&FindingRecord::truncated>},
      {"scanner_family", text<&FindingRecord::scanner_family>},
      {"fingerprint", text<&FindingRecord::fingerprint>},
      {"first_seen", [](const FindingRecord& finding) { return time(finding.first_seen_us); }},
      {"last_seen", [](const FindingRecord& finding) { return time(finding.last_seen_us); }},
  };
  return all;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool sameLetter(char a, char b) {
  return lower(a) == lower(b);
}

bool matchesText(const Text& text, const ResultsOperand& wanted) {
  if (wanted.op == ResultsOperator::contains)
    return std::search(text.begin(), text.end(), wanted.text.begin(), wanted.text.end(),
                       sameLetter) != text.end() ||
           wanted.text.empty();
  return std::equal(text.begin(), text.end(), wanted.text.begin(), wanted.text.end(), sameLetter);
}

bool matchesNumber(double number, const ResultsOperand& wanted) {
  switch (wanted.op) {
    case ResultsOperator::less: return number < wanted.number;
    case ResultsOperator::less_equal: return number <= wanted.number;
    case ResultsOperator::greater: return number > wanted.number;
    case ResultsOperator::greater_equal: return number >= wanted.number;
    default: return number == wanted.number;
  }
}

bool matchesOperand(const Value& value, const ResultsOperand& wanted) {
  if (const auto* number = std::get_if<double>(&value)) return matchesNumber(*number, wanted);
  if (const auto* text = std::get_if<Text>(&value)) return matchesText(*text, wanted);
  const auto* list = std::get_if<List>(&value);
  return list && std::any_of(list->begin(), list->end(),
                             [&](const Text& text) { return matchesText(text, wanted); });
}

/// Negative, zero or positive, as std::string::compare has it.
int compare(const Value& a, const Value& b) {
  const auto* left = std::get_if<Text>(&a);
  const auto* right = std::get_if<Text>(&b);
  if (!left || !right) return a < b ? -1 : a == b ? 0 : 1;
  const auto less = [](char x, char y) { return lower(x) < lower(y); };
  if (std::lexicographical_compare(left->begin(), left->end(), right->begin(), right->end(), less))
    return -1;
  return std::lexicographical_compare(right->begin(), right->end(), left->begin(), left->end(),
                                      less);
}

}  // namespace

void checkField(const std::string& name) {
  if (fields().count(name) == 0)
    throw scanhost::PluginError(scanhost::ErrorClass::config,
                                "no finding has a field '" + name.substr(0, 64) + "'");
}

bool matches(const FindingRecord& finding, const scanhost::ResultsCondition& condition) {
  const Value value = fields().at(condition.field)(finding);
  return std::any_of(
      condition.operands.begin(), condition.operands.end(),
      [&](const ResultsOperand& wanted) { return matchesOperand(value, wanted); });
}

bool comesBefore(const FindingRecord& a, const FindingRecord& b,
                 const std::vector<scanhost::ResultsSortKey>& keys) {
  for (const scanhost::ResultsSortKey& key : keys) {
    const Read read = fields().at(key.field);
    const Value left = read(a), right = read(b);
    const bool lacks_left = left.index() == 0, lacks_right = right.index() == 0;
    if (lacks_left != lacks_right) return lacks_right;
    const int order = compare(left, right);
    if (order != 0) return key.descending ? order > 0 : order < 0;
  }
  return false;
}
