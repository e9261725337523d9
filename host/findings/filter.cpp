// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/filter.h"

#include <array>
#include <charconv>
#include <cmath>

#include "host/findings/ascii.h"

namespace scanhost {
namespace {

constexpr std::size_t most_keys = 64;
constexpr std::size_t most_values = 100;
constexpr std::size_t longest_value = 4096;

using Parsed = Result<Operand>;

tl::unexpected<Error> refuseValue(const Field& field, const Json& value, const std::string& why) {
  std::string shown = value.dump(true);
  if (shown.size() > 64) shown = shown.substr(0, 64) + "...";
  return fail(ErrorClass::config,
              "filter on " + std::string(field.name) + ": " + shown + " " + why);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes an operator off the front; equal when there is none.
Operator takeOperator(std::string_view& text) {
  constexpr std::array<std::pair<std::string_view, Operator>, 5> known{
      {{">=", Operator::greater_equal},
       {"<=", Operator::less_equal},
       {">", Operator::greater},
       {"<", Operator::less},
       {"=", Operator::equal}}};
  for (const auto& [sign, op] : known)
    if (text.starts_with(sign)) {
      text.remove_prefix(sign.size());
      text = trimmed(text);
      return op;
    }
  return Operator::equal;
}

std::optional<double> parseNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

Parsed parseNumberOperand(const Field& field, const Json& value) {
  if (value.isNumber()) return Operand{Operator::equal, value.asNumber()};
  std::string_view text = trimmed(value.asString());
  const Operator op = takeOperator(text);
  if (field.name == "severity")
    if (const auto severity = parseSeverity(text))
      return Operand{op, static_cast<double>(static_cast<int>(*severity))};
  if (const auto number = value.isString() ? parseNumber(text) : std::nullopt)
    return Operand{op, *number};
  return refuseValue(field, value, "is not a number, such as 7 or \">=7.0\"");
}

Parsed parseTimestampOperand(const Field& field, const Json& value) {
  std::string_view text = trimmed(value.asString());
  const Operator op = takeOperator(text);
  if (const auto time = parseTimestamp(text)) return Operand{op, static_cast<double>(time->micros)};
  return refuseValue(field, value, "is not a time, such as \">=2025-12-01T00:00:00Z\"");
}

Parsed parseBooleanOperand(const Field& field, const Json& value) {
  if (value.isBool()) return Operand{Operator::equal, value.asBool()};
  for (const bool flag : {true, false})
    if (value.isString() && equalIgnoringCase(trimmed(value.asString()), flag ? "true" : "false"))
      return Operand{Operator::equal, flag};
  return refuseValue(field, value, "is neither true nor false");
}

/// Text as given, or the digits of an integer.
std::optional<std::string> textOf(const Json& value) {
  if (value.isString()) return value.asString();
  if (value.isInteger()) return std::to_string(value.asInteger());
  return std::nullopt;
}

Parsed parseIdentifierOperand(const Field& field, const Json& value) {
  const auto given = textOf(value);
  std::string_view text = given ? trimmed(*given) : std::string_view();
  if (text.starts_with('=')) text = trimmed(text.substr(1));
  if (text.empty() || text.starts_with('<') || text.starts_with('>'))
    return refuseValue(field, value, "is not an identifier, such as \"19506\"");
  return Operand{Operator::equal, std::string(text)};
}

Parsed parseTextOperand(const Field& field, const Json& value) {
  const auto given = textOf(value);
  if (!given) return refuseValue(field, value, "is not text");
  const std::string_view text = *given;
  if (text.starts_with('\\')) return Operand{Operator::contains, std::string(text.substr(1))};
  if (text.starts_with('=')) return Operand{Operator::equal, std::string(text.substr(1))};
  if (text.starts_with('<') || text.starts_with('>'))
    return refuseValue(field, value,
                       "compares text by order, which is not offered; a \\ before it makes it "
                       "literal");
  return Operand{Operator::contains, std::string(text)};
}

Parsed parseOperand(const Field& field, const Json& value) {
  if (value.asString().size() > longest_value)
    return refuseValue(field, value, "is longer than " + std::to_string(longest_value) + " bytes");
  switch (field.kind) {
    case FieldKind::number: return parseNumberOperand(field, value);
    case FieldKind::identifier: return parseIdentifierOperand(field, value);
    case FieldKind::boolean: return parseBooleanOperand(field, value);
    case FieldKind::timestamp: return parseTimestampOperand(field, value);
    case FieldKind::text:
    case FieldKind::list: return parseTextOperand(field, value);
    case FieldKind::object: break;
  }
  return fail(ErrorClass::config, "filter on " + std::string(field.name) +
                                      ": this field cannot be filtered; filter on another");
}

bool holdsText(std::string_view text, const Operand& operand) {
  const std::string& wanted = std::get<std::string>(operand.value);
  return operand.op == Operator::equal ? equalIgnoringCase(text, wanted)
                                       : containsIgnoringCase(text, wanted);
}

bool holdsNumber(double number, const Operand& operand) {
  const double bound = std::get<double>(operand.value);
  switch (operand.op) {
    case Operator::equal: return number == bound;
    case Operator::less: return number < bound;
    case Operator::less_equal: return number <= bound;
    case Operator::greater: return number > bound;
    case Operator::greater_equal: return number >= bound;
    case Operator::contains: break;
  }
  return false;
}

bool holds(const FieldValue& value, const Operand& operand) {
  if (std::holds_alternative<double>(operand.value)) {
    const auto number = numberOf(value);
    return number && holdsNumber(*number, operand);
  }
  if (const auto* wanted = std::get_if<bool>(&operand.value)) {
    const auto* flag = std::get_if<bool>(&value);
    return flag && *flag == *wanted;
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) return holdsText(*text, operand);
  if (const auto* list = std::get_if<const std::vector<std::string>*>(&value))
    return std::any_of((*list)->begin(), (*list)->end(),
                       [&](const std::string& element) { return holdsText(element, operand); });
  return false;
}

/// The severities whose names hold, as numbers; one that no finding has when there is none.
Condition bySeverityNumber(const Condition& by_name) {
  Condition condition{findField("severity"), {}};
  for (int number = 0; number <= 4; ++number) {
    const FieldValue name = severityName(static_cast<Severity>(number));
    for (const Operand& operand : by_name.operands)
      if (holds(name, operand)) {
        condition.operands.push_back({Operator::equal, static_cast<double>(number)});
        break;
      }
  }
  if (condition.operands.empty()) condition.operands.push_back({Operator::equal, -1.0});
  return condition;
}

Result<Condition> parseCondition(const std::string& name, const Json& value) {
  const Field* field = findField(name);
  if (!field) return tl::unexpected(unknownField(name));
  const Json::Array one{value};
  const Json::Array& values = value.isArray() ? value.items() : one;
  if (values.empty() || values.size() > most_values)
    return fail(ErrorClass::config, "filter on " + name + ": an array holds 1 to " +
                                        std::to_string(most_values) + " values, found " +
                                        std::to_string(values.size()));
  Condition condition{field, {}};
  for (const Json& item : values) {
    auto operand = parseOperand(*field, item);
    if (!operand) return tl::unexpected(operand.error());
    condition.operands.push_back(std::move(*operand));
  }
  return field->name == "severity_name" ? bySeverityNumber(condition) : condition;
}

}  // namespace

Result<std::vector<Condition>> parseFilters(const Json& filters) {
  if (!filters.isNull() && !filters.isObject())
    return fail(
        ErrorClass::config,
        std::string("filters must be an object of field and value, found ") + filters.typeName());
  if (filters.size() > most_keys)
    return fail(ErrorClass::config, "filters holds " + std::to_string(filters.size()) +
                                        " fields; at most " + std::to_string(most_keys));
  std::vector<Condition> conditions;
  for (const auto& [name, value] : filters.members()) {
    auto condition = parseCondition(name, value);
    if (!condition) return tl::unexpected(condition.error());
    conditions.push_back(std::move(*condition));
  }
  return conditions;
}

bool matches(const Finding& finding, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const FieldValue value = condition.field->read(finding);
    return std::any_of(condition.operands.begin(), condition.operands.end(),
                       [&](const Operand& operand) { return holds(value, operand); });
  });
}

}  // namespace scanhost
