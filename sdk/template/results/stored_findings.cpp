// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The file that carries findings over a clean stop. Its records are lists in the order of the SDK's
/// fields, so a plugin built with another SDK does not read it, and says so.
#include <scanhost/json.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "memory_results.h"

using namespace scanhost;

namespace {

Json stored(const FindingRecord& finding) {
  Json texts = Json::array(), numbers = Json::array(), extra = Json::array();
  detail::visitTexts(finding, finding,
                     [&](const std::string& text, const std::string&) { texts.push(text); });
  detail::visitNumbers(finding, finding,
                       [&](const auto& number, const auto&) { numbers.push(number); });
  Json lists = Json::array();
  for (const auto* list : {&finding.cve, &finding.cwe, &finding.xref, &finding.truncated}) {
    Json& items = lists.push(Json::array());
    for (const std::string& item : *list) items.push(item);
  }
  for (const auto& [name, value] : finding.extra) extra.push(Json::array({name, value}));
  return Json::array({static_cast<int>(finding.severity), std::move(texts), std::move(numbers),
                      std::move(lists), std::move(extra)});
}

FindingRecord restored(const Json& json) {
  FindingRecord finding;
  const auto& parts = json.items();
  finding.severity = static_cast<Severity>(parts.at(0).asInteger());
  std::size_t at = 0;
  detail::visitTexts(finding, finding, [&](std::string& text, const std::string&) {
    text = parts.at(1).items().at(at++).asString();
  });
  at = 0;
  detail::visitNumbers(finding, finding, [&](auto& number, const auto&) {
    const Json& value = parts.at(2).items().at(at++);
    number = static_cast<std::decay_t<decltype(number)>>(
        value.asNumber(FindingRecord::no_score));  // what JSON has no number for is null
  });
  at = 0;
  for (auto* list : {&finding.cve, &finding.cwe, &finding.xref, &finding.truncated})
    for (const Json& item : parts.at(3).items().at(at++).items()) list->push_back(item.asString());
  for (const Json& pair : parts.at(4).items())
    finding.extra.emplace_back(pair.items().at(0).asString(), pair.items().at(1).asString());
  return finding;
}

[[noreturn]] void failed(const std::string& file, const char* what) {
  throw PluginError(ErrorClass::transient, file + " cannot be " + what, ErrorSubject::backend);
}

}  // namespace

void @CLASS@::save() const {
  Json all = Json::object({{"layout", sizeof(scanhost_finding)}, {"next", next_}});
  Json& list = all["generations"] = Json::array();
  for (const auto& [name, one] : generations_) {
    Json& json = list.push(Json::object({{"name", name},
                                         {"task_id", one.generation.task_id},
                                         {"attempt", one.generation.attempt},
                                         {"epoch", one.generation.epoch},
                                         {"created_us", one.generation.created_us},
                                         {"summary", one.summary},
                                         {"findings", Json::array()}}));
    for (const FindingRecord& finding : one.findings) json["findings"].push(stored(finding));
  }
  const std::string fresh = file() + ".new";
  std::ofstream out(fresh, std::ios::binary);
  out << all.dump();
  out.close();
  if (!out || std::rename(fresh.c_str(), file().c_str()) != 0) failed(file(), "written");
}

void @CLASS@::load() {
  std::ifstream in(file(), std::ios::binary);
  if (!in) return;
  const std::string text(std::istreambuf_iterator<char>(in), {});
  JsonLimits limits;
  limits.values = text.size();  // ours, however many
  const Json all = Json::parse(text, limits);
  if (all["layout"].asInteger() != sizeof(scanhost_finding))
    throw PluginError(ErrorClass::config,
                      file() + " was written by a plugin built with another SDK; move it away");
  next_ = static_cast<std::uint64_t>(all["next"].asInteger());
  for (const Json& json : all["generations"].items()) {
    Stored& one = generations_[json["name"].asString()];
    one.generation.task_id = json["task_id"].asString();
    one.generation.attempt = static_cast<int>(json["attempt"].asInteger());
    one.generation.epoch = static_cast<std::uint64_t>(json["epoch"].asInteger());
    one.generation.created_us = json["created_us"].asInteger();
    if (json["summary"].isString()) one.summary = json["summary"].asString();
    for (const Json& finding : json["findings"].items()) add(one, restored(finding));
  }
}
