// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Arguments of an operation: each parameter is declared once, with its type, default and bounds,
/// and from that come both the reader and the JSON Schema that clients see.
///
///     const ArgumentTable<StatusArguments> arguments =
///         ArgumentTable<StatusArguments>()
///             .text("task_id", &StatusArguments::task_id, {.description = "...", .required =
///             true});
///
/// Reading is lenient as clients were taught: "10" passes for an integer, "true" for a boolean, and
/// null counts as absent for whatever is not required. Unknown parameters are errors.
/// A table is immutable once made; any thread may read with it.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/base/nearest.h"
#include "host/operations/service_error.h"

namespace scanhost {

struct TextRule {
  std::string description = {};
  bool required = false;
  std::size_t min_length = 0;
  std::size_t max_length = 0;  ///< 0: no bound of its own; counted in characters
  bool printable_ascii = false;
  /// The header of MCP 2026-07-28 in which clients repeat it, for whoever routes requests; empty:
  /// none.
  std::string header = {};
  bool secret = false;  ///< marked in the schema; never shown in an event
};

struct IntegerRule {
  std::string description = {};
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
};

namespace arguments {

/// Null when `value` may stand for an integer: an integer, or a text that is one.
std::optional<std::int64_t> toInteger(const Json& value);
std::optional<bool> toBoolean(const Json& value);
/// Nothing when `text` keeps the rule, else what is wrong with it.
std::optional<std::string> breachOf(const TextRule& rule, const std::string& text);
Json textSchema(const TextRule& rule);
Json integerSchema(const IntegerRule& rule);
ServiceError unknownParameter(const std::string& name, const std::vector<std::string>& known);
ServiceError wrongType(const std::string& name, const Json& found, std::string_view wanted);
/// The schema of a parameter that may be null.
Json nullable(Json schema);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace arguments

/// `Target` is a plain struct whose default-constructed members are the defaults.
template <class Target>
class ArgumentTable {
 public:
  using Fault = std::optional<ServiceError>;

  /// `Member` is std::string, or std::optional<std::string> for one that may be absent.
  template <class Member>
  ArgumentTable& text(std::string name, Member Target::*member, TextRule rule) {
    Json schema = arguments::textSchema(rule);
    if constexpr (arguments::is_optional<Member>)
      schema = arguments::nullable(std::move(schema));
    else if (!rule.required)
      schema["default"] = Target{}.*member;
    return add(name, rule.required, std::move(schema),
               [name, member, rule](Target& target, const Json& value) -> Fault {
                 if (!value.isString()) return arguments::wrongType(name, value, "a string");
                 if (auto breach = arguments::breachOf(rule, value.asString()))
                   return ServiceError::invalidArgument(name, name + " " + *breach);
                 target.*member = value.asString();
                 return std::nullopt;
               });
  }

  template <class Member>
  ArgumentTable& choice(std::string name, Member Target::*member, std::vector<std::string> choices,
                        std::string description, std::string error = {}, bool required = false) {
    Json schema = Json::object({{"type", "string"}, {"description", std::move(description)}});
    for (const std::string& choice : choices) schema["enum"].push(choice);
    if constexpr (!arguments::is_optional<Member>) {
      if (!required) schema["default"] = Target{}.*member;
    } else {
      schema = Json::object({{"anyOf", Json::array({schema, Json::object({{"type", "null"}})})},
                             {"default", nullptr}});
    }
    return add(name, required, std::move(schema),
               [name, member, choices, error](Target& target, const Json& value) -> Fault {
                 for (const std::string& choice : choices)
                   if (value.isString() && value.asString() == choice) {
                     target.*member = choice;
                     return std::nullopt;
                   }
                 const std::string found = value.isString()
                                               ? "'" + value.asString().substr(0, 64) + "'"
                                               : std::string(value.typeName());
                 return ServiceError::badArgument(error.empty() ? "Invalid " + name : error, name,
                                                  name + " is " + found,
                                                  "Known values: " + joinNames(choices));
               });
  }

