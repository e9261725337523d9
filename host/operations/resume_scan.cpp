// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/task_request.h"

namespace scanhost {
namespace {

/// Paused on its scanner, and not by a request of ours that is known of: by somebody there, or a
/// request to resume is on its way.
bool isPausedElsewhere(const QueuedTask& task) {
  if (task.state != TaskState::paused || task.reference.empty()) return false;
  const auto progress = ProgressDocument::parse(task.progress, task.id);
  return !task.flags.pause_requested && progress && !progress->pause_asked;
}

std::string_view messageFor(const AskedTask& asked) {
  switch (asked.now.state) {
    case TaskState::queued:
      return asked.changed() ? "The scan is queued again" : "The scan waits; it was not paused";
    case TaskState::paused:
      return isPausedElsewhere(asked.before)
                 ? "The scan is paused on its scanner; unless it was resumed just now, resume it "
                   "there"
                 : "The scan is being resumed; it runs when the scanner confirms";
    default: return asked.changed() ? "The scan runs on" : "The scan runs; it was not paused";
  }
}

OperationResult resumeScan(const Service& service, const TaskArguments& arguments,
                           const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  if (service.work.kill_switch && service.work.kill_switch->engaged())
    return tl::unexpected<ServiceError>(
        ServiceError::policyDenied(policy_rule::kill_switch, kill_switch_refusal));
  const auto asked = askOfTask(service, *task, TaskRequest::resume, context);
  if (!asked) return tl::unexpected<ServiceError>(asked.error());
  const QueuedTask& now = asked->now;
  if (asked->refused) return tl::unexpected<ServiceError>(hasEnded(now));
  if (asked->changed()) {
    announceRequest(service, "resume_requested", *asked,
                    Json::object({{"caller", context.caller.subject}}));
    if (asked->before.state == TaskState::paused && now.state == TaskState::queued)
      service.work.events.emit(Level::info, "scan_resumed", now);
  }
  return requestAnswer(now, "pause_requested", now.flags.pause_requested, messageFor(*asked));
}

}  // namespace

void addResumeOperation(Operations& operations, const Service& service) {
  TaskOperation operation;
  operation.name = "resume_scan";
  operation.title = "Resume a scan";
  operation.description =
      "Lets a paused scan go on: one that was held is queued again, one that is paused on its "
      "scanner runs when the scanner confirms. A repeat does no harm.";
  operation.task_description = "The scan to resume";
  operation.flag = "pause_requested";
  operation.flags = SCANHOST_OPERATION_IDEMPOTENT;
  operation.audit_kind = AuditKind::resume;
  operation.run = [&service](const TaskArguments& arguments, const OperationContext& context) {
    return resumeScan(service, arguments, context);
  };
  addTaskOperation(operations, std::move(operation));
}

}  // namespace scanhost
