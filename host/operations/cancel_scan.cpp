// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/draft/operations.h>

#include "host/base/fault_points.h"
#include "host/operations/argument_table.h"
#include "host/operations/service.h"

namespace scanhost {
namespace {

struct CancelArguments {
  std::string task_id;
  std::string reason;
};

OperationResult cancelScan(const Service& service, const CancelArguments& arguments,
                           const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  if (!context.caller.maySubmit())
    return tl::unexpected<ServiceError>(ServiceError::forbidden("A viewer may look, not cancel"));
  const auto answer =
      service.work.queue.request(task->id, TaskRequest::cancel, Timestamp::now().micros,
                                 callFor(context, Work::queue_timeout));
  if (!answer) return tl::unexpected<ServiceError>(ServiceError::fromBackend(answer.error()));
  if (answer->outcome == QueueOutcome::not_found || !answer->task)
    return tl::unexpected<ServiceError>(ServiceError::taskNotFound(task->id));
  const QueuedTask& now = *answer->task;
  killPoint("after_cancel");
  if (answer->outcome == QueueOutcome::wrong_state && now.state != TaskState::cancelled)
    return tl::unexpected<ServiceError>(ServiceError::invalidState(
        taskStateName(now.state),
        std::string("The scan has ended: it is ") + taskStateName(now.state)));

  if (answer->outcome == QueueOutcome::done && !isTerminal(task->state)) {
    service.work.events.emit(
        Level::info, "cancel_requested", now,
        Json::object({{"caller", context.caller.subject}, {"reason", arguments.reason}}));
    if (now.state == TaskState::cancelled) {
      const auto submission = SubmissionDocument::parse(now.submission, now.id);
      service.work.metrics.recordScanCompletion(submission ? submission->scan_type : "untrusted",
                                                "cancelled", std::nullopt);
      service.work.events.emit(Level::info, "scan_cancelled", now);
    }
  }
  const bool ended = now.state == TaskState::cancelled;
  return OperationAnswer{Json::object(
      {{"task_id", now.id},
       {"trace_id", now.trace_id},
       {"status", taskStateName(now.state)},
       {"cancel_requested", now.flags.cancel_requested || ended},
       {"message", ended
                       ? "The scan is cancelled"
                       : "The scan is being stopped; it is cancelled when the scanner confirms"}})};
}

}  // namespace

void addCancelOperation(Operations& operations, const Service& service) {
  ArgumentTable<CancelArguments> table;
  table
      .text("task_id", &CancelArguments::task_id,
            {.description = "The scan to cancel", .required = true})
      .text("reason", &CancelArguments::reason,
            {.description = "Why, for the log", .max_length = 255});
  const Json text = Json::object({{"type", "string"}});
  Operation operation;
  operation.name = "cancel_scan";
  operation.title = "Cancel a scan";
  operation.description =
      "Ends a scan for good. A waiting one is cancelled at once, a running one when its scanner "
      "has "
      "stopped; findings so far stay readable with partial: true. A repeat does no harm.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"task_id", text}, {"status", text}, {"message", text}})},
       {"required", Json::array({"task_id", "status", "cancel_requested"})}}));
  operation.flags = SCANHOST_OPERATION_DESTRUCTIVE | SCANHOST_OPERATION_IDEMPOTENT;
  operation.logged_arguments = {"task_id", "reason"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return cancelScan(service, *read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
