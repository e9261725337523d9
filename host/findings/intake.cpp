// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/intake.h"

#include <scanhost/json.h>

#include <algorithm>

#include "host/findings/ascii.h"
#include "host/findings/fields.h"
#include "host/findings/fingerprint.h"

namespace scanhost {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Texts by the names under which clients know them. The check's own key is not among them: it is
/// never served.
template <class Visit>
void visitTexts(Finding& f, Visit&& visit) {
  visit("host", f.host);
  visit("port", f.port);
  visit("protocol", f.protocol);
  visit("service", f.service);
  visit("plugin_id", f.check_id);
  visit("plugin_name", f.check_name);
  visit("plugin_family", f.family);
  visit("cvss_vector", f.cvss_vector);
  visit("cvss3_vector", f.cvss3_vector);
  visit("cvss4_vector", f.cvss4_vector);
  visit("risk_factor", f.risk_factor);
  visit("synopsis", f.synopsis);
  visit("description", f.description);
  visit("solution", f.solution);
  visit("see_also", f.see_also);
  visit("plugin_output", f.output);
  visit("plugin_publication_date", f.plugin_publication_date);
  visit("plugin_modification_date", f.plugin_modification_date);
  visit("vuln_publication_date", f.vuln_publication_date);
  visit("patch_publication_date", f.patch_publication_date);
}

template <class Visit>
void visitLists(Finding& f, Visit&& visit) {
  visit("cve", f.cve);
  visit("cwe", f.cwe);
  visit("xref", f.xref);
}

bool isSound(std::string_view text) {
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = detail::decodeUtf8(text, at, point);
    if (length == 0 || point == 0) return false;
    at += length;
  }
  return true;
}

void repair(std::string& text) {
  if (!isSound(text)) text = repairedUtf8(text);
}

/// Whether something was cut off.
bool cut(std::string& text, std::size_t bytes) {
  const std::size_t kept = cutUtf8(text, bytes).size();
  if (kept == text.size()) return false;
  text.resize(kept);
  return true;
}

template <class Item>
bool cutList(std::vector<Item>& list, std::size_t elements) {
  if (list.size() <= elements) return false;
  list.resize(elements);
  return true;
}

void repairAll(Finding& finding) {
  const auto repair_text = [](const char*, std::string& text) { repair(text); };
  visitTexts(finding, repair_text);
  repair(finding.check_key);
  visitLists(finding, [](const char*, std::vector<std::string>& list) {
    for (std::string& element : list) repair(element);
  });
  for (auto& [name, value] : finding.extra) {
    repair(name);
    repair(value);
  }
}

void cutAll(Finding& finding, const IntakeLimits& limits) {
  std::vector<std::string> shortened;
  const auto note = [&](std::string_view field) {
    if (std::find(shortened.begin(), shortened.end(), field) == shortened.end())
      shortened.emplace_back(field);
  };
  for (const std::string& name : finding.truncated) {
    const Field* field = findField(name);
    note(field ? field->name : "extra");  // no free text gets in by this list
  }
  visitTexts(finding, [&](const char* field, std::string& text) {
    if (cut(text, limits.text)) note(field);
  });
  visitLists(finding, [&](const char* field, std::vector<std::string>& list) {
    bool any = cutList(list, limits.list_elements);
    for (std::string& element : list) any |= cut(element, limits.text);
    if (any) note(field);
  });
  bool extra_cut = cutList(finding.extra, limits.list_elements);
  for (auto& [name, value] : finding.extra) {
    extra_cut |= cut(name, limits.text);
    extra_cut |= cut(value, limits.text);
  }
  if (extra_cut) note("extra");
  cut(finding.check_key, limits.text);
  finding.truncated = std::move(shortened);
}

}  // namespace

std::string repairedUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t point = 0;
    const std::size_t length = detail::decodeUtf8(text, at, point);
    out += length == 0 || point == 0 ? replacement : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string_view cutUtf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

void takeIn(Finding& finding, std::string_view scanner_family, const IntakeLimits& limits) {
  repairAll(finding);
  if (finding.port.empty()) finding.port = "0";
  finding.protocol = asciiLower(finding.protocol);
  finding.severity = static_cast<Severity>(std::clamp(static_cast<int>(finding.severity), 0, 4));
  finding.scanner_family = scanner_family;
  finding.fingerprint = fingerprint({finding.scanner_family, finding.check_id, finding.host,
                                     finding.port, finding.protocol, finding.check_key});
  cutAll(finding, limits);
}

}  // namespace scanhost
