// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include <algorithm>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"
#include "host/policy/ledger_reading.h"

namespace scanhost {
namespace {

struct AuditArguments {
  std::optional<std::string> task_id, kind, cursor;
  std::int64_t limit = 20;
};

/// What a cursor is good for: this caller and this choice of entries.
std::string cursorContext(const AuditArguments& arguments, const OperationContext& context) {
  return context.caller.subject + "\n" + arguments.task_id.value_or("") + "\n" +
         arguments.kind.value_or("");
}

tl::expected<LedgerQuery, ServiceError> readQuery(const Service& service,
                                                  const AuditArguments& arguments,
                                                  const OperationContext& context) {
  LedgerQuery query;
  query.task_id = arguments.task_id.value_or("");
  query.limit = static_cast<std::size_t>(arguments.limit);
  for (const AuditKind kind : all_audit_kinds)
    if (arguments.kind && *arguments.kind == auditKindName(kind)) query.kind = kind;
  if (!arguments.cursor) return query;
  const auto opened =
      service.keys.open("audit-entries", cursorContext(arguments, context), *arguments.cursor);
  if (!opened)
    return tl::unexpected<ServiceError>(
        ServiceError::invalidArgument("cursor", "This cursor belongs to no such request of yours",
                                      "Pass next_cursor with the arguments of the page before"));
  query.before = std::strtoull(opened->c_str(), nullptr, 10);
  return query;
}

OperationResult listEntries(const Service& service, const AuditArguments& arguments,
                            const OperationContext& context) {
  const auto query = readQuery(service, arguments, context);
  if (!query) return tl::unexpected<ServiceError>(query.error());
  auto page = readLedger(service.work.ledger->folder(), *query);
  if (!page) return tl::unexpected<ServiceError>(ServiceError::fromBackend(page.error()));
  Json entries = Json::array();
  for (Json& entry : page->entries) entries.push(std::move(entry));
  const Json next = page->next == 0
                        ? Json()
                        : Json(service.keys.seal("audit-entries", cursorContext(arguments, context),
                                                 std::to_string(page->next)));
  return OperationAnswer{Json::object(
      {{"entries", std::move(entries)}, {"unreadable", page->unreadable}, {"next_cursor", next}})};
}

std::vector<std::string> kindNames() {
  std::vector<std::string> names;
  for (const AuditKind kind : all_audit_kinds) names.emplace_back(auditKindName(kind));
  return names;
}

}  // namespace

void addListAuditOperation(Operations& operations, const Service& service) {
  ArgumentTable<AuditArguments> table;
  table.text("task_id", &AuditArguments::task_id, {.description = "Only entries about this scan"})
      .choice("kind", &AuditArguments::kind, kindNames(), "Only entries of this kind")
      .integer("limit", &AuditArguments::limit,
               {.description = "Most entries to list", .minimum = 1, .maximum = 1000})
      .text("cursor", &AuditArguments::cursor, {.description = "next_cursor of the page before"});
  Operation operation;
  operation.name = "list_audit_entries";
  operation.title = "What was decided and done";
  operation.description =
      "Lists entries of this node's audit ledger, newest first: every decision of policy, and what "
      "operators did. A long ledger may give short pages; go on while there is a next_cursor. "
      "`scanhost audit verify` proves that none was altered. For operators.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"entries", Json::object({{"type", "array"}})},
                      {"unreadable", Json::object({{"type", "integer"}})},
                      {"next_cursor", Json::object({{"type", Json::array({"string", "null"})}})}})},
       {"required", Json::array({"entries", "unreadable", "next_cursor"})}}));
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.operators_only = true;
  operation.logged_arguments = {"task_id", "kind"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return listEntries(service, *read, context);
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
