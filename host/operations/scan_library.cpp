// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/scan_library.h"

#include <algorithm>

#include "host/operations/prompts.h"
#include "host/operations/scan_uris.h"

namespace scanhost {
namespace {

constexpr int listed_scans = 50;
constexpr int completed_tasks = 100;
constexpr std::size_t most_values = 100;

OperationContext contextOf(const ProviderCall& call) {
  return {call.caller, call.trace, call.deadline_ns};
}

void refuse(ReplySink& sink, const ServiceError& error) {
  const bool is_unknown = error.code == "task_not_found" || error.code == "results_not_found";
  const bool is_down = error.status_code >= 500;
  sink.refused(is_unknown ? "unknown"
               : is_down  ? "unavailable"
                          : "invalid_arguments",
               error.message, error.toJson({}).dump());
}

void answer(ReplySink& sink, std::string_view uri, std::string_view media_type,
            std::string_view text) {
  sink.content({.kind = ContentKind::resource, .media_type = media_type, .uri = uri}, text, false);
  sink.result({}, false);
}

ResourceInfo templateOf(std::string_view rest, const char* name, const char* title,
                        const char* description, const char* media_type) {
  return {std::string(scans_uri) + "/{task_id}" + std::string(rest),
          name,
          title,
          description,
          media_type,
          -1,
          SCANHOST_RESOURCE_TEMPLATE};
}

}  // namespace

Status ScanLibrary::list(ListKind what, const Caller& caller, std::string_view cursor,
                         ListedPage& page) {
  if (what == ListKind::resources) return listScans(caller, cursor, page);
  if (!cursor.empty()) return fail(ErrorClass::unsupported, "the list has one page");
  if (what == ListKind::templates) {
    page.resources.push_back(templateOf("", "scan", "State of a scan",
                                        "How far the scan is, and how it ended.",
                                        "application/json"));
    page.resources.push_back(templateOf("/findings", "findings", "Findings of a scan",
                                        "The worst first, a hundred at a time, as lines of JSON; "
                                        "the last line names the next page.",
                                        "application/x-ndjson"));
    page.resources.push_back(
        templateOf("/findings/{cursor}", "more-findings", "Further findings of a scan",
                   "The page behind a cursor that a page before named.", "application/x-ndjson"));
    page.resources.push_back(templateOf("/report", "report", "Report of a scan",
                                        "Every finding with all its fields, as lines of JSON.",
                                        "application/x-ndjson"));
  }
  if (what == ListKind::prompts)
    for (const PromptInfo& prompt : promptList()) page.prompts.push_back(prompt);
  return {};
}

Status ScanLibrary::listScans(const Caller& caller, std::string_view cursor,
                              ListedPage& page) const {
  Json arguments = Json::object({{"limit", listed_scans}});
  if (cursor.empty())
    page.resources.push_back({std::string(scans_uri), "scans", "Scans",
                              "The newest scans and their states.", "application/json"});
  else
    arguments["cursor"] = cursor;
  const auto listed =
      operations_.perform("list_tasks", arguments, {caller, TraceContext::random()});
  if (!listed) {
    const bool bad_cursor = listed.error().status_code < 500;
    return fail(bad_cursor ? ErrorClass::unsupported : ErrorClass::transient,
                listed.error().message);
  }
  for (const Json& task : listed->structured["tasks"].items()) {
    ResourceInfo scan = scanResource(task["task_id"].asString());
    scan.title = task["name"].asString() + " (" + task["status"].asString() + ")";
    page.resources.push_back(std::move(scan));
  }
  if (const Json& next = listed->structured["next_cursor"]; next.isString())
    page.next = next.asString();
  return {};
}

void ScanLibrary::request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  switch (call.request.kind) {
    case RequestKind::resource: return read(call, *sink);
    case RequestKind::prompt: return fillPrompt(operations_, call, *sink);
    case RequestKind::completion: return complete(call, *sink);
    default: sink->refused("unknown", "there is no such thing", {});
  }
}

void ScanLibrary::read(const ProviderCall& call, ReplySink& sink) const {
  const std::string_view uri = call.request.name;
  const OperationContext context = contextOf(call);
  if (uri == scans_uri) {
    const auto listed =
        operations_.perform("list_tasks", Json::object({{"limit", listed_scans}}), context);
    if (!listed) return refuse(sink, listed.error());
    return answer(sink, uri, "application/json", listed->structured.dump());
  }
  const auto scan = readScanUri(uri);
  if (!scan) return sink.refused("unknown", "there is no such resource", {});
  Json arguments = Json::object({{"task_id", scan->task_id}});
  if (scan->part == ScanUri::Part::status) {
    const auto status = operations_.perform("get_scan_status", arguments, context);
    if (!status) return refuse(sink, status.error());
    return answer(sink, uri, "application/json", status->structured.dump());
  }
  if (scan->part == ScanUri::Part::report) {
    arguments["page"] = 0;
    arguments["schema_profile"] = "full";
  } else {
    arguments["page_size"] = 100;
    arguments["sort"] = "-severity";
    if (!scan->cursor.empty()) arguments["cursor"] = scan->cursor;
  }
  const auto lines = operations_.perform("get_scan_results", arguments, context);
  if (!lines) return refuse(sink, lines.error());
  answer(sink, uri, "application/x-ndjson", lines->text);
}

/// What may stand for an argument, newest or first configured first.
std::vector<std::string> ScanLibrary::values(const std::string& argument,
                                             const OperationContext& context) const {
  std::vector<std::string> found;
  const auto collect = [&](const char* operation, const Json& arguments, const char* list,
                           const char* member) {
    const auto answer = operations_.perform(operation, arguments, context);
    if (!answer) return;
    for (const Json& item : answer->structured[list].items())
      found.push_back(*member ? item[member].asString() : item.asString());
  };
  if (argument == "task_id" || argument == "base_task_id")
    collect("list_tasks", Json::object({{"limit", completed_tasks}}), "tasks", "task_id");
  else if (argument == "pool")
    collect("list_pools", Json::object(), "pools", "");
  else if (argument == "scanner")
    collect("list_scanners", Json::object(), "scanners", "instance_id");
  return found;
}

void ScanLibrary::complete(const ProviderCall& call, ReplySink& sink) const {
  const std::string_view reference = call.request.name;
  const std::string template_prefix = std::string(scans_uri) + "/{task_id}";
  const auto& prompts = promptList();
  const bool is_ours = reference.substr(0, template_prefix.size()) == template_prefix ||
                       std::any_of(prompts.begin(), prompts.end(), [&](const PromptInfo& prompt) {
                         return prompt.name == reference;
                       });
  if (!is_ours) return sink.refused("unknown", "there is no such prompt or template", {});
  const Json asked = Json::tryParse(call.request.arguments).value_or(Json());
  const std::string& begun = asked["value"].asString();
  std::vector<std::string> fitting;
  for (std::string& value : values(asked["argument"].asString(), contextOf(call)))
    if (value.compare(0, begun.size(), begun) == 0) fitting.push_back(std::move(value));
  const auto total = static_cast<std::int64_t>(fitting.size());
  const bool has_more = fitting.size() > most_values;
  if (has_more) fitting.resize(most_values);
  sink.completion(fitting, total, has_more);
}

bool ScanLibrary::mayWatch(std::string_view uri, const Caller& caller) {
  const auto scan = readScanUri(uri);
  if (!scan) return true;
  return operations_
      .perform("get_scan_status", Json::object({{"task_id", scan->task_id}}),
               {caller, TraceContext::random()})
      .has_value();
}

}  // namespace scanhost
