// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What crosses the results interface, as values that own their texts. abi/draft/results.h says
/// what each means; findings themselves are in finding.h.
#ifndef SCANHOST_RESULTS_RECORDS_H
#define SCANHOST_RESULTS_RECORDS_H

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "abi/draft/results.h"
#include "error.h"
#include "finding.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

/// For which task, attempt and lease findings are stored.
struct Generation {
  std::string task_id;
  int attempt = 1;
  std::uint64_t epoch = 0;
  std::array<std::uint8_t, 16> token{};  ///< the lease's
  std::int64_t created_us = 0;
};

enum class ResultsOperator : int {
  equal = SCANHOST_OP_EQUAL,
  contains = SCANHOST_OP_CONTAINS,
  less = SCANHOST_OP_LESS,
  less_equal = SCANHOST_OP_LESS_EQUAL,
  greater = SCANHOST_OP_GREATER,
  greater_equal = SCANHOST_OP_GREATER_EQUAL,
};

enum class ResultsOperandKind : int {
  number = SCANHOST_KIND_NUMBER,
  text = SCANHOST_KIND_TEXT,
  boolean = SCANHOST_KIND_BOOLEAN,
};

struct ResultsOperand {
  ResultsOperator op = ResultsOperator::equal;
  ResultsOperandKind kind = ResultsOperandKind::text;
  double number = 0;  ///< of a boolean 0 or 1
  std::string text;

  static ResultsOperand ofNumber(ResultsOperator op, double number) {
    return {op, ResultsOperandKind::number, number, {}};
  }
  static ResultsOperand ofText(ResultsOperator op, std::string text) {
    return {op, ResultsOperandKind::text, 0, std::move(text)};
  }
  static ResultsOperand ofBoolean(bool value) {
    return {ResultsOperator::equal, ResultsOperandKind::boolean, value ? 1.0 : 0.0, {}};
  }
};

/// A field and what it must match: any of the operands.
struct ResultsCondition {
  std::string field;
  std::vector<ResultsOperand> operands;
};

struct ResultsSortKey {
  std::string field;
  bool descending = false;
};

struct ResultsQuery {
  std::string generation;
  std::vector<ResultsCondition> conditions;  ///< all must hold
  std::vector<ResultsSortKey> sort;          ///< empty: order of arrival, which also settles ties
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;          ///< 0: no limit
  std::vector<std::string> fields;  ///< empty: all
};

namespace detail {

inline scanhost_generation lend(const Generation& generation) noexcept {
  scanhost_generation abi{sizeof(scanhost_generation),
                          generation.attempt,
                          toText(generation.task_id),
                          generation.epoch,
                          {},
                          generation.created_us};
  std::copy(generation.token.begin(), generation.token.end(), abi.token);
  return abi;
}

inline Generation own(const scanhost_generation& abi) {
  Generation generation{toString(abi.task_id), abi.attempt, abi.epoch, {}, abi.created_us};
  std::copy(std::begin(abi.token), std::end(abi.token), generation.token.begin());
  return generation;
}

inline ResultsOperand own(const scanhost_operand& abi) {
  if (abi.op < SCANHOST_OP_EQUAL || abi.op > SCANHOST_OP_GREATER_EQUAL ||
      abi.kind < SCANHOST_KIND_NUMBER || abi.kind > SCANHOST_KIND_BOOLEAN)
    throw PluginError(ErrorClass::unsupported,
                      "a condition has operator " + std::to_string(abi.op) + " and kind " +
                          std::to_string(abi.kind) + ", which scanhost.results/1 does not know");
  return {static_cast<ResultsOperator>(abi.op), static_cast<ResultsOperandKind>(abi.kind),
          abi.number, toString(abi.text)};
}

inline ResultsQuery own(const scanhost_results_query& abi) {
  ResultsQuery query;
  query.generation = toString(abi.generation);
  for (std::uint64_t i = 0; i < abi.condition_count; ++i) {
    const scanhost_condition& from = *abi.conditions[i];
    ResultsCondition condition{toString(from.field), {}};
    for (std::uint64_t j = 0; j < from.operand_count; ++j)
      condition.operands.push_back(own(from.operands[j]));
    query.conditions.push_back(std::move(condition));
  }
  for (std::uint64_t i = 0; i < abi.sort_count; ++i)
    query.sort.push_back({toString(abi.sort[i].field), abi.sort[i].descending != 0});
  query.offset = abi.offset;
  query.limit = abi.limit;
  query.fields = toStrings(abi.fields);
  return query;
}

/// Lends a query as the ABI's struct while both live.
class LentResultsQuery {
 public:
  explicit LentResultsQuery(const ResultsQuery& query) : fields_(query.fields) {
    operands_.reserve(query.conditions.size());
    conditions_.reserve(query.conditions.size());
    for (const ResultsCondition& condition : query.conditions) lendCondition(condition);
    for (const scanhost_condition& condition : conditions_) pointers_.push_back(&condition);
    for (const ResultsSortKey& key : query.sort)
      sort_.push_back({toText(key.field), key.descending ? 1 : 0, 0});
    abi_.struct_size = sizeof abi_;
    abi_.generation = toText(query.generation);
    abi_.conditions = pointers_.data();
    abi_.condition_count = pointers_.size();
    abi_.sort = sort_.data();
    abi_.sort_count = sort_.size();
    abi_.offset = query.offset;
    abi_.limit = query.limit;
    abi_.fields = fields_;
  }
  LentResultsQuery(const LentResultsQuery&) = delete;
  LentResultsQuery& operator=(const LentResultsQuery&) = delete;

  const scanhost_results_query* abi() const noexcept { return &abi_; }

 private:
  void lendCondition(const ResultsCondition& condition) {
    std::vector<scanhost_operand>& operands = operands_.emplace_back();
    for (const ResultsOperand& operand : condition.operands)
      operands.push_back({static_cast<std::int32_t>(operand.op),
                          static_cast<std::int32_t>(operand.kind), operand.number,
                          toText(operand.text)});
    conditions_.push_back(
        {sizeof(scanhost_condition), 0, toText(condition.field), operands.data(), operands.size()});
  }

  LentTexts fields_;
  std::vector<std::vector<scanhost_operand>> operands_;
  std::vector<scanhost_condition> conditions_;
  std::vector<const scanhost_condition*> pointers_;
  std::vector<scanhost_sort_key> sort_;
  scanhost_results_query abi_{};
};

}  // namespace detail
}  // namespace v1
}  // namespace scanhost

#endif
