// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A query's conditions and order as SQL. Values are bound, never written into the text.
#pragma once

#include <scanhost/results_records.h>

#include <string>
#include <variant>
#include <vector>

#include "plugins/results/sqlite/field_sql.h"
#include "plugins/shared/sqlite/database.h"

namespace scanhost::results_sqlite {

/// What is bound to a statement; std::monostate is NULL.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;

void bindAll(sqlite::Statement& statement, const std::vector<SqlValue>& values);

/// A boolean expression with its parameters in order.
struct Predicate {
  std::string sql;
  std::vector<SqlValue> values;
  Needs needs;
};

/// Findings of the generation that meet every condition.
Predicate matching(std::int64_t generation, const std::vector<ResultsCondition>& conditions);

/// An order of findings, by its keys and then by arrival; what lacks a key comes last.
class Order {
 public:
  explicit Order(const std::vector<ResultsSortKey>& keys);

  const Needs& needs() const { return needs_; }
  std::size_t size() const { return keys_.size(); }
  /// ", key1, key2" for a SELECT, so that rows tell where they stand.
  std::string columns() const;
  std::string orderBy() const;
  /// What comes after a finding with these key values and this id.
  Predicate after(const std::vector<SqlValue>& values, std::int64_t id) const;

 private:
  struct Key {
    std::string expression;
    bool descending;
    bool always;
  };

  std::vector<Key> keys_;
  Needs needs_;
};

/// The value of a column, to be bound again.
SqlValue readValue(const sqlite::Statement& row, int column);

}  // namespace scanhost::results_sqlite
