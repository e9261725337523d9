// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/scan_tasks.h"

#include <algorithm>

#include "host/operations/scan_uris.h"

namespace scanhost {
namespace {

constexpr std::int64_t poll_ms = 5000;

TaskPhase phaseOf(TaskState state) {
  switch (state) {
    case TaskState::completed:
    case TaskState::failed:
    case TaskState::timeout: return TaskPhase::completed;
    case TaskState::cancelled: return TaskPhase::cancelled;
    default: return TaskPhase::working;
  }
}

std::string messageOf(const QueuedTask& task, const ProgressDocument& progress) {
  std::string text = std::string("the scan is ") + taskStateName(task.state);
  if (progress.percent && !isTerminal(task.state))
    text += ", " + std::to_string(*progress.percent) + " %";
  if (!task.error_message.empty()) text += ": " + task.error_message;
  return text;
}

/// What the scan's end looks like to whoever asked for it: its status, or why there is none.
void addResult(const Operations& operations, const QueuedTask& task,
               const OperationContext& context, TaskInfo& info, ReplySink& sink) {
  if (task.state != TaskState::completed) {
    ServiceError error = ServiceError::notCompleted(taskStateName(task.state));
    if (!task.error_message.empty()) error.message = task.error_message;
    error.hint = "get_scan_results with partial: true serves what was found before";
    info.structured = error.toJson(task.trace_id).dump();
    info.is_error = true;
    return;
  }
  const auto status =
      operations.perform("get_scan_status", Json::object({{"task_id", task.id}}), context);
  if (!status) {
    info.structured = status.error().toJson(task.trace_id).dump();
    info.is_error = true;
    return;
  }
  Json structured = status->structured;
  structured["idempotent"] = false;
  info.structured = structured.dump();
  sink.content({}, info.structured, false);
  const ResourceInfo findings = findingsResource(task.id);
  sink.content({.kind = ContentKind::link,
                .media_type = findings.media_type,
                .uri = findings.uri,
                .name = findings.name,
                .title = findings.title},
               {}, false);
}

void answer(const Operations& operations, const Service& service, const ProviderCall& call,
            ReplySink& sink) {
  const OperationContext context{call.caller, call.trace, call.deadline_ns};
  const std::string id(call.request.name);
  if (call.request.kind == RequestKind::task_cancel) {
    const auto cancelled =
        operations.perform("cancel_scan", Json::object({{"task_id", id}}), context);
    const bool has_ended = !cancelled && cancelled.error().code == "invalid_state";
    if (!cancelled && !has_ended)
      return sink.refused(cancelled.error().code == "task_not_found" ? "unknown" : "unavailable",
                          cancelled.error().message, {});
  }
  const auto task = findTask(service, id, context);
  if (!task)
    return sink.refused(task.error().code == "task_not_found" ? "unknown" : "unavailable",
                        task.error().message, {});
  const auto progress = ProgressDocument::parse(task->progress, task->id);
  TaskInfo info;
  info.handle = task->id;
  info.phase = phaseOf(task->state);
  info.message = messageOf(*task, progress.value_or(ProgressDocument{}));
  info.created_us = task->created_us;
  info.updated_us = std::max({task->created_us, task->started_us, task->completed_us});
  if (progress && progress->polled_at)
    info.updated_us = std::max(info.updated_us, progress->polled_at->micros);
  info.poll_ms = poll_ms;
  if (info.phase == TaskPhase::completed) addResult(operations, *task, context, info, sink);
  sink.task(info);
}

}  // namespace

Operations::Tasks scanTasks(const Operations& operations, const Service& service) {
  return [&operations, &service](const ProviderCall& call, ReplySink& sink) {
    answer(operations, service, call, sink);
  };
}

}  // namespace scanhost
