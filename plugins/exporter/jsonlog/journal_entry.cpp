// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/journal_entry.h"

#include <scanhost/abi/call.h>
#include <scanhost/json.h>
#include <scanhost/text.h>

#include <algorithm>
#include <array>

namespace scanhost {
namespace {

constexpr std::string_view field_prefix = "SCANHOST_";
constexpr std::size_t max_name_bytes = 64;  // journald ignores longer names
constexpr std::size_t max_fields = 1'000;   // and an entry of more than 1,024
constexpr std::size_t max_message_bytes = 400;
constexpr std::array<std::string_view, 5> apart_from_message{"timestamp", "level", "component",
                                                             "event", "trace_id"};

void addField(std::string& entry, std::string_view name, std::string_view value) {
  entry += name;
  if (value.find('\n') == value.npos) {
    entry += '=';
  } else {
    entry += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8)
      entry += static_cast<char>(value.size() >> shift & 0xFF);
  }
  entry += value;
  entry += '\n';
}

std::string_view priority(std::int32_t level) {
  switch (level) {
    case SCANHOST_LEVEL_DEBUG: return "7";
    case SCANHOST_LEVEL_INFO: return "6";
    case SCANHOST_LEVEL_WARNING: return "4";
    default: return "3";
  }
}

std::string asText(const Json& value) {
  return value.isString() ? value.asString() : value.dump();
}

bool isPlain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char it) {
    return it > ' ' && it != '"' && it != '=' && it != '\x7f';
  });
}

/// At most so many bytes, and no half of a character.
void shorten(std::string& text) {
  if (text.size() <= max_message_bytes) return;
  std::size_t end = max_message_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

std::string message(std::string_view event, const Json::Object& members) {
  std::string text(event);
  for (const auto& [name, value] : members) {
    if (text.size() > max_message_bytes) break;
    const bool apart = std::find(apart_from_message.begin(), apart_from_message.end(), name) !=
                       apart_from_message.end();
    if (apart || value.isNull() || value.isArray() || value.isObject()) continue;
    text += " " + name + "=";
    text += value.isString() && isPlain(value.asString()) ? value.asString() : value.dump();
  }
  shorten(text);
  return text;
}

std::string entryHead(const scanhost_logged_event& event, std::string_view message) {
  std::string entry;
  addField(entry, "MESSAGE", message);
  addField(entry, "PRIORITY", priority(event.level));
  addField(entry, "SYSLOG_IDENTIFIER", "scanhost");
  return entry;
}

}  // namespace

std::string journalFieldName(std::string_view name) {
  std::string upper(field_prefix);
  for (const char it : name.substr(0, max_name_bytes - field_prefix.size())) {
    if (it >= 'a' && it <= 'z')
      upper += static_cast<char>(it - 'a' + 'A');
    else
      upper += (it >= 'A' && it <= 'Z') || (it >= '0' && it <= '9') ? it : '_';
  }
  return upper;
}

std::string journalEntry(const scanhost_logged_event& event) {
  const auto line = Json::tryParse(toView(event.line));
  if (!line || !line->isObject()) return entryHead(event, toView(event.line));
  std::string entry = entryHead(event, message(toView(event.event), line->members()));
  std::size_t left = max_fields;
  for (const auto& [name, value] : line->members()) {
    if (value.isNull()) continue;
    if (left-- == 0) break;
    addField(entry, journalFieldName(name), asText(value));
  }
  return entry;
}

std::string shortJournalEntry(const scanhost_logged_event& event) {
  std::string entry = entryHead(event, toView(event.event));
  addField(entry, "SCANHOST_EVENT", toView(event.event));
  addField(entry, "SCANHOST_COMPONENT", toView(event.component));
  if (event.trace_id.size > 0) addField(entry, "SCANHOST_TRACE_ID", toView(event.trace_id));
  addField(entry, "SCANHOST_OVERSIZED_FIELDS_BYTES", std::to_string(event.line.size));
  return entry;
}

}  // namespace scanhost
