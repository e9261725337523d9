// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/store_query.h"

#include <algorithm>

namespace scanhost {
namespace {

static_assert(static_cast<int>(Operator::equal) == SCANHOST_OP_EQUAL);
static_assert(static_cast<int>(Operator::contains) == SCANHOST_OP_CONTAINS);
static_assert(static_cast<int>(Operator::less) == SCANHOST_OP_LESS);
static_assert(static_cast<int>(Operator::less_equal) == SCANHOST_OP_LESS_EQUAL);
static_assert(static_cast<int>(Operator::greater) == SCANHOST_OP_GREATER);
static_assert(static_cast<int>(Operator::greater_equal) == SCANHOST_OP_GREATER_EQUAL);

scanhost_operand lendOperand(const Operand& operand) {
  const auto op = static_cast<int32_t>(operand.op);
  if (const auto* number = std::get_if<double>(&operand.value))
    return {op, SCANHOST_KIND_NUMBER, *number, {}};
  if (const auto* flag = std::get_if<bool>(&operand.value))
    return {op, SCANHOST_KIND_BOOLEAN, *flag ? 1.0 : 0.0, {}};
  return {op, SCANHOST_KIND_TEXT, 0, toText(std::get<std::string>(operand.value))};
}

/// What a store keeps for a field: itself, or the fields it is computed from.
std::vector<std::string_view> storedFieldsOf(const Field& field) {
  if (field.name == "cvss_score")
    return {"cvss4_base_score", "cvss3_base_score", "cvss_base_score"};
  if (field.name == "severity_name") return {"severity"};
  return {field.name};
}

}  // namespace

StoreQuery::StoreQuery(std::string generation, std::vector<Condition> conditions,
                       const std::vector<SortKey>& sort, const Projection* projection)
    : generation_(std::move(generation)), conditions_(std::move(conditions)) {
  query_.struct_size = sizeof query_;
  query_.generation = toText(generation_);
  lendConditions();
  lendSort(sort);
  if (projection && !projection->isFull()) lendFields(*projection);
}

void StoreQuery::lendConditions() {
  for (const Condition& condition : conditions_) {
    std::vector<scanhost_operand>& operands = operands_.emplace_back();
    for (const Operand& operand : condition.operands) operands.push_back(lendOperand(operand));
    scanhost_condition& lent = abi_conditions_.emplace_back();
    lent.struct_size = sizeof lent;
    lent.field = toText(condition.field->name);
    lent.operands = operands.data();  // a vector keeps its items when it is itself moved
    lent.operand_count = operands.size();
  }
  for (const scanhost_condition& condition : abi_conditions_) condition_list_.push_back(&condition);
  query_.conditions = condition_list_.data();
  query_.condition_count = condition_list_.size();
}

void StoreQuery::lendSort(const std::vector<SortKey>& sort) {
  for (const SortKey& key : sort) sort_.push_back({toText(key.field->name), key.descending, 0});
  query_.sort = sort_.data();
  query_.sort_count = sort_.size();
}

void StoreQuery::lendFields(const Projection& projection) {
  std::vector<std::string_view> names;
  for (const Projection::Column& column : projection.columns)
    for (const std::string_view name : storedFieldsOf(*column.field))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  for (const std::string_view name : names) fields_.push_back(toText(name));
  query_.fields = {fields_.data(), fields_.size()};
}

}  // namespace scanhost
