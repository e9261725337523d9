// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/redactor.h"

#include <algorithm>
#include <string_view>

#include "host/plugins/schema.h"

namespace scanhost {
namespace {

constexpr std::size_t shortest_secret = 4;
constexpr std::string_view replacement = "[redacted]";

void addAllTexts(const Json& value, Redactor& redactor) {
  if (value.isString()) redactor.add(value.asString());
  if (value.isArray())
    for (const Json& item : value.items()) addAllTexts(item, redactor);
  if (value.isObject())
    for (const auto& [name, member] : value.members()) addAllTexts(member, redactor);
}

/// Follows a pointer of Schema::secretPointers, in which "*" stands for every item.
void addAt(const Json& value, std::string_view pointer, Redactor& redactor) {
  if (pointer.empty()) return addAllTexts(value, redactor);
  pointer.remove_prefix(1);
  const std::size_t end = pointer.find('/');
  const std::string_view token = pointer.substr(0, end);
  const std::string_view rest =
      end == std::string_view::npos ? std::string_view() : pointer.substr(end);
  if (token == "*" && value.isArray())
    for (const Json& item : value.items()) addAt(item, rest, redactor);
  if (value.isObject())
    for (const auto& [name, member] : value.members())
      if (pointerToken(name) == token) addAt(member, rest, redactor);
}

}  // namespace

Redactor Redactor::of(const Json& config_schema, const Json& settings) {
  Redactor redactor;
  if (const auto schema = Schema::compile(config_schema))
    for (const std::string& pointer : schema->secretPointers()) addAt(settings, pointer, redactor);
  return redactor;
}

void Redactor::add(std::string secret) {
  if (secret.size() < shortest_secret) return;
  const auto shorter = [&](const std::string& other) { return other.size() < secret.size(); };
  secrets_.insert(std::find_if(secrets_.begin(), secrets_.end(), shorter), std::move(secret));
}

std::string Redactor::redact(std::string text) const {
  for (const std::string& secret : secrets_)  // the longest first: one may hold another
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;
         at += replacement.size())
      text.replace(at, secret.size(), replacement);
  return text;
}

}  // namespace scanhost
