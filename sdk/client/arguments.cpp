// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/arguments.h"

#include <cstdio>
#include <limits>
#include <random>

namespace scanhost::client {
namespace {

void setUnlessEmpty(Json& arguments, const char* name, const std::string& value) {
  if (!value.empty()) arguments[name] = value;
}

void setIfPresent(Json& arguments, const char* name, const std::optional<std::string>& value) {
  if (value) arguments[name] = *value;
}

std::optional<int> intOf(const Json& value) {
  if (!value.isInteger()) return std::nullopt;
  const auto number = value.asInteger();
  if (number < 0 || number > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(number);
}

}  // namespace

std::string randomKey() {
  std::random_device source;
  std::string key;
  for (int i = 0; i < 4; ++i) {
    char part[9];
    std::snprintf(part, sizeof part, "%08x", static_cast<unsigned>(source()));
    key += part;
  }
  return key;
}

Json untrustedScanArguments(const std::string& targets, const std::string& scan_name,
                            const ScanOptions& options) {
  Json arguments = Json::object({{"targets", targets}, {"name", scan_name}});
  setUnlessEmpty(arguments, "description", options.description);
  arguments["schema_profile"] = options.schema_profile;
  setIfPresent(arguments, "idempotency_key", options.idempotency_key);
  setIfPresent(arguments, "scanner_pool", options.scanner_pool);
  setIfPresent(arguments, "scanner_instance", options.scanner_instance);
  setIfPresent(arguments, "scan_template", options.scan_template);
  setIfPresent(arguments, "plan_digest", options.plan_digest);
  return arguments;
}

Json authenticatedScanArguments(const std::string& targets, const std::string& scan_name,
                                const std::string& scan_type, const ScanLogin& login,
                                const ScanOptions& options) {
  Json arguments = untrustedScanArguments(targets, scan_name, options);
  arguments["scan_type"] = scan_type;
  setIfPresent(arguments, "credential", login.credential);
  setUnlessEmpty(arguments, "ssh_username", login.ssh_username);
  setUnlessEmpty(arguments, "ssh_password", login.ssh_password);
  arguments["elevate_privileges_with"] = login.elevate_privileges_with;
  setUnlessEmpty(arguments, "escalation_account", login.escalation_account);
  setUnlessEmpty(arguments, "escalation_password", login.escalation_password);
  return arguments;
}

Json resultsArguments(const std::string& task_id, const ResultsQuery& query) {
  Json arguments = Json::object({{"task_id", task_id},
                                 {"page_size", query.page_size},
                                 {"schema_profile", query.schema_profile}});
  if (query.cursor.empty())
    arguments["page"] = query.page;
  else
    arguments["cursor"] = query.cursor;
  for (const std::string& field : query.custom_fields) arguments["custom_fields"].push(field);
  if (query.filters.size() > 0) arguments["filters"] = query.filters;
  setUnlessEmpty(arguments, "sort", query.sort);
  setUnlessEmpty(arguments, "group_by", query.group_by);
  if (query.max_bytes) arguments["max_bytes"] = *query.max_bytes;
  if (query.partial) arguments["partial"] = true;
  return arguments;
}

Json planArguments(const std::string& targets, const PlanOptions& options) {
  Json arguments = Json::object({{"targets", targets}, {"scan_type", options.scan_type}});
  setUnlessEmpty(arguments, "scanner_pool", options.scanner_pool);
  setUnlessEmpty(arguments, "scanner_instance", options.scanner_instance);
  return arguments;
}

Json compareArguments(const std::string& base_task_id, const std::string& task_id,
                      const CompareQuery& query) {
  Json arguments = Json::object({{"base_task_id", base_task_id},
                                 {"task_id", task_id},
                                 {"schema_profile", query.schema_profile},
                                 {"page", query.page},
                                 {"page_size", query.page_size}});
  if (query.filters.size() > 0) arguments["filters"] = query.filters;
  return arguments;
}

Json exportArguments(const std::string& task_id, const std::string& format,
                     const ExportQuery& query) {
  Json arguments = Json::object(
      {{"task_id", task_id}, {"format", format}, {"schema_profile", query.schema_profile}});
  if (query.filters.size() > 0) arguments["filters"] = query.filters;
  if (query.partial) arguments["partial"] = true;
  return arguments;
}

Json taskListArguments(const std::string& status, const TaskQuery& query) {
  Json arguments = Json::object({{"limit", query.limit}});
  setUnlessEmpty(arguments, "status_filter", status);
  setUnlessEmpty(arguments, "scanner_pool", query.scanner_pool);
  setUnlessEmpty(arguments, "target_filter", query.target_filter);
  setUnlessEmpty(arguments, "cursor", query.cursor);
  return arguments;
}

SubmittedScan readSubmittedScan(Json answer, std::string idempotency_key) {
  SubmittedScan scan;
  scan.task_id = answer["task_id"].asString();
  scan.trace_id = answer["trace_id"].asString();
  scan.status = answer["status"].asString();
  scan.scanner_pool = answer["scanner_pool"].asString();
  scan.scanner_instance = answer["scanner_instance"].asString();
  scan.idempotent = answer["idempotent"].asBool();
  scan.queue_position = intOf(answer["queue_position"]);
  scan.estimated_wait_minutes = intOf(answer["estimated_wait_minutes"]);
  scan.idempotency_key = std::move(idempotency_key);
  scan.json = std::move(answer);
  if (scan.task_id.empty()) throw ProtocolError("the answer to a submission has no task_id");
  return scan;
}

ScanStatus readScanStatus(Json answer) {
  ScanStatus status;
  status.task_id = answer["task_id"].asString();
  status.status = answer["status"].asString();
  status.progress = intOf(answer["progress"]);
  status.scanner_status = answer["scanner_status"].asString();
  status.error_message = answer["error_message"].asString();
  status.json = std::move(answer);
  if (status.status.empty()) throw ProtocolError("the status of a scan has no member 'status'");
  return status;
}

}  // namespace scanhost::client
