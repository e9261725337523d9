// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/sort.h"

#include <algorithm>

#include "host/findings/ascii.h"

namespace scanhost {
namespace {

constexpr std::size_t most_keys_of_sort = 8;

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int orderOfText(std::string_view a, std::string_view b) {
  return order(asciiLower(a), asciiLower(b));
}

std::string_view textOf(const FieldValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text ? *text : std::string_view();
}

bool flagOf(const FieldValue& value) {
  const auto* flag = std::get_if<bool>(&value);
  return flag && *flag;
}

/// Of two findings that both have the field.
int orderOf(const Field& field, const FieldValue& a, const FieldValue& b) {
  switch (field.kind) {
    case FieldKind::number:
    case FieldKind::timestamp: return order(numberOf(a).value_or(0), numberOf(b).value_or(0));
    case FieldKind::boolean: return order(flagOf(a), flagOf(b));
    default: return orderOfText(textOf(a), textOf(b));
  }
}

Result<SortKey> parseKey(std::string_view text) {
  const bool descending = text.starts_with('-');
  if (descending) text.remove_prefix(1);
  const Field* field = findField(text);
  if (!field) return tl::unexpected(unknownField(text));
  if (field->kind == FieldKind::list || field->kind == FieldKind::object)
    return fail(ErrorClass::config, "sort by " + std::string(field->name) +
                                        ": it holds many values and has no order; sort by another");
  return SortKey{field->name == "severity_name" ? findField("severity") : field, descending};
}

}  // namespace

Result<std::vector<SortKey>> parseSort(std::string_view text) {
  std::vector<SortKey> keys;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, comma - at);
    at = comma + 1;
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (keys.size() == most_keys_of_sort)
      return fail(ErrorClass::config, "sort names more than " + std::to_string(most_keys_of_sort) +
                                          " fields; name fewer");
    auto key = parseKey(part);
    if (!key) return tl::unexpected(key.error());
    keys.push_back(*key);
  }
  return keys;
}

bool comesBefore(const Finding& a, const Finding& b, const std::vector<SortKey>& keys) {
  for (const SortKey& key : keys) {
    const FieldValue of_a = key.field->read(a), of_b = key.field->read(b);
    const bool lacks_a = std::holds_alternative<std::monostate>(of_a);
    const bool lacks_b = std::holds_alternative<std::monostate>(of_b);
    if (lacks_a != lacks_b) return lacks_b;
    if (lacks_a) continue;
    const int direction = orderOf(*key.field, of_a, of_b);
    if (direction != 0) return key.descending ? direction > 0 : direction < 0;
  }
  return false;
}

}  // namespace scanhost
