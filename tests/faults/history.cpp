// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/history.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "host/base/time.h"

namespace scanhost::faults {
namespace {

constexpr std::array<const char*, 21> names = {
    "submitted", "accepted", "cancelled", "paused",  "resumed", "answered",  "counted",
    "stored",    "granted",  "written",   "spent",   "ended",   "forgotten", "blind",
    "refers",    "made",     "launched",  "removed", "left",    "fault",     "healed"};

What whatOf(const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::runtime_error("'" + name + "' is no event of a history");
  return static_cast<What>(found - names.begin());
}

}  // namespace

const char* nameOf(What what) {
  return names[static_cast<std::size_t>(what)];
}

Json Event::toJson() const {
  Json json = Json::object({{"at", at_us}, {"what", nameOf(what)}});
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  const auto count = [&](const char* name, auto value) {
    if (value != 0) json[name] = value;
  };
  text("task", task);
  text("key", key);
  text("node", node);
  text("token", token);
  text("detail", detail);
  count("scan", scan);
  count("epoch", epoch);
  count("launch", launch);
  count("number", number);
  return json;
}

Event Event::fromJson(const Json& json) {
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(json[name].asInteger());
  };
  return {.at_us = json["at"].asInteger(),
          .what = whatOf(json["what"].asString()),
          .task = json["task"].asString(),
          .key = json["key"].asString(),
          .node = json["node"].asString(),
          .token = json["token"].asString(),
          .detail = json["detail"].asString(),
          .scan = json["scan"].asInteger(),
          .epoch = count("epoch"),
          .launch = count("launch"),
          .number = count("number")};
}

History::History(const std::filesystem::path& file) : file_(file) {
  if (!file_) throw std::runtime_error("the history " + file.string() + " cannot be written");
}

void History::add(Event event) {
  if (event.at_us == 0) event.at_us = Timestamp::now().micros;
  const std::lock_guard lock(mutex_);
  if (file_.is_open()) file_ << event.toJson().dump() << std::endl;
  events_.push_back(std::move(event));
}

std::vector<Event> History::events() const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> sorted = events_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
  return sorted;
}

std::vector<Event> readHistory(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("there is no history " + file.string());
  History history;
  for (std::string line; std::getline(in, line);) history.add(Event::fromJson(Json::parse(line)));
  return history.events();
}

}  // namespace scanhost::faults
