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

/// Of a line without any text of its event's, and of what the allocator keeps beside it.
constexpr std::size_t line_frame_bytes = 128;
constexpr std::array<const char*, 4> level_names{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 5> own_names{"timestamp", "level", "component", "event",
                                                    "trace_id"};

/// The same fields with what is long in them cut, so that they take about `limit` bytes, and with
/// `bytes`, their size so far.
Json shortFields(const Json& fields, std::size_t bytes, std::size_t limit) {
  Json out = Json::object();
  std::size_t used = 0;
  for (const auto& [name, value] : fields.members()) {
    Json kept = shortened(value, limit / 16);
    const std::size_t size = writtenBytes(name) + estimateBytes(kept);
    if (used + size > limit) continue;
    used += size;
    out[name] = std::move(kept);
  }
  out["oversized_fields_bytes"] = bytes;
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

std::string renderEvent(Timestamp time, Level level, std::string_view component,
                        std::string_view event, std::string_view trace_id, const Json& fields) {
  std::string line;
  line.reserve(384);
  line += "{\"timestamp\":\"";
  line += formatTimestamp(time);
  line += "\",\"level\":\"";
  line += levelName(level);
  line += "\",\"component\":";
  Json::writeString(line, component);
  line += ",\"event\":";
  Json::writeString(line, event);
  line += ",\"trace_id\":";
  if (trace_id.empty())
    line += "null";
  else
    Json::writeString(line, trace_id);
  const Json::Object& members = fields.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (isRepeated(members, i)) continue;
    line += ',';
    Json::writeString(line, members[i].first);
    line += ':';
    members[i].second.write(line);
  }
  line += '}';
  return line;
}

const std::string& Event::line() const {
  std::call_once(rendered_, [this] {
    line_ = renderEvent(time, level, component, event, trace_id, fields_);
    line_.shrink_to_fit();
    fields_ = Json();
  });
  return line_;
}

EventLog::EventLog(Options options)
    : options_(std::move(options)),
      level_(options_.level),
      ring_({options_.max_events, options_.max_bytes,
             [this](const RingLoss& loss) { tellLost(loss); }}) {}

void EventLog::emit(Level level, std::string_view component, std::string_view event,
                    std::string_view trace_id, Json fields) {
  if (!enabled(level)) return;
  std::size_t size = estimateBytes(fields);
  if (size > options_.max_event_bytes) {
    fields = shortFields(fields, size, options_.max_event_bytes);
    size = estimateBytes(fields);
  }
  auto made = std::make_shared<Event>(level, component, event, trace_id, std::move(fields));
  const std::shared_ptr<const Event> added = made;
  for (const std::string_view text : {component, event, trace_id})
    size += text.size() + writtenBytes(text);
  size += sizeof(Event) + line_frame_bytes;
  ring_.add(std::move(made), size, [](Event& it) { it.time = Timestamp::now(); });
  if (level >= Level::warning && !ring_.hasReaders()) writeFallback(*added);
}

void EventLog::writeFallback(const Event& event) const {
  if (options_.fallback_fd < 0) return;
  // A pipe that nobody reads must not stop whoever tells of it.
  pollfd ready{options_.fallback_fd, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) return;
  std::string line = event.line() + '\n';
  if (line.size() > PIPE_BUF) {
    const Json fields = Json::tryParse(event.line()).value_or(Json());
    for (const std::size_t limit : {PIPE_BUF / 2, 0})
      if (line.size() > PIPE_BUF)
        line = renderEvent(event.time, event.level, event.component, event.event, event.trace_id,
                           shortFields(fields, line.size(), limit)) +
               '\n';
  }
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
