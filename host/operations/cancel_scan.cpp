// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/base/fault_points.h"
#include "host/operations/task_request.h"

namespace scanhost {
namespace {

OperationResult cancelScan(const Service& service, const TaskArguments& arguments,
                           const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  const auto asked = cancelTask(service, *task, arguments.reason, context);
  if (!asked) return tl::unexpected<ServiceError>(asked.error());
  const QueuedTask& now = asked->now;
  const bool ended = now.state == TaskState::cancelled;
  return requestAnswer(
      now, "cancel_requested", now.flags.cancel_requested || ended,
      ended ? "The scan is cancelled"
            : "The scan is being stopped; it is cancelled when the scanner confirms");
}

}  // namespace

tl::expected<AskedTask, ServiceError> cancelTask(const Service& service, const QueuedTask& task,
                                                 const std::string& reason,
                                                 const OperationContext& context) {
  auto asked = askOfTask(service, task, TaskRequest::cancel, context);
  if (!asked) return asked;
  const QueuedTask& now = asked->now;
  killPoint("after_cancel");
  const bool ended = now.state == TaskState::cancelled;
  if (asked->refused && !ended) return tl::unexpected<ServiceError>(hasEnded(now));
  if (asked->refused || isTerminal(asked->before.state)) return asked;
  announceRequest(service, "cancel_requested", *asked,
                  Json::object({{"caller", context.caller.subject}, {"reason", reason}}));
  if (ended) {
    const auto submission = SubmissionDocument::parse(now.submission, now.id);
    service.work.metrics.recordScanCompletion(submission ? submission->scan_type : "untrusted",
                                              "cancelled", std::nullopt);
    service.work.events.emit(Level::info, "scan_cancelled", now);
  }
  return asked;
}

void addCancelOperation(Operations& operations, const Service& service) {
  TaskOperation operation;
  operation.name = "cancel_scan";
  operation.title = "Cancel a scan";
  operation.description =
      "Ends a scan for good. A waiting one is cancelled at once, a running one when its scanner "
      "has stopped; findings so far stay readable with partial: true. A repeat does no harm.";
  operation.task_description = "The scan to cancel";
  operation.flag = "cancel_requested";
  operation.has_reason = true;
  operation.flags = SCANHOST_OPERATION_DESTRUCTIVE | SCANHOST_OPERATION_IDEMPOTENT;
  operation.audit_kind = AuditKind::cancel;
  operation.run = [&service](const TaskArguments& arguments, const OperationContext& context) {
    return cancelScan(service, arguments, context);
  };
  addTaskOperation(operations, std::move(operation));
}

}  // namespace scanhost
