// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/reload.h"

#include <scanhost/abi/operations.h>

#include "host/base/nearest.h"
#include "host/operations/argument_table.h"
#include "host/operations/service.h"

namespace scanhost {
namespace {

struct NoArguments {};

Json toArray(const std::vector<std::string>& keys) {
  Json out = Json::array();
  for (const std::string& key : keys) out.push(key);
  return out;
}

}  // namespace

Json reloadJson(const ReloadAnswer& answer) {
  return Json::object({{"changed", toArray(answer.changed)},
                       {"restart_required", toArray(answer.restart_required)}});
}

ServiceError invalidConfig(std::string message) {
  return {.code = "invalid_config",
          .status_code = 422,
          .error = "Invalid configuration",
          .message = std::move(message),
          .hint = "The old settings are kept; scanhost check --config FILE tells the same"};
}

ServiceError restartRequired(const std::vector<std::string>& keys) {
  ServiceError error = ServiceError::invalidState(
      "running", "These cannot change while the service runs: " + joinNames(keys));
  error.hint = "The old settings are kept; restart the service, or take these back";
  return error;
}

void addReloadOperation(Operations& operations, const Service& service) {
  const ArgumentTable<NoArguments> table;
  const Json keys =
      Json::object({{"type", "array"}, {"items", Json::object({{"type", "string"}})}});
  Operation operation;
  operation.name = "reload";
  operation.title = "Read the configuration again";
  operation.description =
      "Reads the configuration files again and applies what changed while scans run: scanners, "
      "exporters, the queue's connection, policy, limits, tasks and log level. What is new is made "
      "and tried first; if anything fails, or changed that needs a restart, nothing changes. For "
      "operators.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(
      Json::object({{"type", "object"},
                    {"properties", Json::object({{"changed", keys}, {"restart_required", keys}})},
                    {"required", Json::array({"changed", "restart_required"})}}));
  operation.flags = SCANHOST_OPERATION_IDEMPOTENT;
  operation.operators_only = true;
  operation.audit_kind = AuditKind::reload;
  operation.audited_results = {"changed", "restart_required"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    auto answer = service.reload(context.trace);
    if (!answer) return tl::unexpected<ServiceError>(std::move(answer.error()));
    return OperationAnswer{reloadJson(*answer)};
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