  template <class Member>
  ArgumentTable& integer(std::string name, Member Target::*member, IntegerRule rule) {
    Json schema = arguments::integerSchema(rule);
    if constexpr (!arguments::is_optional<Member>)
      schema["default"] = Target{}.*member;
    else
      schema = arguments::nullable(std::move(schema));
    return add(name, false, std::move(schema),
               [name, member, rule](Target& target, const Json& value) -> Fault {
                 const auto number = arguments::toInteger(value);
                 if (!number) return arguments::wrongType(name, value, "an integer");
                 if (*number < rule.minimum || *number > rule.maximum)
                   return ServiceError::invalidArgument(
                       name, name + " is " + std::to_string(*number),
                       "Give a value from " + std::to_string(rule.minimum) +
                           (rule.maximum == std::numeric_limits<std::int64_t>::max()
                                ? " up"
                                : " to " + std::to_string(rule.maximum)));
                 target.*member = *number;
                 return std::nullopt;
               });
  }

  ArgumentTable& boolean(std::string name, bool Target::*member, std::string description) {
    return add(name, false,
               Json::object({{"type", "boolean"},
                             {"description", std::move(description)},
                             {"default", Target{}.*member}}),
               [name, member](Target& target, const Json& value) -> Fault {
                 const auto flag = arguments::toBoolean(value);
                 if (!flag) return arguments::wrongType(name, value, "true or false");
                 target.*member = *flag;
                 return std::nullopt;
               });
  }

  /// A list of strings; an empty one counts as absent.
  ArgumentTable& texts(std::string name, std::vector<std::string> Target::*member,
                       std::string description, std::size_t max_items = 100) {
    Json schema = Json::object({{"type", "array"},
                                {"items", Json::object({{"type", "string"}})},
                                {"description", std::move(description)}});
    return add(name, false, arguments::nullable(std::move(schema)),
               [name, member, max_items](Target& target, const Json& value) -> Fault {
                 if (!value.isArray() || value.size() > max_items)
                   return arguments::wrongType(
                       name, value, "a list of at most " + std::to_string(max_items) + " strings");
                 std::vector<std::string> items;
                 for (const Json& item : value.items()) {
                   if (!item.isString())
                     return arguments::wrongType(name, item, "a list of strings");
                   items.push_back(item.asString());
                 }
                 target.*member = std::move(items);
                 return std::nullopt;
               });
  }

  /// An object that the operation reads itself.
  ArgumentTable& object(std::string name, std::optional<Json> Target::*member,
                        std::string description) {
    Json schema = Json::object({{"type", "object"},
                                {"additionalProperties", true},
                                {"description", std::move(description)}});
    return add(name, false, arguments::nullable(std::move(schema)),
               [name, member](Target& target, const Json& value) -> Fault {
                 if (!value.isObject()) return arguments::wrongType(name, value, "an object");
                 target.*member = value;
                 return std::nullopt;
               });
  }

  tl::expected<Target, ServiceError> read(const Json& given) const {
    if (!given.isObject() && !given.isNull())
      return tl::unexpected<ServiceError>(arguments::wrongType("arguments", given, "an object"));
    for (const Json::Member& member : given.members())
      if (!find(member.first))
        return tl::unexpected<ServiceError>(arguments::unknownParameter(member.first, names()));
    Target target;
    for (const Parameter& parameter : parameters_) {
      const Json* value = given.find(parameter.name);
      if (!value || value->isNull()) {
        if (!parameter.required) continue;
        return tl::unexpected<ServiceError>(ServiceError::invalidArgument(
            parameter.name, "The parameter " + parameter.name + " is missing"));
      }
      if (Fault fault = parameter.read(target, *value))
        return tl::unexpected<ServiceError>(std::move(*fault));
    }
    return target;
  }

  Json schema() const {
    Json properties = Json::object();
    Json required = Json::array();
    for (const Parameter& parameter : parameters_) {
      properties[parameter.name] = parameter.schema;
      if (parameter.required) required.push(parameter.name);
    }
    Json schema = Json::object({{"type", "object"}, {"properties", std::move(properties)}});
    if (required.size() > 0) schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    return schema;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
    return names;
  }

 private:
  struct Parameter {
    std::string name;
    bool required;
    Json schema;
    std::function<Fault(Target&, const Json&)> read;
  };

  ArgumentTable& add(std::string name, bool required, Json schema,
                     std::function<Fault(Target&, const Json&)> read) {
    parameters_.push_back({std::move(name), required, std::move(schema), std::move(read)});
    return *this;
  }
  bool find(std::string_view name) const {
    for (const Parameter& parameter : parameters_)
      if (parameter.name == name) return true;
    return false;
  }

  std::vector<Parameter> parameters_;
};

}  // namespace scanhost
