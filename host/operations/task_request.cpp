// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/task_request.h"

#include <utility>

#include "host/tasks/endings.h"

namespace scanhost {

tl::expected<AskedTask, ServiceError> askOfTask(const Service& service, const QueuedTask& found,
                                                TaskRequest what, const OperationContext& context) {
  auto answer = service.work.queue.request(found.id, what, Timestamp::now().micros,
                                           callFor(context, Work::queue_timeout));
  if (!answer) return tl::unexpected<ServiceError>(ServiceError::fromBackend(answer.error()));
  if (answer->outcome == QueueOutcome::not_found || !answer->task)
    return tl::unexpected<ServiceError>(ServiceError::taskNotFound(found.id));
  if (what == TaskRequest::cancel && answer->outcome == QueueOutcome::done)
    service.accepting.noteUnwanted(found.id);
  return AskedTask{found, std::move(*answer->task), answer->outcome == QueueOutcome::wrong_state};
}

void announceRequest(const Service& service, std::string_view event, const AskedTask& asked,
                     Json fields) {
  service.work.events.emit(Level::info, event, asked.now, std::move(fields));
  if (asked.before.state != asked.now.state)
    announceMove(service.work, asked.now, asked.before.state, asked.now.state, event);
}

ServiceError hasEnded(const QueuedTask& task) {
  return ServiceError::invalidState(
      taskStateName(task.state),
      std::string("The scan has ended: it is ") + taskStateName(task.state));
}

OperationAnswer requestAnswer(const QueuedTask& task, std::string_view flag, bool requested,
                              std::string_view message) {
  return {Json::object({{"task_id", task.id},
                        {"trace_id", task.trace_id},
                        {"status", taskStateName(task.state)},
                        {std::string(flag), requested},
                        {"message", message}})};
}

void addTaskOperation(Operations& operations, TaskOperation wanted) {
  ArgumentTable<TaskArguments> table;
  table.text("task_id", &TaskArguments::task_id,
             {.description = wanted.task_description, .required = true});
  if (wanted.has_reason)
    table.text("reason", &TaskArguments::reason,
               {.description = "Why, for the log", .max_length = 255});
  const Json text = Json::object({{"type", "string"}});
  Operation operation;
  operation.name = wanted.name;
  operation.title = wanted.title;
  operation.description = wanted.description;
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(
      Json::object({{"type", "object"},
                    {"properties", Json::object({{"task_id", text},
                                                 {"status", text},
                                                 {wanted.flag, Json::object({{"type", "boolean"}})},
                                                 {"message", text}})},
                    {"required", Json::array({"task_id", "status", wanted.flag})}}));
  operation.flags = wanted.flags;
  operation.logged_arguments = table.names();
  operation.audit_kind = wanted.audit_kind;
  operation.audited_results = {"status"};
  operation.run = [table, run = std::move(wanted.run)](
                      const Json& arguments, const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return run(*read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
