// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/argument_table.h"

#include <algorithm>
#include <charconv>

namespace scanhost::arguments {
namespace {

/// Characters, not bytes: every byte that does not continue one.
std::size_t characterCount(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool hasControlCharacter(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

std::optional<std::int64_t> toInteger(const Json& value) {
  if (value.isInteger()) return value.asInteger();
  if (value.isNumber()) {
    const double number = value.asNumber();
    const auto whole = static_cast<std::int64_t>(number);
    if (number >= -9e15 && number <= 9e15 && static_cast<double>(whole) == number) return whole;
    return std::nullopt;
  }
  if (!value.isString()) return std::nullopt;
  const std::string& text = value.asString();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> toBoolean(const Json& value) {
  if (value.isBool()) return value.asBool();
  if (value.asString() == "true") return true;
  if (value.asString() == "false") return false;
  return std::nullopt;
}

std::optional<std::string> breachOf(const TextRule& rule, const std::string& text) {
  const std::size_t length = characterCount(text);
  if (length < rule.min_length)
    return rule.min_length == 1
               ? "is empty"
               : "needs at least " + std::to_string(rule.min_length) + " characters";
  if (rule.max_length != 0 && length > rule.max_length)
    return "has " + std::to_string(length) + " characters; at most " +
           std::to_string(rule.max_length) + " may be given";
  if (rule.printable_ascii &&
      std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }))
    return "may hold printable ASCII characters only";
  if (rule.max_length != 0 && !rule.secret && hasControlCharacter(text) && rule.max_length <= 255)
    return "may hold no control characters";
  return std::nullopt;
}

Json textSchema(const TextRule& rule) {
  Json schema = Json::object({{"type", "string"}, {"description", rule.description}});
  if (rule.min_length > 0) schema["minLength"] = rule.min_length;
  if (rule.max_length > 0) schema["maxLength"] = rule.max_length;
  if (!rule.header.empty()) schema["x-mcp-header"] = rule.header;
  if (rule.secret) schema["writeOnly"] = true;
  return schema;
}

Json integerSchema(const IntegerRule& rule) {
  Json schema = Json::object({{"type", "integer"}, {"description", rule.description}});
  if (rule.minimum != std::numeric_limits<std::int64_t>::min()) schema["minimum"] = rule.minimum;
  if (rule.maximum != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = rule.maximum;
  return schema;
}

Json nullable(Json schema) {
  schema["type"] = Json::array({schema["type"], "null"});
  schema["default"] = nullptr;
  return schema;
}

ServiceError unknownParameter(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearestName(name, known);
  return ServiceError::invalidArgument(
      name.substr(0, 64), "There is no parameter of this name",
      nearest.empty() ? "Known parameters: " + joinNames(known) : "Did you mean " + nearest + "?");
}

ServiceError wrongType(const std::string& name, const Json& found, std::string_view wanted) {
  return ServiceError::invalidArgument(
      name, name + " is " + found.typeName() + "; it must be " + std::string(wanted));
}

}  // namespace scanhost::arguments
