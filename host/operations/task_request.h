// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the operations that ask something of one scan (cancel, pause, resume) have in common: find
/// the task, ask the queue, tell the log what changed, answer with the state as it is then.
///
/// Any thread. The queue decides in one step; a scan under way follows once its worker has seen the
/// request and its scanner has confirmed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"

namespace scanhost {

struct TaskArguments {
  std::string task_id;
  std::string reason;  ///< only where the operation offers it
};

/// A task as it was found, and as it is after the request.
struct AskedTask {
  QueuedTask before;
  QueuedTask now;
  /// The queue refused, since the task has ended.
  bool refused = false;

  bool changed() const {
    return before.state != now.state || before.flags.bits() != now.flags.bits();
  }
};

tl::expected<AskedTask, ServiceError> askOfTask(const Service& service, const QueuedTask& found,
                                                TaskRequest what, const OperationContext& context);

/// Emits `event` and the move that the request made at once.
void announceRequest(const Service& service, std::string_view event, const AskedTask& asked,
                     Json fields);

/// Asks for the end of a scan, and tells the log and the metrics.
tl::expected<AskedTask, ServiceError> cancelTask(const Service& service, const QueuedTask& task,
                                                 const std::string& reason,
                                                 const OperationContext& context);

/// invalid_state for a task that has ended.
ServiceError hasEnded(const QueuedTask& task);

/// {task_id, trace_id, status, <flag>, message}
OperationAnswer requestAnswer(const QueuedTask& task, std::string_view flag, bool requested,
                              std::string_view message);

/// What differs between these operations.
struct TaskOperation {
  std::string name, title, description;
  std::string task_description;  ///< of the argument task_id
  std::string flag;              ///< "cancel_requested"
  bool has_reason = false;       ///< takes the argument `reason`
  std::uint32_t flags = 0;       ///< SCANHOST_OPERATION_*
  AuditKind audit_kind = AuditKind::cancel;
  std::function<OperationResult(const TaskArguments&, const OperationContext&)> run;
};
void addTaskOperation(Operations& operations, TaskOperation operation);

}  // namespace scanhost
