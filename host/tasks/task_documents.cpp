// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_documents.h"

#include <array>
#include <utility>

namespace scanhost {
namespace {

constexpr std::int64_t document_version = 1;

constexpr std::array<std::pair<const char*, std::string SubmissionDocument::*>, 11>
    submission_texts{{
        {"name", &SubmissionDocument::name},
        {"description", &SubmissionDocument::description},
        {"targets", &SubmissionDocument::targets},
        {"scan_type", &SubmissionDocument::scan_type},
        {"scanner_type", &SubmissionDocument::scanner_type},
        {"schema_profile", &SubmissionDocument::schema_profile},
        {"scan_template", &SubmissionDocument::scan_template},
        {"sealed_settings", &SubmissionDocument::sealed_settings},
        {"credential", &SubmissionDocument::credential},
        {"sealed_login", &SubmissionDocument::sealed_login},
        {"traceparent", &SubmissionDocument::traceparent},
    }};

/// The document as an object of a version this host reads.
Result<Json> readDocument(std::string_view text, std::string_view what, std::string_view task_id) {
  std::string why;
  auto document = Json::tryParse(text, {}, &why);
  if (!document || !document->isObject())
    return fail(ErrorClass::internal, "task " + std::string(task_id) + ": its " +
                                          std::string(what) + " in the queue is damaged: " + why);
  const std::int64_t version = (*document)["version"].asInteger();
  if (version < 1)
    return fail(ErrorClass::internal, "task " + std::string(task_id) + ": its " +
                                          std::string(what) + " in the queue has no version");
  return std::move(*document);
}

/// What remains of a document after every known member was taken out of it.
Json unknownMembers(Json document, const std::vector<std::string>& known) {
  document.erase("version");
  for (const std::string& name : known) document.erase(name);
  return document;
}

std::optional<Timestamp> readTime(const Json& value) {
  return value.isString() ? parseTimestamp(value.asString()) : std::nullopt;
}

Json writeTime(const std::optional<Timestamp>& time) {
  return time ? Json(formatTimestamp(*time)) : Json();
}

}  // namespace

std::string SubmissionDocument::toText() const {
  Json out = unknown;
  out["version"] = document_version;
  for (const auto& [key, member] : submission_texts)
    if (!(this->*member).empty()) out[key] = this->*member;
  if (resubmitted) out["resubmitted"] = true;
  return out.dump();
}

Result<SubmissionDocument> SubmissionDocument::parse(std::string_view text,
                                                     std::string_view task_id) {
  auto document = readDocument(text, "submission", task_id);
  if (!document) return tl::unexpected<Error>(document.error());
  SubmissionDocument out;
  std::vector<std::string> known{"resubmitted"};
  out.resubmitted = (*document)["resubmitted"].asBool();
  for (const auto& [key, member] : submission_texts) {
    out.*member = (*document)[key].asString();
    known.emplace_back(key);
  }
  out.unknown = unknownMembers(std::move(*document), known);
  return out;
}

std::string ProgressDocument::toText() const {
  Json out = unknown;
  out["version"] = document_version;
  out["percent"] = percent ? Json(*percent) : Json();
  out["scanner_status"] = scanner_status;
  out["polled_at"] = writeTime(polled_at);
  out["scanner_error"] = scanner_error;
  out["launched_at"] = writeTime(launched_at);
  out["paused_at"] = writeTime(paused_at);
  out["paused_us"] = paused_us;
  out["pause_asked"] = pause_asked;
  out["ending_since"] = writeTime(ending_since);
  out["announced_percent"] = announced_percent;
  out["authentication_status"] = authentication_status;
  Json texts = Json::array();
  for (const std::string& warning : warnings) texts.push(warning);
  out["warnings"] = std::move(texts);
  out["results_summary"] = results_summary;
  out["coverage"] = coverage;
  return out.dump();
}

Result<ProgressDocument> ProgressDocument::parse(std::string_view text, std::string_view task_id) {
  ProgressDocument out;
  if (text.empty()) return out;
  auto document = readDocument(text, "progress", task_id);
  if (!document) return tl::unexpected<Error>(document.error());
  const Json& json = *document;
  if (json["percent"].isInteger()) out.percent = static_cast<int>(json["percent"].asInteger());
  out.scanner_status = json["scanner_status"].asString();
  out.polled_at = readTime(json["polled_at"]);
  out.scanner_error = json["scanner_error"].asString();
  out.launched_at = readTime(json["launched_at"]);
  out.paused_at = readTime(json["paused_at"]);
  out.paused_us = json["paused_us"].asInteger();
  out.pause_asked = json["pause_asked"].asBool();
  out.ending_since = readTime(json["ending_since"]);
  out.announced_percent = static_cast<int>(json["announced_percent"].asInteger());
  out.authentication_status = json["authentication_status"].asString();
  for (const Json& warning : json["warnings"].items()) out.warnings.push_back(warning.asString());
  out.results_summary = json["results_summary"];
  out.coverage = json["coverage"];
  out.unknown =
      unknownMembers(std::move(*document),
                     {"percent", "scanner_status", "polled_at", "scanner_error", "launched_at",
                      "paused_at", "paused_us", "pause_asked", "ending_since", "announced_percent",
                      "authentication_status", "warnings", "results_summary", "coverage"});
  return out;
}

}  // namespace scanhost
