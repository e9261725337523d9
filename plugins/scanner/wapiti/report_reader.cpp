// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/report_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "plugins/scanner/wapiti/checks.h"

namespace scanhost::wapiti {
namespace {

constexpr std::size_t most_references = 64;  ///< of one class of weakness
constexpr std::size_t most_key_text = 512;   ///< bytes of each part of a key

[[noreturn]] void invalid(const std::string& why) {
  throw PluginError(ErrorClass::transient, "json_invalid: wapiti's report cannot be read: " + why);
}

Json parseReport(std::string_view json) {
  std::string why;
  auto report = Json::tryParse(json, {16, 4'000'000}, &why);
  if (!report) invalid(why);
  for (const char* part : {"classifications", "vulnerabilities", "anomalies"})
    if (!(*report)[part].isObject()) invalid("it has no object \"" + std::string(part) + "\"");
  return std::move(*report);
}

/// "CWE-89" from "CWE-89: Improper Neutralization ..."; empty when it is something else.
std::string cweIn(std::string_view title) {
  if (title.substr(0, 4) != "CWE-") return {};
  const std::size_t end = title.find_first_not_of("0123456789", 4);
  const std::string_view id = title.substr(0, end);
  return id.size() > 4 && id.size() <= 12 ? std::string(id) : std::string();
}

Severity severityOf(const Json& level) {
  return static_cast<Severity>(std::clamp<std::int64_t>(level.asInteger(0), 0, 4));
}

const char* riskOf(Severity severity) {
  static constexpr const char* words[] = {"None", "Low", "Medium", "High", "Critical"};
  return words[static_cast<int>(severity)];
}

/// What all findings of one class have in common.
FindingRecord findingOfClass(const std::string& name, const Check& check, const char* family,
                             const Json& classification, const Place& place) {
  FindingRecord finding;
  finding.host = place.host;
  finding.port = place.port;
  finding.service = place.service;
  finding.check_id = check.id;
  finding.check_name = name;
  finding.family = family;
  finding.description = classification["desc"].asString();
  finding.solution = classification["sol"].asString();
  if (!check.wstg.empty()) finding.xref.push_back(check.wstg);
  std::size_t references = 0;
  for (const auto& [title, url] : classification["ref"].members()) {
    if (++references > most_references) break;
    if (std::string cwe = cweIn(title); !cwe.empty()) finding.cwe.push_back(std::move(cwe));
    if (!url.asString().empty())
      finding.see_also += (finding.see_also.empty() ? "" : "\n") + url.asString();
  }
  return finding;
}

/// Wapiti from 3.1 on names the chapters itself.
void addChapters(const Json& wstg, FindingRecord& finding) {
  for (const Json& chapter : wstg.items())
    if (finding.xref.size() < most_references && !chapter.asString().empty() &&
        std::find(finding.xref.begin(), finding.xref.end(), chapter.asString()) ==
            finding.xref.end())
      finding.xref.push_back(chapter.asString());
}

/// The same from scan to scan: neither payloads nor times are in it.
std::string keyOf(const Json& item, const Check& check, const Place& place) {
  std::string key = item["method"].asString().substr(0, 16) + " ";
  key += place.name + item["path"].asString().substr(0, most_key_text);
  const std::string& parameter = item["parameter"].asString();
  if (!parameter.empty()) key += " " + parameter.substr(0, most_key_text);
  if (check.key_is_text) key += " " + item["info"].asString().substr(0, most_key_text);
  return key;
}

void addExtra(const char* name, const Json& value, FindingRecord& finding) {
  if (!value.asString().empty()) finding.extra.emplace_back(name, value.asString());
}

void tellClass(const std::string& name, const Json& items, const char* family, const Json& report,
               const Place& place, FindingSink& sink) {
  const Check check = checkOf(name);
  const FindingRecord common =
      findingOfClass(name, check, family, report["classifications"][name], place);
  std::set<std::string> told;
  for (const Json& item : items.items()) {
    std::string key = keyOf(item, check, place);
    if (!told.insert(key).second) continue;
    FindingRecord finding = common;
    finding.check_key = std::move(key);
    finding.severity = severityOf(item["level"]);
    finding.risk_factor = riskOf(finding.severity);
    finding.synopsis = item["info"].asString();
    finding.output = item["http_request"].asString();
    addChapters(item["wstg"], finding);
    addExtra("method", item["method"], finding);
    addExtra("path", item["path"], finding);
    addExtra("parameter", item["parameter"], finding);
    addExtra("module", item["module"], finding);
    sink.emit(std::move(finding));
  }
}

}  // namespace

void readReport(std::string_view json, const Place& place, FindingSink& sink) {
  const Json report = parseReport(json);
  constexpr std::pair<const char*, const char*> parts[] = {
      {"vulnerabilities", "wapiti vulnerabilities"},
      {"anomalies", "wapiti anomalies"},
      {"additionals", "wapiti additionals"}};
  for (const auto& [part, family] : parts)
    for (const auto& [name, items] : report[part].members())
      tellClass(name, items, family, report, place, sink);
}

}  // namespace scanhost::wapiti
