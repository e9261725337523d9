// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The verbs that list: tasks, scanners, pools.
#include <algorithm>
#include <iostream>

#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& taskColumns() {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"status", "status"},
                                              {"name", "name"},
                                              {"targets", "targets"},
                                              {"type", "scan_type"},
                                              {"pool", "scanner_pool"},
                                              {"scanner", "scanner_instance"},
                                              {"created", "created_at"},
                                              {"completed", "completed_at"}};
  return columns;
}

const std::vector<Column>& scannerColumns() {
  static const std::vector<Column> columns = {{"scanner", "instance_key"},
                                              {"name", "name"},
                                              {"type", "scanner_type"},
                                              {"state", "state"},
                                              {"active", "active_scans"},
                                              {"max", "max_concurrent_scans"},
                                              {"load %", "utilization_pct"},
                                              {"circuit", "circuit.state"},
                                              {"url", "url"},
                                              {"reason", "reason"}};
  return columns;
}

const std::vector<Column>& poolColumns() {
  static const std::vector<Column> columns = {
      {"pool", "pool"},           {"type", "scanner_type"},       {"scanners", "total_scanners"},
      {"active", "total_active"}, {"capacity", "total_capacity"}, {"load %", "utilization_pct"},
      {"waiting", "queue_depth"}, {"dead", "dlq_size"},           {"default", "default"},
      {"templates", "templates"}};
  return columns;
}

/// An empty table would look like a program that did nothing.
void sayWhenEmpty(Format format, bool empty, const char* what) {
  if (format == Format::table && empty) std::cerr << "no " << what << '\n';
}

/// Those of the pool and those of every pool.
Json templatesFor(const Json& pool, const Json& templates) {
  Json names = Json::array();
  for (const Json& entry : templates.items())
    if (entry["pool"].isNull() || entry["pool"] == pool) names.push(entry["name"]);
  return names;
}

}  // namespace

int tasks(const TasksCommand& command, const CommonOptions& common) {
  client::Client client = connect(common);
  client::TaskQuery query;
  query.limit = command.all ? largest_page : command.limit;
  query.scanner_pool = common.pool;
  query.target_filter = command.target;

  RecordWriter writer(std::cout, common.format, taskColumns(), terminalWidth());
  std::string next;
  std::int64_t shown = 0;
  Json total;
  do {
    query.cursor = next;
    const Json page = client.list_tasks(command.status, query);
    for (const Json& task : page["tasks"].items()) writer.add(task);
    writer.endPage();
    shown += static_cast<std::int64_t>(page["tasks"].size());
    total = page["total"];
    next = page["next_cursor"].asString();
    if (!next.empty() && next == query.cursor)
      throw client::ProtocolError("list_tasks gives the same cursor for ever");
  } while (command.all && !next.empty());
  writer.finish();
  sayWhenEmpty(common.format, shown == 0, "tasks");
  if (total.isInteger() && total.asInteger() > shown)
    std::cerr << shown << " of " << total.asInteger() << " tasks; the rest with --limit or --all\n";
  return exit_done;
}

int scanners(const CommonOptions& common) {
  client::Client client = connect(common);
  const Json answer = client.list_scanners(common.pool);
  writeListing(std::cout, common.format, scannerColumns(), answer["scanners"].items(),
               terminalWidth());
  sayWhenEmpty(common.format, answer["scanners"].size() == 0, "scanners");
  return exit_done;
}

int pools(const CommonOptions& common) {
  client::Client client = connect(common);
  const Json answer = client.list_pools();
  std::vector<Json> pools;
  for (const Json& name : answer["pools"].items()) {
    if (!common.pool.empty() && name.asString() != common.pool) continue;
    Json pool = client.get_pool_status(name.asString());
    pool["default"] = name == answer["default_pool"];
    pool["templates"] = templatesFor(name, answer["scan_templates"]);
    pools.push_back(std::move(pool));
  }
  if (!common.pool.empty() && pools.empty()) pools.push_back(client.get_pool_status(common.pool));
  writeListing(std::cout, common.format, poolColumns(), pools, terminalWidth());
  return exit_done;
}

}  // namespace scanhost::ctl
