// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/target_veil.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>

namespace scanhost::ctl {
namespace {

constexpr std::string_view left_out = "[left out]";
/// Shorter words are parts of others.
constexpr std::size_t shortest = 4;

/// Of any object.
constexpr std::array<std::string_view, 9> target_members = {
    "targets", "target",    "target_filter", "host",   "hosts",
    "address", "addresses", "scan_name",     "filters"};
/// Of one that tells of a task.
constexpr std::array<std::string_view, 2> name_members = {"name", "description"};

template <class Names>
bool isOneOf(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool isWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool isAddressChar(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) || c == '.' || c == ':';
}

/// Whether it is an address, and of which kind: of this machine, as 127.0.0.1, 0.0.0.0 and ::1.
struct Address {
  bool of_this_machine = false;
};
std::optional<Address> readAddress(const std::string& text) {
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
    const std::uint32_t number = ntohl(four.s_addr);
    return Address{number >> 24 == 127 || number == 0};
  }
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return std::nullopt;
  return Address{IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six)};
}

/// The address that a run of its characters holds, without a port or the end of a sentence.
std::size_t addressIn(std::string_view run) {
  for (std::size_t size = run.size(); size > 1; --size) {
    const bool whole = size == run.size() || run[size] == ':' || run[size] == '.';
    const auto address = whole ? readAddress(std::string(run.substr(0, size))) : std::nullopt;
    if (address) return address->of_this_machine ? 0 : size;
  }
  return 0;
}

std::string withoutAddresses(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = isAddressChar(text[at]) && (at == 0 || !isWordChar(text[at - 1]));
    if (!begins) {
      out += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && isAddressChar(text[end])) ++end;
    const std::size_t size = end < text.size() && isWordChar(text[end])
                                 ? 0
                                 : addressIn(std::string_view(text).substr(at, end - at));
    if (size > 0) out += "[address]";
    out.append(text, at + size, end - at - size);
    at = end;
  }
  return out;
}

/// All texts and numbers of a value through `change`, members for which `is_hidden` left out. Names
/// of members are the service's own, and stay also where a task is called "status".
Json changeTexts(const Json& value, const std::function<std::string(std::string)>& change,
                 const std::function<bool(const Json&, const std::string&)>& is_hidden) {
  if (value.isString()) return Json(change(value.asString()));
  if (value.isArray()) {
    Json::Array items;
    for (const Json& item : value.items()) items.push_back(changeTexts(item, change, is_hidden));
    return Json(std::move(items));
  }
  if (value.isNumber()) {
    const std::string digits = value.dump();
    std::string changed = change(digits);  // a scan may be called "2024"
    return changed == digits ? value : Json(std::move(changed));
  }
  if (!value.isObject()) return value;
  Json::Object members;
  for (const auto& [name, member] : value.members()) {
    const bool hidden = !member.isNull() && is_hidden(value, name);
    members.emplace_back(name, hidden ? Json(left_out) : changeTexts(member, change, is_hidden));
  }
  return Json(std::move(members));
}

bool holdsTargetOrName(const Json& object, const std::string& member) {
  if (isOneOf(target_members, member)) return true;
  const bool of_task = object.has("task_id") || object.has("targets") || object.has("tool");
  return of_task && isOneOf(name_members, member);
}

}  // namespace

void TargetVeil::learn(const Json& task) {
  learnWord(task["name"].asString());
  const Json& targets = task["targets"];
  const auto learnAll = [this](const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(", \t\n", at), text.size());
      learnWord(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
  };
  learnAll(targets.asString());
  for (const Json& target : targets.items()) learnAll(target.asString());
}

void TargetVeil::learnWord(std::string_view word) {
  if (word.size() < shortest || word == "localhost") return;
  const auto address = readAddress(std::string(word.substr(0, word.find('/'))));
  if (address && address->of_this_machine) return;
  const auto place = std::find_if(known_.begin(), known_.end(), [&](const std::string& other) {
    return other.size() < word.size() || other == word;
  });
  if (place == known_.end() || *place != word) known_.emplace(place, word);
}

std::string TargetVeil::withoutKnown(std::string text) const {
  for (const std::string& word : known_)
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
      const std::size_t end = at + word.size();
      const bool whole =
          (at == 0 || !isWordChar(text[at - 1])) && (end == text.size() || !isWordChar(text[end]));
      if (whole) text.replace(at, word.size(), left_out);
      at += whole ? left_out.size() : 1;
    }
  return text;
}

Json TargetVeil::withoutKnown(const Json& value) const {
  return changeTexts(
      value, [this](std::string text) { return withoutKnown(std::move(text)); },
      [](const Json&, const std::string&) { return false; });
}

std::string TargetVeil::veil(std::string text) const {
  return withoutAddresses(withoutKnown(std::move(text)));
}

Json TargetVeil::veil(const Json& value) const {
  return changeTexts(
      value, [this](std::string text) { return veil(std::move(text)); }, holdsTargetOrName);
}

}  // namespace scanhost::ctl
