// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <charconv>

#include "plugins/queue/redis/record.h"
#include "plugins/queue/redis/redis_queue.h"

namespace scanhost::queue_redis {
namespace {

constexpr int longest_walk = 2'000;  ///< entries that one step of a list looks at

/// "score:id" of the last task that a step looked at.
std::pair<std::string, std::string> readCursor(const std::string& cursor) {
  if (cursor.empty()) return {};
  const std::size_t colon = cursor.find(':');
  double score = 0;
  const auto [end, error] =
      std::from_chars(cursor.data(), cursor.data() + std::min(colon, cursor.size()), score);
  if (colon == std::string::npos || error != std::errc() || end != cursor.data() + colon ||
      colon + 1 == cursor.size())
    throw PluginError(ErrorClass::config, "'" + cursor.substr(0, 64) +
                                              "' is no cursor of this queue; begin the list anew");
  return {cursor.substr(0, colon), cursor.substr(colon + 1)};
}

std::uint64_t countOf(const Reply& reply) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, integerOf(reply)));
}

std::int64_t numberOf(const Reply& reply) {
  const std::string text = textOf(reply);
  double number = 0;  // scores of sorted sets are written as such
  std::from_chars(text.data(), text.data() + text.size(), number);
  return static_cast<std::int64_t>(number);
}

void addPool(const Reply& reply, QueueCounts& counts) {
  const auto parts = itemsOf(reply);
  if (parts.size() != 8) throw ProtocolError("a pool's counts make no sense");
  PoolCounts pool;
  pool.pool = textOf(parts[0]);
  pool.queued = countOf(parts[1]);
  pool.delayed = countOf(parts[2]);
  pool.running = countOf(parts[3]);
  pool.paused = countOf(parts[4]);
  pool.dead = countOf(parts[5]);
  pool.oldest_us = numberOf(parts[6]);
  const auto loads = itemsOf(parts[7]);
  for (std::size_t i = 0; i + 1 < loads.size(); i += 2)
    counts.instances.push_back(
        {pool.pool, textOf(loads[i]),
         static_cast<std::uint64_t>(std::max<std::int64_t>(0, numberOf(loads[i + 1])))});
  counts.pools.push_back(std::move(pool));
}

std::string announcedName(const std::string& worker, const InstanceState& state) {
  return Json::array({worker, state.pool, state.name}).dump();
}

std::string announcedText(const std::string& worker, const InstanceState& state) {
  return Json::object({{"worker", worker},
                       {"pool", state.pool},
                       {"name", state.name},
                       {"limit", state.limit},
                       {"state", state.state}})
      .dump();
}

}  // namespace

std::optional<QueuedTask> RedisQueue::get(const std::string& id, Call& call) {
  ScriptCall script = client_.script(Script::get);
  script << id;
  return ask(script, Repeat::yes, Wait::no, call, [](const Reply& reply) {
    return isNull(reply) ? std::nullopt : std::optional<QueuedTask>(taskOf(reply));
  });
}

TaskPage RedisQueue::list(const TaskQuery& query, Call& call) {
  const auto [score, id] = readCursor(query.cursor);
  ScriptCall script = client_.script(Script::list);
  script << (query.state ? static_cast<int>(*query.state) : -1)
         << (query.dead_letter ? static_cast<int>(*query.dead_letter) : -1) << query.owner
         << query.pool << std::uint64_t{query.limit} << longest_walk << query.oldest_first
         << query.count_total << score << id;
  return ask(script, Repeat::yes, Wait::no, call, [&](const Reply& reply) {
    const auto parts = itemsOf(reply);
    if (parts.size() != 4) throw ProtocolError("a step of a list makes no sense");
    TaskPage page;
    page.tasks = tasksOf(parts[0]);
    const std::string last = textOf(parts[2]);
    if (!last.empty()) page.next = textOf(parts[1]) + ":" + last;
    if (query.count_total) page.total = countOf(parts[3]);
    return page;
  });
}

QueueCounts RedisQueue::counts(Call& call) {
  return ask(client_.script(Script::counts), Repeat::yes, Wait::no, call, [](const Reply& reply) {
    QueueCounts counts;
    for (const Reply& pool : itemsOf(reply)) addPool(pool, counts);
    return counts;
  });
}

void RedisQueue::announce(const std::string& worker, const std::vector<InstanceState>& instances,
                          Call& call) {
  ScriptCall script = client_.script(Script::announce);
  for (const InstanceState& state : instances)
    script << announcedName(worker, state) << announcedText(worker, state)
           << static_cast<std::int64_t>(
                  std::chrono::duration_cast<std::chrono::microseconds>(state.ttl).count());
  client_.run(script, Repeat::yes, call);
}

std::vector<InstanceState> RedisQueue::instances(Call& call) {
  return ask(
      client_.script(Script::instances), Repeat::yes, Wait::no, call, [](const Reply& reply) {
        std::vector<InstanceState> states;
        const auto items = itemsOf(reply);
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
          const auto text = Json::tryParse(textOf(items[i]));
          if (!text) continue;  // foreign: nothing depends on it, and its writer says it again
          states.push_back(
              {(*text)["worker"].asString(), (*text)["pool"].asString(), (*text)["name"].asString(),
               static_cast<std::uint32_t>((*text)["limit"].asInteger()),
               (*text)["state"].asString(), std::chrono::microseconds(numberOf(items[i + 1]))});
        }
        std::sort(states.begin(), states.end(), [](const auto& one, const auto& other) {
          return std::tie(one.worker, one.pool, one.name) <
                 std::tie(other.worker, other.pool, other.name);
        });
        return states;
      });
}

QueueChanges RedisQueue::changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                                 Call& call) {
  return changes_.after(sequence, wait, call);
}

}  // namespace scanhost::queue_redis
