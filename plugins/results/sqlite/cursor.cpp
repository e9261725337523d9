// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/cursor.h"

#include <algorithm>
#include <cstdint>

#include "plugins/results/sqlite/finding_row.h"
#include "plugins/results/sqlite/generations.h"

namespace scanhost::results_sqlite {
namespace {

constexpr std::uint64_t window_size = 50'000;

Needs needsOf(const std::vector<std::string>& fields) {
  if (fields.empty()) return {true, true};
  Needs needs;
  for (const std::string& field : fields) needs |= fieldSql(field).needs;
  return needs;
}

sqlite::Statement prepared(sqlite::Database& database, const std::string& sql,
                           const std::vector<SqlValue>& values) {
  sqlite::Statement statement = database.prepareOnce(sql);
  bindAll(statement, values);
  return statement;
}

/// LIMIT as SQLite takes it.
std::int64_t limited(std::uint64_t limit) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(limit, INT64_MAX));
}

void append(std::vector<SqlValue>& values, const std::vector<SqlValue>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

}  // namespace

SqliteCursor::SqliteCursor(std::shared_ptr<sqlite::Store> store, const ResultsQuery& query,
                           const Call& call)
    : store_(std::move(store)),
      generation_(query.generation),
      order_(query.sort),
      fields_(needsOf(query.fields)),
      offset_(query.offset),
      left_(query.limit == 0 ? UINT64_MAX : query.limit) {
  store_->read(call, [&](sqlite::Database& database) {
    matching_ = matching(findGeneration(database, generation_).gen, query.conditions);
  });
}

std::uint64_t SqliteCursor::bounded(std::uint64_t max) const {
  return std::min(max, left_);
}

void SqliteCursor::countDown() {
  if (left_ != UINT64_MAX) --left_;
}

void SqliteCursor::next(std::uint64_t max, const Tell& tell, Call& call) {
  store_->read(call, [&](sqlite::Database& database) {
    findGeneration(database, generation_);
    if (inOrderOfArrival())
      nextByArrival(database, bounded(max), tell);
    else
      nextByOrder(database, bounded(max), tell);
  });
}

void SqliteCursor::nextByArrival(sqlite::Database& database, std::uint64_t max, const Tell& tell) {
  if (ended_ || max == 0) return;
  Needs needs = fields_;
  needs |= matching_.needs;
  const std::string sql = findingSelect(needs, " INDEXED BY findings_of") + " WHERE " +
                          matching_.sql + " AND f.id > ? ORDER BY f.id LIMIT ? OFFSET ?";
  std::vector<SqlValue> values = matching_.values;
  append(values, {last_id_, limited(max), limited(offset_)});
  auto rows = prepared(database, sql, values);
  std::uint64_t count = 0;
  for (; rows.step(); ++count) {
    tell(readFinding(database, rows, needs));
    last_id_ = rows.integer(0);
    countDown();
  }
  offset_ = 0;
  ended_ = count < max;
}

void SqliteCursor::nextByOrder(sqlite::Database& database, std::uint64_t max, const Tell& tell) {
  const std::string sql = findingSelect(fields_) + " WHERE f.id = ?";
  while (max > 0) {
    if (window_at_ == window_.size() && !fillWindow(database)) return;
    const std::int64_t id = window_[window_at_++];
    auto row = database.query(sql, id);
    if (!row.step()) continue;
    tell(readFinding(database, row, fields_));
    countDown();
    --max;
  }
}

bool SqliteCursor::fillWindow(sqlite::Database& database) {
  window_.clear();
  window_at_ = 0;
  if (ended_) return false;
  const std::uint64_t size = bounded(window_size);
  auto rows = sorted(database, size);
  while (rows.step()) {
    window_.push_back(rows.integer(0));
    if (window_.size() == size) keepPlace(rows);
  }
  offset_ = 0;
  begun_ = true;
  ended_ = window_.size() < size;
  return !window_.empty();
}

sqlite::Statement SqliteCursor::sorted(sqlite::Database& database, std::uint64_t most) const {
  Needs needs = matching_.needs;
  needs |= order_.needs();
  std::string sql =
      "SELECT f.id" + order_.columns() + findingTables(needs) + " WHERE " + matching_.sql;
  std::vector<SqlValue> values = matching_.values;
  if (begun_) {
    const Predicate after = order_.after(last_values_, last_id_);
    sql += " AND " + after.sql;
    append(values, after.values);
  }
  append(values, {limited(most), limited(offset_)});
  return prepared(database, sql + order_.orderBy() + " LIMIT ? OFFSET ?", values);
}

void SqliteCursor::keepPlace(const sqlite::Statement& row) {
  last_id_ = row.integer(0);
  last_values_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i)
    last_values_.push_back(readValue(row, static_cast<int>(i) + 1));
}

std::uint64_t countFindings(sqlite::Database& database, const ResultsQuery& query) {
  const Predicate match =
      matching(findGeneration(database, query.generation).gen, query.conditions);
  auto row =
      prepared(database, "SELECT count(*)" + findingTables(match.needs) + " WHERE " + match.sql,
               match.values);
  row.step();
  return static_cast<std::uint64_t>(row.integer(0));
}

}  // namespace scanhost::results_sqlite
