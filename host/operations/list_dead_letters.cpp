// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"

namespace scanhost {
namespace {

struct DeadLetterArguments {
  std::optional<std::string> scanner_pool, cursor;
  std::int64_t limit = 20;
};

Json describe(const QueuedTask& task) {
  const auto submission = SubmissionDocument::parse(task.submission, task.id);
  return Json::object(
      {{"task_id", task.id},
       {"trace_id", task.trace_id},
       {"scanner_pool", task.pool},
       {"scanner_instance", task.instance.empty() ? task.wanted_instance : task.instance},
       {"scan_type", submission ? submission->scan_type : ""},
       {"name", submission ? submission->name : ""},
       {"attempts", task.attempt},
       {"error_class", task.error_class ? Json(errorClassName(*task.error_class)) : Json()},
       {"error_message",
        submission ? textOrNull(task.error_message) : Json(submission.error().message)},
       {"failed_at", timeOrNull(task.completed_us)},
       {"remote_ref", textOrNull(task.reference)}});
}

/// What a cursor is good for: this caller and this pool.
std::string cursorContext(const DeadLetterArguments& arguments, const OperationContext& context) {
  return context.caller.subject + "\n" + arguments.scanner_pool.value_or("");
}

tl::expected<TaskQuery, ServiceError> readQuery(const Service& service,
                                                const DeadLetterArguments& arguments,
                                                const OperationContext& context) {
  TaskQuery query;
  query.state = TaskState::failed;
  query.dead_letter = true;
  query.count_total = true;
  if (auto fault = knownPool(service, arguments.scanner_pool))
    return tl::unexpected<ServiceError>(std::move(*fault));
  query.pool = arguments.scanner_pool.value_or("");
  if (!arguments.cursor) return query;
  auto cursor =
      service.keys.open("dead-letters", cursorContext(arguments, context), *arguments.cursor);
  if (!cursor)
    return tl::unexpected<ServiceError>(
        ServiceError::invalidArgument("cursor", "This cursor belongs to no such request of yours",
                                      "Pass next_cursor with the arguments of the page before"));
  query.cursor = std::move(*cursor);
  return query;
}

OperationResult listDeadLetters(const Service& service, const DeadLetterArguments& arguments,
                                const OperationContext& context) {
  auto query = readQuery(service, arguments, context);
  if (!query) return tl::unexpected<ServiceError>(query.error());
  const auto limit = static_cast<std::size_t>(arguments.limit);
  Json letters = Json::array();
  std::optional<std::uint64_t> total;
  do {
    query->limit = static_cast<std::uint32_t>(limit - letters.size());
    auto page = service.work.queue.list(*query, callFor(context, Work::queue_timeout));
    if (!page) return tl::unexpected<ServiceError>(ServiceError::fromBackend(page.error()));
    for (const QueuedTask& task : page->tasks) letters.push(describe(task));
    if (query->count_total) total = page->total;
    query->count_total = false;
    query->cursor = std::move(page->next);
  } while (letters.size() < limit && !query->cursor.empty());
  const Json next = query->cursor.empty()
                        ? Json()
                        : Json(service.keys.seal("dead-letters", cursorContext(arguments, context),
                                                 query->cursor));
  return OperationAnswer{Json::object({{"dead_letters", std::move(letters)},
                                       {"total", total ? Json(*total) : Json()},
                                       {"next_cursor", next}})};
}

}  // namespace

void addListDeadLettersOperation(Operations& operations, const Service& service) {
  ArgumentTable<DeadLetterArguments> table;
  table
      .text("scanner_pool", &DeadLetterArguments::scanner_pool,
            {.description = "Only dead letters of this pool"})
      .integer("limit", &DeadLetterArguments::limit,
               {.description = "Most dead letters to list", .minimum = 1, .maximum = 1000})
      .text("cursor", &DeadLetterArguments::cursor,
            {.description = "next_cursor of the page before"});
  Operation operation;
  operation.name = "list_dead_letters";
  operation.title = "Dead letters";
  operation.description =
      "Lists the scans that were given up after their last attempt, or whose remote scan is lost "
      "or in doubt, newest first. For operators.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"dead_letters", Json::object({{"type", "array"}})},
                      {"total", Json::object({{"type", Json::array({"integer", "null"})}})},
                      {"next_cursor", Json::object({{"type", Json::array({"string", "null"})}})}})},
       {"required", Json::array({"dead_letters", "total", "next_cursor"})}}));
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.operators_only = true;
  operation.logged_arguments = {"scanner_pool"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return listDeadLetters(service, *read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
