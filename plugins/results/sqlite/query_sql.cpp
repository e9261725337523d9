// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/query_sql.h"

#include <scanhost/error.h>

#include <algorithm>

namespace scanhost::results_sqlite {
namespace {

[[noreturn]] void refuse(const FieldSql& field, const char* why) {
  throw PluginError(ErrorClass::unsupported, "results-sqlite cannot compare field '" +
                                                 std::string(field.name) + "': " + why);
}

const char* sqlOperator(const FieldSql& field, ResultsOperator op) {
  switch (op) {
    case ResultsOperator::equal: return " = ?";
    case ResultsOperator::less: return " < ?";
    case ResultsOperator::less_equal: return " <= ?";
    case ResultsOperator::greater: return " > ?";
    case ResultsOperator::greater_equal: return " >= ?";
    case ResultsOperator::contains: break;
  }
  refuse(field, "a number contains nothing");
}

std::string asciiLower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// SQLite's lower() and NOCASE know ASCII only, as the contract has it.
Predicate textMatch(const FieldSql& field, const std::string& expression,
                    const ResultsOperand& operand) {
  switch (operand.op) {
    case ResultsOperator::equal:
      return {"(" + expression + ") = ? COLLATE NOCASE", {operand.text}, {}};
    case ResultsOperator::contains:
      return {"instr(lower(" + expression + "), ?) > 0", {asciiLower(operand.text)}, {}};
    default: refuse(field, "text has no order to filter by");
  }
}

Predicate operandMatch(const FieldSql& field, const ResultsOperand& operand) {
  const std::string expression(field.expression);
  if (field.type == FieldType::object) refuse(field, "it is an object");
  if ((field.type == FieldType::number) == (operand.kind == ResultsOperandKind::text))
    refuse(field, "the value is of another kind");
  if (field.type == FieldType::number)
    return {"(" + expression + ")" + sqlOperator(field, operand.op), {operand.number}, {}};
  if (field.type == FieldType::list) {
    Predicate element = textMatch(field, "value", operand);
    element.sql = "EXISTS (SELECT 1 FROM json_each(" + expression + ") WHERE " + element.sql + ")";
    return element;
  }
  Predicate match = textMatch(field, expression, operand);
  match.sql = "((" + expression + ") <> '' AND " + match.sql + ")";
  return match;
}

Predicate conditionMatch(const ResultsCondition& condition) {
  const FieldSql& field = fieldSql(condition.field);
  Predicate any{"(0", {}, field.needs};
  for (const ResultsOperand& operand : condition.operands) {
    const Predicate one = operandMatch(field, operand);
    any.sql += " OR " + one.sql;
    any.values.insert(any.values.end(), one.values.begin(), one.values.end());
  }
  any.sql += ")";
  return any;
}

}  // namespace

void bindAll(sqlite::Statement& statement, const std::vector<SqlValue>& values) {
  for (const SqlValue& value : values)
    std::visit(
        [&](const auto& bound) {
          if constexpr (std::is_same_v<std::decay_t<decltype(bound)>, std::monostate>)
            statement.bind(nullptr, true);
          else
            statement.bind(bound, true);
        },
        value);
}

SqlValue readValue(const sqlite::Statement& row, int column) {
  switch (row.type(column)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return row.integer(column);
    case SQLITE_FLOAT: return row.real(column);
    default: return row.text(column);
  }
}

Predicate matching(std::int64_t generation, const std::vector<ResultsCondition>& conditions) {
  Predicate all{"f.gen = ?", {generation}, {}};
  for (const ResultsCondition& condition : conditions) {
    const Predicate one = conditionMatch(condition);
    all.sql += " AND " + one.sql;
    all.values.insert(all.values.end(), one.values.begin(), one.values.end());
    all.needs |= one.needs;
  }
  return all;
}

Order::Order(const std::vector<ResultsSortKey>& keys) {
  for (const ResultsSortKey& key : keys) {
    const FieldSql& field = fieldSql(key.field);
    std::string expression(field.expression);
    if (field.type == FieldType::text) expression = "nullif(" + expression + ", '') COLLATE NOCASE";
    if (field.type == FieldType::list) expression = "nullif(" + expression + ", '[]')";
    keys_.push_back({std::move(expression), key.descending, field.always});
    needs_ |= field.needs;
  }
}

std::string Order::columns() const {
  std::string sql;
  for (const Key& key : keys_) sql += ", " + key.expression;
  return sql;
}

std::string Order::orderBy() const {
  std::string sql = " ORDER BY ";
  for (const Key& key : keys_) {
    if (!key.always) sql += key.expression + " IS NULL, ";
    sql += key.expression + (key.descending ? " DESC, " : ", ");
  }
  return sql + "f.id";
}

/// (k1 beyond v1) OR (k1 equals v1 AND ((k2 beyond v2) OR ... (id > last))), written from the
/// inside.
Predicate Order::after(const std::vector<SqlValue>& values, std::int64_t id) const {
  Predicate after{"f.id > ?", {id}, {}};
  for (std::size_t i = keys_.size(); i-- > 0;) {
    const Key& key = keys_[i];
    if (std::holds_alternative<std::monostate>(values[i])) {
      after.sql = "(" + key.expression + " IS NULL AND " + after.sql + ")";
      continue;
    }
    const std::string beyond = key.expression + (key.descending ? " < ?" : " > ?");
    after.sql = "(" + beyond + (key.always ? "" : " OR " + key.expression + " IS NULL") + " OR (" +
                key.expression + " = ? AND " + after.sql + "))";
    after.values.insert(after.values.begin(), {values[i], values[i]});
  }
  return after;
}

}  // namespace scanhost::results_sqlite
