// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"
#include "host/tasks/endings.h"

namespace scanhost {
namespace {

struct RedriveArguments {
  std::string task_id;
  bool relaunch = false;
};

bool needsRelaunch(const QueuedTask& task) {
  return task.error_class == ErrorClass::ambiguous || task.error_class == ErrorClass::lost;
}

/// Whether the next attempt should look for the remote scan by its marker instead of following it
/// unseen: one that runs or is complete is taken up, one that the scanner aborted is removed and
/// launched anew. Only where there is one can it be looked for on its own scanner.
bool looksFirst(const Service& service, const QueuedTask& task) {
  const ScannerPtr instance = service.work.scanners->find(task.pool, task.instance);
  return instance && instance->can(SCANHOST_SCANNER_FINDS) && !task.reference.empty();
}

ServiceError notFailed(const QueuedTask& task) {
  return ServiceError::invalidState(
      taskStateName(task.state),
      std::string("Only a failed task can be redriven; this one is ") + taskStateName(task.state));
}

ServiceError inDoubt(const QueuedTask& task) {
  ServiceError error = ServiceError::invalidState(
      taskStateName(task.state), task.error_class == ErrorClass::lost
                                     ? "Its remote scan is gone from the scanner"
                                     : "Its remote scan may have been launched, and may still run");
  error.hint = "Look on the scanner " + task.pool + ":" + task.instance +
               "; relaunch: true allows another remote scan";
  return error;
}

OperationResult redriveTask(const Service& service, const RedriveArguments& arguments,
                            const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  if (task->state != TaskState::failed) return tl::unexpected<ServiceError>(notFailed(*task));
  if (needsRelaunch(*task) && !arguments.relaunch)
    return tl::unexpected<ServiceError>(inDoubt(*task));
  const auto answer =
      service.work.queue.redrive(task->id, arguments.relaunch || looksFirst(service, *task),
                                 callFor(context, Work::queue_timeout));
  if (!answer) return tl::unexpected<ServiceError>(ServiceError::fromBackend(answer.error()));
  if (answer->outcome == QueueOutcome::not_found || !answer->task)
    return tl::unexpected<ServiceError>(ServiceError::taskNotFound(task->id));
  const QueuedTask& now = *answer->task;
  if (answer->outcome != QueueOutcome::done) return tl::unexpected<ServiceError>(notFailed(now));

  service.work.metrics.recordRedrive(now.pool);
  service.work.events.emit(
      Level::info, "task_redriven", now,
      Json::object({{"caller", context.caller.subject}, {"attempt", now.attempt}}));
  announceMove(service.work, now, task->state, now.state, "redriven");
  return OperationAnswer{Json::object({{"task_id", now.id},
                                       {"trace_id", now.trace_id},
                                       {"status", taskStateName(now.state)},
                                       {"attempt", now.attempt},
                                       {"message", "The task is queued again"}})};
}

}  // namespace

void addRedriveOperation(Operations& operations, const Service& service) {
  ArgumentTable<RedriveArguments> table;
  table
      .text("task_id", &RedriveArguments::task_id,
            {.description = "The failed task", .required = true})
      .boolean("relaunch", &RedriveArguments::relaunch,
               "Allow another remote scan although the last one is lost or in doubt; one that is "
               "found by its marker is followed instead");
  const Json text = Json::object({{"type", "string"}});
  Operation operation;
  operation.name = "redrive_task";
  operation.title = "Try a failed scan again";
  operation.description =
      "Queues a failed task again as its next attempt, with the same ids. Refused when it is not "
      "failed (any more), so a repeat starts nothing twice. For operators.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(
      Json::object({{"type", "object"},
                    {"properties", Json::object({{"task_id", text},
                                                 {"status", text},
                                                 {"attempt", Json::object({{"type", "integer"}})},
                                                 {"message", text}})},
                    {"required", Json::array({"task_id", "status", "attempt"})}}));
  operation.operators_only = true;
  operation.logged_arguments = table.names();
  operation.audit_kind = AuditKind::redrive;
  operation.audited_results = {"attempt"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return redriveTask(service, *read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
