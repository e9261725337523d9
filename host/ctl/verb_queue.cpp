// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>
#include <thread>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/interrupt.h"
#include "host/ctl/output.h"
#include "host/ctl/progress.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& queueColumns() {
  static const std::vector<Column> columns = {{"pool", "pool"},       {"waiting", "queue_depth"},
                                              {"delayed", "delayed"}, {"running", "running"},
                                              {"paused", "paused"},   {"dead", "dlq_size"}};
  return columns;
}

const std::vector<Column>& nextColumns() {
  static const std::vector<Column> columns = {{"next", "task_id"},
                                              {"name", "name"},
                                              {"type", "scan_type"},
                                              {"created", "created_at"},
                                              {"attempt", "attempt"}};
  return columns;
}

std::string number(const Json& record, const char* name) {
  return std::to_string(record[name].asInteger());
}

void showQueue(ProgressLine& line, const Json& queue, const Json& pool) {
  const int load = static_cast<int>(pool["utilization_pct"].asNumber());
  line.show(forTerminal(queue["pool"].asString()),
            progressBar(load) + " " + number(pool, "total_active") + "/" +
                number(pool, "total_capacity") + " busy  " + number(queue, "queue_depth") +
                " waiting (" + number(queue, "delayed") + " delayed)  " + number(queue, "paused") +
                " paused  " + number(queue, "dlq_size") + " dead");
}

int watchQueue(client::Client& client, const CommonOptions& common) {
  const InterruptNotice notice("the scans go on");
  ProgressLine line(std::cerr,
                    {canRedraw(Stream::standard_error), canColour(Stream::standard_error)});
  const auto end =
      std::chrono::steady_clock::now() + common.deadline.value_or(std::chrono::hours(24 * 365));
  while (std::chrono::steady_clock::now() < end) {
    const Json queue = client.get_queue_status(common.pool);
    if (common.format == Format::jsonl)
      std::cout << queue.dump(true) << std::endl;
    else
      showQueue(line, queue, client.get_pool_status(common.pool));
    std::this_thread::sleep_for(common.interval);
  }
  return exit_unreachable;
}

}  // namespace

int queue(const CommonOptions& common) {
  client::Client client = connect(common);
  if (common.watch) return watchQueue(client, common);
  const Json answer = client.get_queue_status(common.pool);
  writeRecord(std::cout, common.format, queueColumns(), answer);
  if (common.format == Format::table)
    writeListing(std::cout, common.format, nextColumns(), answer["next_tasks"].items(),
                 terminalWidth());
  return exit_done;
}

}  // namespace scanhost::ctl
