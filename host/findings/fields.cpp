// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/fields.h"

#include <array>
#include <charconv>
#include <cmath>

#include "host/base/nearest.h"

namespace scanhost {
namespace {

template <std::string Finding::*Member>
FieldValue readText(const Finding& finding) {
  const std::string& text = finding.*Member;
  return text.empty() ? FieldValue() : FieldValue(std::string_view(text));
}

template <double Finding::*Member>
FieldValue readScore(const Finding& finding) {
  const double score = finding.*Member;
  return std::isfinite(score) ? FieldValue(score) : FieldValue();
}

template <std::vector<std::string> Finding::*Member>
FieldValue readList(const Finding& finding) {
  const std::vector<std::string>& list = finding.*Member;
  return list.empty() ? FieldValue() : FieldValue(&list);
}

template <std::int64_t Finding::*Member>
FieldValue readTime(const Finding& finding) {
  const std::int64_t micros = finding.*Member;
  return micros == 0 ? FieldValue() : FieldValue(Timestamp{micros});
}

FieldValue readSeverity(const Finding& finding) {
  return severityDigit(finding.severity);
}
FieldValue readSeverityName(const Finding& finding) {
  return severityName(finding.severity);
}

FieldValue readCvssScore(const Finding& finding) {
  const auto score = cvssScore(finding);
  return score ? FieldValue(*score) : FieldValue();
}

FieldValue readExploitAvailable(const Finding& finding) {
  return finding.exploit_available < 0 ? FieldValue() : FieldValue(finding.exploit_available > 0);
}

FieldValue readExtra(const Finding& finding) {
  return finding.extra.empty() ? FieldValue() : FieldValue(&finding.extra);
}

using F = Finding;
using K = FieldKind;
using P = Profile;
constexpr bool untrusted = true;

constexpr auto table = std::to_array<Field>({
    {"host", "", K::text, P::minimal, false, readText<&F::host>},
    {"plugin_id", "", K::identifier, P::minimal, false, readText<&F::check_id>},
    {"severity", "", K::number, P::minimal, false, readSeverity},
    {"cve", "", K::list, P::minimal, false, readList<&F::cve>},
    {"cvss_score", "", K::number, P::minimal, false, readCvssScore},
    {"exploit_available", "", K::boolean, P::minimal, false, readExploitAvailable},

    {"plugin_name", "", K::text, P::summary, untrusted, readText<&F::check_name>},
    {"cvss3_base_score", "", K::number, P::summary, false, readScore<&F::cvss3_base_score>},
    {"synopsis", "", K::text, P::summary, untrusted, readText<&F::synopsis>},

    {"description", "", K::text, P::brief, untrusted, readText<&F::description>},
    {"solution", "", K::text, P::brief, untrusted, readText<&F::solution>},

    {"port", "", K::number, P::full, false, readText<&F::port>},
    {"protocol", "", K::text, P::full, false, readText<&F::protocol>},
    {"service", "svc_name", K::text, P::full, untrusted, readText<&F::service>},
    {"plugin_family", "", K::text, P::full, untrusted, readText<&F::family>},
    {"severity_name", "", K::text, P::full, false, readSeverityName},
    {"cvss_base_score", "", K::number, P::full, false, readScore<&F::cvss_base_score>},
    {"cvss_temporal_score", "", K::number, P::full, false, readScore<&F::cvss_temporal_score>},
    {"cvss3_temporal_score", "", K::number, P::full, false, readScore<&F::cvss3_temporal_score>},
    {"cvss4_base_score", "", K::number, P::full, false, readScore<&F::cvss4_base_score>},
    {"vpr_score", "", K::number, P::full, false, readScore<&F::vpr_score>},
    {"epss_score", "", K::number, P::full, false, readScore<&F::epss_score>},
    {"cvss_vector", "", K::text, P::full, false, readText<&F::cvss_vector>},
    {"cvss3_vector", "", K::text, P::full, false, readText<&F::cvss3_vector>},
    {"cvss4_vector", "", K::text, P::full, false, readText<&F::cvss4_vector>},
    {"risk_factor", "", K::text, P::full, false, readText<&F::risk_factor>},
    {"cwe", "", K::list, P::full, false, readList<&F::cwe>},
    {"xref", "", K::list, P::full, untrusted, readList<&F::xref>},
    {"see_also", "", K::text, P::full, untrusted, readText<&F::see_also>},
    {"plugin_output", "", K::text, P::full, untrusted, readText<&F::output>},
    {"plugin_publication_date", "", K::text, P::full, false, readText<&F::plugin_publication_date>},
    {"plugin_modification_date", "", K::text, P::full, false,
     readText<&F::plugin_modification_date>},
    {"vuln_publication_date", "", K::text, P::full, false, readText<&F::vuln_publication_date>},
    {"patch_publication_date", "", K::text, P::full, false, readText<&F::patch_publication_date>},
    {"first_seen", "", K::timestamp, P::full, false, readTime<&F::first_seen_us>},
    {"last_seen", "", K::timestamp, P::full, false, readTime<&F::last_seen_us>},
    {"fingerprint", "", K::identifier, P::full, false, readText<&F::fingerprint>},
    {"scanner_family", "", K::text, P::full, false, readText<&F::scanner_family>},
    {"truncated", "", K::list, P::full, false, readList<&F::truncated>},
    {"extra", "", K::object, P::full, untrusted, readExtra},
});

}  // namespace

std::span<const Field> findingFields() {
  return table;
}

const Field* findField(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const Field& field : table)
    if (field.name == name || field.alias == name) return &field;
  return nullptr;
}

std::vector<std::string> fieldNames() {
  std::vector<std::string> names;
  for (const Field& field : table) names.emplace_back(field.name);
  return names;
}

Error unknownField(std::string_view name) {
  const std::vector<std::string> names = fieldNames();
  const std::string nearest = nearestName(name, names);
  std::string message = "unknown field '" + std::string(name.substr(0, 64)) + "'";
  if (!nearest.empty()) message += "; did you mean '" + nearest + "'?";
  return {ErrorClass::config, message + " Known: " + joinNames(names)};
}

std::optional<double> numberOf(const FieldValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* time = std::get_if<Timestamp>(&value)) return static_cast<double>(time->micros);
  const auto* text = std::get_if<std::string_view>(&value);
  if (!text) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

}  // namespace scanhost
