// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/event_log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace scanhost {
namespace {

constexpr std::array<const char*, 4> level_names{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 5> own_names{"timestamp", "level", "component", "event",
                                                    "trace_id"};
constexpr std::chrono::seconds drop_report_interval{1};
/// A reader that has little to take waits that long for more: one wake for all events of a burst,
/// where each would cost a switch to the reader and back.
constexpr std::chrono::milliseconds gathering{5};

/// Memory of a value, near enough to bound the ring by.
std::size_t estimateBytes(const Json& value) {
  std::size_t bytes = sizeof(Json) + value.asString().size();
  for (const Json& item : value.items()) bytes += estimateBytes(item);
  for (const Json::Member& member : value.members())
    bytes += sizeof(std::string) + member.first.size() + estimateBytes(member.second);
  return bytes;
}

std::size_t estimateBytes(const Event& event) {
  return sizeof(Event) + event.component.size() + event.event.size() + event.trace_id.size() +
         estimateBytes(event.fields);
}

bool isRepeated(const Json::Object& members, std::size_t index) {
  const std::string& name = members[index].first;
  if (std::find(own_names.begin(), own_names.end(), name) != own_names.end()) return true;
  for (std::size_t i = 0; i < index; ++i)
    if (members[i].first == name) return true;
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

EventLog::EventLog(Options options) : options_(std::move(options)), level_(options_.level) {}

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
    made->fields = Json::object({{"oversized_fields_bytes", bytes}});
    bytes = estimateBytes(*made);
  }
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    made->time = Timestamp::now();  // under the lock, so that the ring is in order of time
    ring_.push_back({made, bytes});
    bytes_ += bytes;
    evict();
    is_awaited = waiting_ > 0;
  }
  if (is_awaited) arrived_.notify_all();
  if (level >= Level::warning && readers_.load(std::memory_order_relaxed) == 0)
    writeFallback(*made);
}

void EventLog::evict() {
  while (ring_.size() > 1 && (ring_.size() > options_.max_events || bytes_ > options_.max_bytes)) {
    bytes_ -= ring_.front().bytes;
    ring_.pop_front();
    ++first_;
  }
}

void EventLog::writeFallback(const Event& event) const {
  if (options_.fallback_fd < 0) return;
  const std::string line = renderEvent(event) + '\n';
  // Nothing is left to tell of a failure here.
  [[maybe_unused]] const auto written = write(options_.fallback_fd, line.data(), line.size());
}

std::unique_ptr<EventSubscription> EventLog::subscribe(std::string name) {
  const std::lock_guard lock(mutex_);
  return subscribeAt(std::move(name), 0);
}

std::unique_ptr<EventSubscription> EventLog::subscribeFromNow(std::string name) {
  const std::lock_guard lock(mutex_);
  return subscribeAt(std::move(name), ring_.size());
}

std::unique_ptr<EventSubscription> EventLog::subscribeAt(std::string name, std::size_t held) {
  readers_.fetch_add(1, std::memory_order_relaxed);
  return std::unique_ptr<EventSubscription>(
      new EventSubscription(*this, std::move(name), first_ + held));
}

EventSubscription::~EventSubscription() {
  log_.readers_.fetch_sub(1, std::memory_order_relaxed);
}

void EventSubscription::close() {
  {
    const std::lock_guard lock(log_.mutex_);
    closed_ = true;
  }
  log_.arrived_.notify_all();
  log_.closed_.notify_all();
}

void EventSubscription::giveBack(std::size_t count) {
  const std::lock_guard lock(log_.mutex_);
  cursor_ -= count;
  closed_ = false;
}

std::uint64_t EventSubscription::dropped() const {
  const std::lock_guard lock(log_.mutex_);
  return dropped_;
}

/// Moves past what the ring no longer holds; answers the count to report now, if any. A reader
/// that loses all the time reports once a second, lest the reports drown the rest.
std::uint64_t EventSubscription::skipLost() {
  if (cursor_ < log_.first_) {
    const std::uint64_t lost = log_.first_ - cursor_;
    cursor_ = log_.first_;
    dropped_ += lost;
    unreported_ += lost;
  }
  const auto now = std::chrono::steady_clock::now();
  if (unreported_ == 0 || now - reported_at_ < drop_report_interval) return 0;
  reported_at_ = now;
  return std::exchange(unreported_, 0);
}

std::vector<EventPtr> EventSubscription::waitBatch(std::size_t max,
                                                   std::chrono::milliseconds timeout) {
  std::vector<EventPtr> batch;
  std::uint64_t lost = 0;
  {
    std::unique_lock lock(log_.mutex_);
    const auto next = [&] { return log_.first_ + log_.ring_.size(); };
    ++log_.waiting_;
    log_.arrived_.wait_for(lock, timeout, [&] { return closed_ || cursor_ < next(); });
    --log_.waiting_;
    if (cursor_ < next() && next() - cursor_ < max)
      log_.closed_.wait_for(lock, std::min(gathering, timeout), [&] { return closed_; });
    lost = skipLost();
    const auto begin = static_cast<std::size_t>(cursor_ - log_.first_);
    const std::size_t end = std::min(log_.ring_.size(), begin + max);
    batch.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) batch.push_back(log_.ring_[i].event);
    cursor_ += batch.size();
  }
  if (lost > 0) {
    if (log_.options_.on_dropped) log_.options_.on_dropped(name_, lost);
    log_.emit(Level::warning, "telemetry", "events_dropped", {},
              Json::object({{"exporter", name_}, {"count", lost}}));
  }
  return batch;
}

}  // namespace scanhost
