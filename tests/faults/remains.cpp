// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/remains.h"

#include <scanhost/client/client.h>
#include <scanhost/queue_records.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "host/base/time.h"
#include "host/tasks/task_id.h"

namespace scanhost::faults {
namespace {

constexpr auto longest_answer = std::chrono::seconds(10);

constexpr const char* queue_prefix = "{scanhost}";
/// A line for each record: id, state, reference or 0, worker or "-".
constexpr const char* records_script =
    "local out = {} for _, id in ipairs(redis.call('ZRANGE', KEYS[1] .. ':all', 0, -1)) do "
    "local at = redis.call('HMGET', KEYS[1] .. ':task:' .. id, 'state', 'reference', 'worker') "
    "local function word(value, none) return value and value ~= '' and value or none end "
    "out[#out + 1] = table.concat({id, at[1], word(at[2], '0'), word(at[3], '-')}, ' ') end "
    "return out";

struct Record {
  std::string task;
  TaskState state = TaskState::queued;
  std::int64_t scan = 0;
  std::string node;  ///< that held it last
};

std::vector<Record> recordsIn(const testing_support::RedisServer& redis) {
  std::vector<Record> records;
  std::istringstream lines(redis.cli({"EVAL", records_script, "1", queue_prefix}));
  int state = 0;
  for (Record record; lines >> record.task >> state >> record.scan >> record.node;) {
    record.node.resize(record.node.size() - std::min(record.node.size(), worker_suffix));
    record.state = static_cast<TaskState>(state);
    records.push_back(record);
  }
  return records;
}

std::optional<What> effectOf(const std::string& effect) {
  if (effect == "scan_created") return What::made;
  if (effect == "scan_launched") return What::launched;
  if (effect == "scan_deleted") return What::removed;
  return std::nullopt;
}

void noteJournal(const Json& journal, History& history) {
  for (const Json& entry : journal["entries"].items()) {
    const auto what = effectOf(entry["effect"].asString());
    const auto marker = findMarker(entry["name"].asString());
    const auto at = parseTimestamp(entry["time"].asString());
    if (!what || !marker || !at) continue;
    history.add({.at_us = at->micros,
                 .what = *what,
                 .task = marker->task_id,
                 .scan = entry["scan_id"].asInteger(),
                 .launch = marker->launch});
  }
}

std::string stateOf(const Json& scan) {
  const auto& runs = scan["runs"].items();
  return runs.empty() ? "never started" : runs.back()["status"].asString();
}

}  // namespace

void noteScans(const testing_support::NessusSimulator& scanner, History& history) {
  noteJournal(scanner.call("GET", "/simulator/journal"), history);
  const Json state = scanner.call("GET", "/simulator/scans");
  for (const Json& scan : state["scans"].items()) {
    const auto marker = findMarker(scan["name"].asString());
    if (!marker) continue;
    history.add({.what = What::left,
                 .task = marker->task_id,
                 .detail = stateOf(scan),
                 .scan = scan["id"].asInteger(),
                 .launch = marker->launch});
  }
}

void noteRecords(const testing_support::RedisServer& redis, History& history) {
  for (const Record& record : recordsIn(redis))
    history.add({.what = What::refers,
                 .task = record.task,
                 .detail = taskStateName(record.state),
                 .scan = record.scan});
}

std::size_t openRecords(const testing_support::RedisServer& redis) {
  const auto records = recordsIn(redis);
  return static_cast<std::size_t>(
      std::count_if(records.begin(), records.end(),
                    [](const Record& record) { return !isTerminal(record.state); }));
}

void noteFindings(const Cluster& cluster, History& history) {
  std::map<std::string, client::Client> connections;
  for (const Record& record : recordsIn(cluster.redis())) {
    const std::string& task = record.task;
    const std::string url = cluster.urlOf(record.node);
    if (record.state != TaskState::completed || url.empty()) continue;
    auto connection = connections.find(url);
    if (connection == connections.end())
      connection = connections.emplace(url, client::Client(url, "", longest_answer)).first;
    client::ResultsQuery query;
    query.page = 0;
    try {
      const auto page = connection->second.get_results(task, query);
      history.add({.what = What::counted, .task = task, .number = page.findings.size()});
    } catch (const client::ServiceError&) {
      history.add({.what = What::counted, .task = task});
    }
  }
}

}  // namespace scanhost::faults
