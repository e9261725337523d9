// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/task_removal.h"
#include "host/operations/task_request.h"

namespace scanhost {
namespace {

struct DeleteArguments {
  std::string task_id;
  bool delete_remote = true;
};

OperationResult deleteScan(const Service& service, const DeleteArguments& arguments,
                           const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  if (!isTerminal(task->state)) {
    ServiceError error = ServiceError::invalidState(
        taskStateName(task->state),
        std::string("The scan has not ended: it is ") + taskStateName(task->state));
    error.hint = "Cancel it, and delete it when it has ended";
    return tl::unexpected<ServiceError>(std::move(error));
  }
  auto remote = RemoteRemoval::kept;
  if (arguments.delete_remote) {
    const auto removed = removeRemoteScans(service, *task, context);
    if (!removed) return tl::unexpected<ServiceError>(removed.error());
    remote = *removed;
  }
  const auto findings = removeTask(service, *task, context);
  if (!findings) return tl::unexpected<ServiceError>(findings.error());
  service.work.events.emit(
      Level::info, "scan_deleted", *task,
      Json::object({{"caller", context.caller.subject}, {"remote", remoteRemovalName(remote)}}));
  return OperationAnswer{Json::object({{"task_id", task->id},
                                       {"deleted", true},
                                       {"findings_deleted", *findings},
                                       {"remote", remoteRemovalName(remote)}})};
}

}  // namespace

void addDeleteOperation(Operations& operations, const Service& service) {
  ArgumentTable<DeleteArguments> table;
  table
      .text("task_id", &DeleteArguments::task_id,
            {.description = "The scan to delete; it must have ended", .required = true})
      .boolean("delete_remote", &DeleteArguments::delete_remote,
               "Also delete what the scan left on its scanner, known by our marker in its name");
  Operation operation;
  operation.name = "delete_scan";
  operation.title = "Delete a scan";
  operation.description =
      "Deletes a scan that has ended, with its findings and its idempotency key, and its remains "
      "on the scanner. Cannot be undone.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties",
        Json::object(
            {{"task_id", Json::object({{"type", "string"}})},
             {"deleted", Json::object({{"type", "boolean"}})},
             {"findings_deleted", Json::object({{"type", "integer"}})},
             {"remote", Json::object({{"type", "string"},
                                      {"enum", Json::array({"deleted", "kept", "absent"})}})}})},
       {"required", Json::array({"task_id", "deleted", "findings_deleted", "remote"})}}));
  operation.flags = SCANHOST_OPERATION_DESTRUCTIVE;
  operation.logged_arguments = table.names();
  operation.audit_kind = AuditKind::delete_;
  operation.audited_results = {"findings_deleted", "remote"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return deleteScan(service, *read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
