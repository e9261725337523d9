// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <charconv>
#include <map>

#include "plugins/queue/sqlite/steps.h"

namespace scanhost::queue_sqlite {
namespace {

/// Most index entries that one step of a walk looks at, whatever it finds.
constexpr int longest_walk = 5'000;

/// Where a walk stands: the last task it looked at.
struct Place {
  std::int64_t created_us;
  std::int64_t seq;
};

std::string writeCursor(const Place& place) {
  return std::to_string(place.created_us) + "." + std::to_string(place.seq);
}

Place readCursor(const std::string& cursor) {
  Place place{};
  const char* end = cursor.data() + cursor.size();
  const auto created = std::from_chars(cursor.data(), end, place.created_us);
  if (created.ec == std::errc() && created.ptr != end && *created.ptr == '.') {
    const auto seq = std::from_chars(created.ptr + 1, end, place.seq);
    if (seq.ec == std::errc() && seq.ptr == end) return place;
  }
  throw PluginError(ErrorClass::config, "'" + cursor.substr(0, 64) +
                                            "' is no cursor of this queue; begin the list anew");
}

/// Walks the index that leaves least to pass over: few tasks are dead or not yet ended.
class Walk {
 public:
  Walk(sqlite::Database& database, const TaskQuery& query) : statement_(open(database, query)) {}

  struct Entry {
    Place place;
    std::int64_t state;
    bool dead;
    std::string owner, pool;
  };

  std::optional<Entry> next() {
    if (!statement_.step()) return std::nullopt;
    return Entry{{statement_.integer(0), statement_.integer(1)},
                 statement_.integer(2),
                 (statement_.integer(3) & SCANHOST_TASK_DEAD_LETTER) != 0,
                 statement_.text(4),
                 statement_.text(5)};
  }

 private:
  static sqlite::Statement open(sqlite::Database& database, const TaskQuery& query) {
    std::string sql = "SELECT created_us, seq, state, flags, owner, pool FROM tasks INDEXED BY ";
    std::string narrow;
    std::string_view by;
    if (query.dead_letter.value_or(false)) {
      sql += "tasks_dead WHERE flags & 1 AND ";
    } else if (query.state && *query.state < TaskState::completed) {
      sql += "tasks_in_state WHERE state = " + std::to_string(static_cast<int>(*query.state)) +
             " AND ";
    } else if (!query.owner.empty()) {
      sql += "tasks_of_owner WHERE owner = ? AND ";
      by = query.owner;
    } else if (!query.pool.empty()) {
      sql += "tasks_of_pool WHERE pool = ? AND ";
      by = query.pool;
    } else if (query.state) {
      sql += "tasks_in_state WHERE state = " + std::to_string(static_cast<int>(*query.state)) +
             " AND ";
    } else {
      sql += "tasks_created WHERE ";
    }
    sql += query.oldest_first ? "(created_us, seq) > (?, ?) ORDER BY created_us, seq"
                              : "(created_us, seq) < (?, ?) ORDER BY created_us DESC, seq DESC";
    const std::int64_t edge = query.oldest_first ? INT64_MIN : INT64_MAX;
    const Place from = query.cursor.empty() ? Place{edge, edge} : readCursor(query.cursor);
    return by.empty() ? database.query(sql, from.created_us, from.seq)
                      : database.query(sql, by, from.created_us, from.seq);
  }

  sqlite::Statement statement_;
};

bool matches(const TaskQuery& query, const Walk::Entry& entry) {
  return (!query.state || static_cast<std::int64_t>(*query.state) == entry.state) &&
         (!query.dead_letter || *query.dead_letter == entry.dead) &&
         (query.owner.empty() || query.owner == entry.owner) &&
         (query.pool.empty() || query.pool == entry.pool);
}

std::uint64_t countMatches(sqlite::Database& database, const TaskQuery& query) {
  auto total = database.query(
      "SELECT coalesce(sum(n), 0) FROM totals WHERE (?1 = '' OR pool = ?1) AND (?2 = '' OR owner = "
      "?2) AND (?3 < 0 OR state = ?3) AND (?4 < 0 OR dead = ?4)",
      query.pool, query.owner, query.state ? static_cast<int>(*query.state) : -1,
      query.dead_letter ? static_cast<int>(*query.dead_letter) : -1);
  total.step();
  return static_cast<std::uint64_t>(total.integer(0));
}

void countByState(sqlite::Database& database, std::map<std::string, PoolCounts>& pools) {
  auto totals = database.query("SELECT pool, state, held, dead, n FROM pool_totals");
  while (totals.step()) {
    PoolCounts& pool = pools[totals.text(0)];
    const auto n = static_cast<std::uint64_t>(totals.integer(4));
    const std::int64_t state = totals.integer(1);
    if (state == SCANHOST_TASK_QUEUED || totals.integer(2) != 0)
      pool.queued += n;
    else if (state == SCANHOST_TASK_RUNNING)
      pool.running += n;
    else if (state == SCANHOST_TASK_PAUSED)
      pool.paused += n;
    else if (totals.integer(3) != 0)
      pool.dead += n;
  }
}

void countDelayed(sqlite::Database& database, std::map<std::string, PoolCounts>& pools,
                  std::int64_t now) {
  auto delayed = database.query(
      "SELECT pool, count(*) FROM tasks INDEXED BY tasks_delayed WHERE state = 0 AND due_ns > 0 "
      "AND due_ns > ? GROUP BY pool",
      now);
  while (delayed.step())
    pools[delayed.text(0)].delayed = static_cast<std::uint64_t>(delayed.integer(1));
}

}  // namespace

std::optional<QueuedTask> getTask(sqlite::Database& database, const std::string& id,
                                  std::int64_t now) {
  auto found = database.query("SELECT seq FROM tasks WHERE id = ?", id);
  if (!found.step()) return std::nullopt;
  return loadPlacedTask(database, found.integer(0), now);
}

TaskPage listTasks(sqlite::Database& database, const TaskQuery& query, std::int64_t now) {
  TaskPage page;
  if (query.count_total) page.total = countMatches(database, query);
  Walk walk(database, query);
  for (int looked_at = 0; const auto entry = walk.next(); ++looked_at) {
    if (page.tasks.size() == query.limit || looked_at == longest_walk) return page;
    page.next = writeCursor(entry->place);
    if (matches(query, *entry)) page.tasks.push_back(loadTask(database, entry->place.seq, now));
  }
  page.next.clear();
  return page;
}

QueueCounts countTasks(sqlite::Database& database, std::int64_t now) {
  std::map<std::string, PoolCounts> pools;
  countByState(database, pools);
  countDelayed(database, pools, now);
  QueueCounts counts;
  for (auto& [name, pool] : pools) {
    auto oldest = database.query(
        "SELECT min(created_us) FROM tasks INDEXED BY tasks_waiting WHERE state = 0 AND pool = ?",
        name);
    if (oldest.step()) pool.oldest_us = oldest.integer(0);
    pool.pool = name;
    counts.pools.push_back(std::move(pool));
  }
  auto loads = database.query("SELECT pool, instance, n FROM loads");
  while (loads.step())
    counts.instances.push_back(
        {loads.text(0), loads.text(1), static_cast<std::uint64_t>(loads.integer(2))});
  return counts;
}

}  // namespace scanhost::queue_sqlite
