// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/event_log.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "host/telemetry/estimate.h"
#include "host/telemetry/shortened.h"

namespace scanhost {
namespace {

constexpr std::array<const char*, 4> level_names{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 5> own_names{"timestamp", "level", "component", "event",
                                                    "trace_id"};

std::size_t estimateBytes(const Event& event) {
  return sizeof(Event) + event.component.size() + event.event.size() + event.trace_id.size() +
         estimateBytes(event.fields);
}

/// The same event with what is long in its fields cut, so that they take about `limit` bytes, and
/// with `bytes`, their size so far.
Event withShortFields(const Event& event, std::size_t bytes, std::size_t limit) {
  Event out{event.time, event.level, event.component, event.event, event.trace_id, Json::object()};
  std::size_t used = 0;
  for (const auto& [name, value] : event.fields.members()) {
    Json kept = shortened(value, limit / 16);
    const std::size_t size = name.size() + estimateBytes(kept);
    if (used + size > limit) continue;
    used += size;
    out.fields[name] = std::move(kept);
  }
  out.fields["oversized_fields_bytes"] = bytes;
  return out;
}

bool isAscii(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char it) { return (it & 0x80) != 0; });
}

/// As they are written: bytes that are no UTF-8 all become the same character.
bool isSameName(const std::string& one, const std::string& other) {
  if (one == other) return true;
  if (isAscii(one) || isAscii(other)) return false;
  std::string one_written, other_written;
  Json::writeString(one_written, one);
  Json::writeString(other_written, other);
  return one_written == other_written;
}

bool isRepeated(const Json::Object& members, std::size_t index) {
  const std::string& name = members[index].first;
  if (std::find(own_names.begin(), own_names.end(), name) != own_names.end()) return true;
  for (std::size_t i = 0; i < index; ++i)
    if (isSameName(members[i].first, name)) return true;
  return false;
}

}  // namespace

const char* levelName(Level level) {
  const auto index = static_cast<std::size_t>(level);
  return index < level_names.size() ? level_names[index] : "error";
}

std::optional<Level> parseLevel(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (name == level_names[i]) return static_cast<Level>(i);
  return std::nullopt;
}

std::string renderEvent(const Event& event) {
  std::string line;
  line.reserve(256);
  line += "{\"timestamp\":\"" + formatTimestamp(event.time) + "\",\"level\":\"" +
          levelName(event.level) + "\",\"component\":";
  Json::writeString(line, event.component);
  line += ",\"event\":";
  Json::writeString(line, event.event);
  line += ",\"trace_id\":";
  if (event.trace_id.empty())
    line += "null";
  else
    Json::writeString(line, event.trace_id);
  const Json::Object& fields = event.fields.members();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (isRepeated(fields, i)) continue;
    line += ',';
    Json::writeString(line, fields[i].first);
    line += ':';
    fields[i].second.write(line);
  }
  line += '}';
  return line;
}

EventLog::EventLog(Options options)
    : options_(std::move(options)),
      level_(options_.level),
      ring_({options_.max_events, options_.max_bytes,
             [this](const RingLoss& loss) { tellLost(loss); }}) {}

void EventLog::emit(Level level, std::string_view component, std::string_view event,
                    std::string_view trace_id, Json fields) {
  if (!enabled(level)) return;
  auto made = std::make_shared<Event>();
  made->level = level;
  made->component = component;
  made->event = event;
  made->trace_id = trace_id;
  made->fields = std::move(fields);
  std::size_t bytes = estimateBytes(*made);
  if (bytes > options_.max_event_bytes) {
    *made = withShortFields(*made, bytes, options_.max_event_bytes);
    bytes = estimateBytes(*made);
  }
  const std::shared_ptr<const Event> added = made;
  ring_.add(std::move(made), bytes, [](Event& it) { it.time = Timestamp::now(); });
  if (level >= Level::warning && !ring_.hasReaders()) writeFallback(*added);
}

void EventLog::writeFallback(const Event& event) const {
  if (options_.fallback_fd < 0) return;
  // A pipe that nobody reads must not stop whoever tells of it.
  pollfd ready{options_.fallback_fd, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) return;
  std::string line = renderEvent(event) + '\n';
  for (const std::size_t limit : {PIPE_BUF / 2, 0})
    if (line.size() > PIPE_BUF)
      line = renderEvent(withShortFields(event, line.size(), limit)) + '\n';
  // Nothing is left to tell of a failure here.
  [[maybe_unused]] const auto written = write(options_.fallback_fd, line.data(), line.size());
}

void EventLog::tellLost(const RingLoss& loss) {
  if (options_.on_dropped) options_.on_dropped(loss.reader, loss.count);
  if (loss.untold > 0)
    emit(Level::warning, "telemetry", "events_dropped", {},
         Json::object({{"exporter", loss.reader}, {"count", loss.untold}}));
}

}  // namespace scanhost
