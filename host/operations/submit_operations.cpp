// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/scan_uris.h"
#include "host/operations/submission.h"

namespace scanhost {
namespace {

const std::vector<std::string> profiles = {"minimal", "summary", "brief", "full"};
const std::vector<std::string> elevations = {
    "Nothing",  "sudo",           "su",
    "su+sudo",  "pbrun",          "dzdo",
    ".k5login", "Cisco 'enable'", "Checkpoint Gaia 'expert'"};

ArgumentTable<SubmitArguments> commonArguments() {
  ArgumentTable<SubmitArguments> table;
  table
      .text("targets", &SubmitArguments::targets,
            {.description = "What to scan: addresses, CIDR networks, ranges (10.0.0.1-20) or host "
                            "names, separated by commas, spaces or newlines",
             .required = true,
             .min_length = 1})
      .text("name", &SubmitArguments::name,
            {.description = "A name for people to know the scan by",
             .required = true,
             .min_length = 1,
             .max_length = 255})
      .text("description", &SubmitArguments::description,
            {.description = "What the scan is for", .max_length = 4096})
      .choice("schema_profile", &SubmitArguments::schema_profile, profiles,
              "The profile you mean to read the results with; recorded only",
              "Invalid schema profile")
      .text(
          "idempotency_key", &SubmitArguments::idempotency_key,
          {.description = "A retry with the same key gives the same task instead of a second scan",
           .min_length = 1,
           .max_length = 255,
           .printable_ascii = true})
      .text("scanner_pool", &SubmitArguments::scanner_pool,
            {.description = "A pool that list_pools names; the default pool when absent"})
      .text("scanner_instance", &SubmitArguments::scanner_instance,
            {.description = "One instance of the pool; any of them when absent"})
      .text("scan_template", &SubmitArguments::scan_template,
            {.description = "A template that list_pools names; the pool's default when absent"})
      .text("plan_digest", &SubmitArguments::plan_digest,
            {.description = "digest of plan_scan: the scan is refused if addresses or policy are "
                            "others than those planned",
             .max_length = 1024,
             .printable_ascii = true});
  return table;
}

Json submitSchema() {
  const Json text = Json::object({{"type", "string"}});
  const Json integer = Json::object({{"type", "integer"}});
  return outputSchema(Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"task_id", text},
                                    {"trace_id", text},
                                    {"status", text},
                                    {"scan_type", text},
                                    {"scanner_pool", text},
                                    {"scanner_instance", text},
                                    {"scanner_url", text},
                                    {"queue_position", integer},
                                    {"estimated_wait_minutes", integer},
                                    {"message", text},
                                    {"idempotent", Json::object({{"type", "boolean"}})}})},
       {"required", Json::array({"task_id", "trace_id", "status", "idempotent"})}}));
}

/// An operation that submits what `table` reads.
Operation submitOperation(const Service& service, std::string name, std::string title,
                          std::string description, ArgumentTable<SubmitArguments> table,
                          std::vector<std::string> logged) {
  Operation operation;
  operation.name = name;
  operation.title = std::move(title);
  operation.description = std::move(description);
  operation.input_schema = table.schema();
  operation.output_schema = submitSchema();
  operation.flags = SCANHOST_OPERATION_OPEN_WORLD | SCANHOST_OPERATION_TASK_OPTIONAL;
  operation.logged_arguments = std::move(logged);
  operation.run = [&service, name, table = std::move(table)](
                      const Json& arguments, const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    OperationResult answer = submitScan(service, name, *read, context);
    if (answer) {
      answer->task_id = answer->structured["task_id"].asString();
      answer->links = {scanResource(answer->task_id)};
    }
    return answer;
  };
  return operation;
}

}  // namespace

void addSubmitOperations(Operations& operations, const Service& service) {
  operations.add(
      submitOperation(service, "run_untrusted_scan", "Scan without logging in",
                      "Scans targets from the outside, without credentials. Answers at once with a "
                      "task id; the scan "
                      "runs in the background: ask get_scan_status, then get_scan_results.",
                      commonArguments(),
                      {"targets", "name", "idempotency_key", "scanner_pool", "scanner_instance"}));

  ArgumentTable<SubmitArguments> authenticated = commonArguments();
  authenticated
      .choice("scan_type", &SubmitArguments::scan_type,
              {"authenticated", "authenticated_privileged"},
              "authenticated logs in; authenticated_privileged also gains root there",
              "Invalid scan_type", true)
      .text("ssh_username", &SubmitArguments::ssh_username,
            {.description = "The account to log in with, unless credential is given",
             .max_length = 255})
      .text("ssh_password", &SubmitArguments::ssh_password,
            {.description = "Its password; sealed at once and never shown",
             .max_length = 1024,
             .secret = true})
      .text("credential", &SubmitArguments::credential,
            {.description =
                 "A login that operators keep here, as cred:<name>; better than a password",
             .min_length = 1,
             .max_length = 128,
             .printable_ascii = true})
      .choice("elevate_privileges_with", &SubmitArguments::elevate_privileges_with, elevations,
              "How to gain privileges after logging in")
      .text("escalation_account", &SubmitArguments::escalation_account,
            {.description = "The account to become; root when empty", .max_length = 255})
      .text("escalation_password", &SubmitArguments::escalation_password,
            {.description = "Its password; sealed at once and never shown",
             .max_length = 1024,
             .secret = true});
  operations.add(submitOperation(
      service, "run_authenticated_scan", "Scan with a login",
      "Scans targets with SSH credentials, which finds missing patches and weak settings that "
      "cannot "
      "be seen from outside. Answers at once with a task id, like run_untrusted_scan.",
      std::move(authenticated),
      {"targets", "name", "idempotency_key", "scanner_pool", "scanner_instance", "scan_type",
       "credential", "elevate_privileges_with"}));
}

}  // namespace scanhost
