// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/remains.h"

#include <map>
#include <optional>
#include <sstream>

#include "host/base/time.h"
#include "host/tasks/task_id.h"

namespace scanhost::faults {
namespace {

constexpr auto longest_answer = std::chrono::seconds(10);

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

void noteReferences(testing_support::RedisServer& redis, History& history) {
  const std::string script =
      "local out = {} for _, id in ipairs(redis.call('ZRANGE', KEYS[1] .. ':all', 0, -1)) do "
      "out[#out + 1] = id .. ' ' .. (redis.call('HGET', KEYS[1] .. ':task:' .. id, 'reference') or "
      "'') end return out";
  std::istringstream lines(redis.cli({"EVAL", script, "1", "{scanhost}"}));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || space + 1 == line.size()) continue;
    history.add({.what = What::refers,
                 .task = line.substr(0, space),
                 .scan = std::stoll(line.substr(space + 1))});
  }
}

void noteFindings(const Cluster& cluster, const Clients& clients, History& history) {
  std::map<std::string, client::Client> connections;
  for (const std::string& task : clients.completed()) {
    const std::string url = cluster.urlOf(clients.holderOf(task));
    if (url.empty()) continue;
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
