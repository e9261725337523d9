// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/task_request.h"

namespace scanhost {
namespace {

/// Whether the scanner that has the task may pause it. One that this node does not serve is left
/// to the node that does.
bool canPause(const Service& service, const QueuedTask& task) {
  const ScannerPtr instance = service.work.scanners->find(task.pool, task.instance);
  if (!instance || !instance->settings().enabled) return true;
  return instance->can(SCANHOST_SCANNER_PAUSES);
}

ServiceError cannotPause(const QueuedTask& task) {
  return ServiceError::unsupported(
      "The scanner " + task.pool + ":" + task.instance + " cannot pause a scan that runs",
      "Cancel the scan, or let it end");
}

std::string_view messageFor(const QueuedTask& task) {
  if (task.state == TaskState::queued) return "The scan waits for its turn";
  if (task.state == TaskState::paused)
    return task.instance.empty() || task.reference.empty()
               ? "The scan is held; resume_scan queues it again"
               : "The scan is paused and keeps its place on the scanner";
  return "The scan is being paused; it is when the scanner confirms";
}

OperationResult pauseScan(const Service& service, const TaskArguments& arguments,
                          const OperationContext& context) {
  const auto task = findTask(service, arguments.task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  if (task->state == TaskState::running && !canPause(service, *task))
    return tl::unexpected<ServiceError>(cannotPause(*task));
  const auto asked = askOfTask(service, *task, TaskRequest::pause, context);
  if (!asked) return tl::unexpected<ServiceError>(asked.error());
  const QueuedTask& now = asked->now;
  if (asked->refused) return tl::unexpected<ServiceError>(hasEnded(now));
  if (now.state == TaskState::running && !canPause(service, now)) {
    // It was launched between the look and the request, which nobody would ever serve.
    askOfTask(service, now, TaskRequest::resume, context);
    return tl::unexpected<ServiceError>(cannotPause(now));
  }
  if (asked->changed()) {
    announceRequest(service, "pause_requested", *asked,
                    Json::object({{"caller", context.caller.subject}}));
    if (now.state == TaskState::paused && asked->before.state != now.state)
      service.work.events.emit(Level::info, "scan_paused", now);
  }
  return requestAnswer(now, "pause_requested",
                       now.flags.pause_requested || now.state == TaskState::paused,
                       messageFor(now));
}

}  // namespace

void addPauseOperation(Operations& operations, const Service& service) {
  TaskOperation operation;
  operation.name = "pause_scan";
  operation.title = "Pause a scan";
  operation.description =
      "Holds a waiting scan back, or pauses a running one where its scanner can; it keeps its "
      "place there. resume_scan lets it go on. A repeat does no harm.";
  operation.task_description = "The scan to pause";
  operation.flag = "pause_requested";
  operation.flags = SCANHOST_OPERATION_IDEMPOTENT;
  operation.audit_kind = AuditKind::pause;
  operation.run = [&service](const TaskArguments& arguments, const OperationContext& context) {
    return pauseScan(service, arguments, context);
  };
  addTaskOperation(operations, std::move(operation));
}

}  // namespace scanhost
