// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhostctl audit show`: what was decided and done, newest first.
#include <algorithm>
#include <iostream>

#include "host/ctl/exit_code.h"
#include "host/ctl/operator_call.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& entryColumns() {
  static const std::vector<Column> columns = {
      {"entry", "sequence"},        {"time", "time"},           {"kind", "kind"},
      {"caller", "caller"},         {"task", "task_id"},        {"decision", "facts.decision"},
      {"rule", "facts.rule"},       {"stage", "facts.stage"},   {"outcome", "facts.outcome"},
      {"targets", "facts.targets"}, {"reason", "facts.reason"}, {"trace", "trace_id"}};
  return columns;
}

}  // namespace

int auditShow(const AuditShowCommand& command, const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  RecordWriter writer(std::cout, common.format, entryColumns(), terminalWidth());
  Json arguments = Json::object();
  if (!command.task_id.empty()) arguments["task_id"] = command.task_id;
  if (!command.kind.empty()) arguments["kind"] = command.kind;
  std::int64_t left = command.all ? INT64_MAX : command.limit, unreadable = 0;
  while (left > 0) {
    arguments["limit"] = std::min<std::int64_t>(left, largest_page);
    const Json page = operatorCall(client, "list_audit_entries", arguments);
    for (const Json& entry : page["entries"].items()) writer.add(entry);
    writer.endPage();
    left -= static_cast<std::int64_t>(page["entries"].size());
    unreadable += page["unreadable"].asInteger();
    const Json& next = page["next_cursor"];
    if (next.isNull()) break;
    if (next == arguments["cursor"])
      throw client::ProtocolError("list_audit_entries gives the same cursor for ever");
    arguments["cursor"] = next;
  }
  writer.finish();
  if (unreadable > 0)
    std::cerr << unreadable
              << " altered entries are not shown; `scanhost audit verify` names them\n";
  return exit_done;
}

}  // namespace scanhost::ctl
