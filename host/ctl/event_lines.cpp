// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/event_lines.h"

#include <scanhost/json.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "host/base/time.h"
#include "host/ctl/child_program.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t max_bytes = 2u << 20;
constexpr ChildLimits journal_limits = {.time = std::chrono::seconds(20),
                                        .output_bytes = 32u << 20};
constexpr const char* use_file = "; where events go to a file, name it by --events";

constexpr std::string_view field_prefix = "SCANHOST_";
constexpr std::string_view too_long = "[left out: too long]";

/// What every event has, in this order.
constexpr std::array<std::string_view, 5> first_members = {"timestamp", "level", "component",
                                                           "event", "trace_id"};

/// What journalctl writes as a list of bytes: text that is no UTF-8 or holds control characters.
std::string textOfBytes(const Json::Array& bytes) {
  std::string raw;
  for (const Json& byte : bytes) raw += static_cast<char>(byte.asInteger());
  // A dump has U+FFFD where there is no UTF-8.
  return Json::parse(Json(std::move(raw)).dump()).asString();
}

/// One field's text. journalctl leaves null where it is too long to be listed.
std::string textOf(const Json& field) {
  if (field.isArray()) return textOfBytes(field.items());
  return field.isNull() ? std::string(too_long) : field.asString();
}

/// Whether it is a list of values, as of a field that an entry holds several times.
bool isRepeated(const Json& field) {
  return field.isArray() && field.size() > 0 && !field.items().front().isInteger();
}

/// Numbers, lists and objects stand in a field as exporter-jsonlog dumped them; what differs from
/// its dump is a text that looks like one.
Json valueOf(const Json& field) {
  if (isRepeated(field)) {
    Json values = Json::array();
    for (const Json& one : field.items()) values.push(valueOf(one));
    return values;
  }
  std::string text = textOf(field);
  auto value = Json::tryParse(text);
  if (value && !value->isString() && !value->isNull() && value->dump() == text) return *value;
  return Json(std::move(text));
}

std::string memberName(std::string_view field) {
  std::string name(field.substr(field_prefix.size()));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

std::string_view levelOf(const std::string& priority) {
  if (priority == "7") return "debug";
  if (priority == "6" || priority == "5") return "info";
  return priority == "4" ? "warning" : "error";
}

Json timestampOf(const std::string& micros) {
  Timestamp time;
  const auto [end, error] =
      std::from_chars(micros.data(), micros.data() + micros.size(), time.micros);
  return error == std::errc() ? Json(formatTimestamp(time)) : Json();
}

/// The event that exporter-jsonlog made the entry of. Its own time and level go before the
/// journal's, which are those of the writing.
Json eventOfFields(const Json& entry) {
  Json event = Json::object();
  for (const std::string_view name : first_members) event[name] = Json();
  event["timestamp"] = timestampOf(entry["__REALTIME_TIMESTAMP"].asString());
  event["level"] = levelOf(entry["PRIORITY"].asString());
  for (const auto& [field, value] : entry.members())
    if (field.starts_with(field_prefix)) event[memberName(field)] = valueOf(value);
  return event;
}

/// A line for the bundle; empty where there is none.
std::string lineOf(const Json& entry, OtherLines others) {
  if (entry.has("SCANHOST_EVENT")) return eventOfFields(entry).dump() + '\n';
  const Json* message = entry.find("MESSAGE");
  if (!message) return "";
  std::string text = isRepeated(*message) ? valueOf(*message).dump() : textOf(*message);
  const auto event = Json::tryParse(text);
  if (event && (*event)["event"].isString()) return event->dump() + '\n';
  return others == OtherLines::shown ? std::move(text) + '\n' : "";
}

}  // namespace

std::string eventsOfEntries(std::string_view newest_first, OtherLines others) {
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < newest_first.size();) {
    const std::size_t end = std::min(newest_first.find('\n', at), newest_first.size());
    const auto entry = Json::tryParse(newest_first.substr(at, end - at));
    at = end + 1;
    if (!entry || !entry->isObject()) continue;
    lines.push_back(lineOf(*entry, others));
    bytes += lines.back().size();
    if (bytes > max_bytes) {
      lines.pop_back();
      break;
    }
  }
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) text += *line;
  return text;
}

std::string eventsOfJournal(OtherLines others) {
  for (const char* program : {"/usr/bin/journalctl", "/bin/journalctl"}) {
    if (::access(program, X_OK) != 0) continue;
    // All fields: --output-fields knows no patterns, and plugins name members as they like.
    const ChildOutcome outcome =
        runChild(program, {"-u", "scanhost", "-o", "json", "-n", "2000", "-r", "-q", "--no-pager"},
                 journal_limits);
    std::string text = eventsOfEntries(outcome.output, others);
    if (!text.empty()) return text;
    throw std::runtime_error("the journal shows no events of the unit scanhost to this user" +
                             std::string(use_file));
  }
  throw std::runtime_error("there is no journalctl" + std::string(use_file));
}

std::string eventsOfFile(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw std::runtime_error(file.string() + " is no file of events");
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) throw std::runtime_error(file.string() + ": " + std::strerror(errno));
  const auto size = static_cast<std::size_t>(in.tellg());
  const std::size_t begin = size > max_bytes ? size - max_bytes : 0;
  in.seekg(static_cast<std::streamoff>(begin));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return begin == 0 ? text : text.substr(std::min(text.find('\n'), text.size() - 1) + 1);
}

}  // namespace scanhost::ctl
