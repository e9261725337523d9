// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/event_stream.h"

#include <charconv>
#include <utility>

namespace scanhost::mcp {

std::string eventOf(std::string_view message, std::string_view id) {
  std::string event;
  event.reserve(message.size() + id.size() + 40);
  if (!id.empty()) event.append("id: ").append(id).append("\n");
  event += "event: message\ndata: ";
  for (const char c : message) {
    if (c == '\r') continue;
    event += c;
    if (c == '\n') event += "data: ";
  }
  return event += "\n\n";
}

Pairs streamHeaders() {
  return {{"Content-Type", "text/event-stream"},
          {"Cache-Control", "no-store"},
          {"X-Accel-Buffering", "no"}};
}

std::optional<EventId> readEventId(std::string_view text) {
  EventId id{};
  const char* const end = text.data() + text.size();
  const auto stream = std::from_chars(text.data(), end, id.stream);
  if (stream.ec != std::errc() || stream.ptr == end || *stream.ptr != '-') return std::nullopt;
  const auto number = std::from_chars(stream.ptr + 1, end, id.number);
  if (number.ec != std::errc() || number.ptr != end) return std::nullopt;
  return id;
}

bool EventStream::attach(const Open& open, std::uint64_t seen, std::function<void()> lost) {
  std::uint64_t connection = 0;
  {
    const std::lock_guard lock(mutex_);
    connection = ++connections_;
  }
  // Outside the lock: the host may call back at once.
  auto opened = open([self = shared_from_this(), connection] { self->closed(connection); });
  if (!opened) return false;
  std::unique_lock lock(mutex_);
  if (connection != connections_) {  // replaced, or lost, meanwhile
    const bool was_lost = lost_early_ == connection && !finished_;
    lock.unlock();
    if (was_lost && lost) lost();
    return true;
  }
  if (connection_) connection_->close();
  connection_ = std::move(opened);
  lost_ = std::move(lost);
  attached_at_ = Clock::now();
  for (const Kept& kept : kept_)
    if (kept.number > seen) connection_->write(kept.event);
  if (finished_) connection_->close();
  return true;
}

void EventStream::closed(std::uint64_t connection) {
  std::function<void()> lost;
  {
    const std::lock_guard lock(mutex_);
    if (connection != connections_) return;
    ++connections_;
    if (!connection_) lost_early_ = connection;
    connection_.reset();
    lost = std::exchange(lost_, nullptr);
    if (finished_) return;
  }
  if (lost) lost();
}

void EventStream::prime(std::chrono::milliseconds retry) {
  const std::lock_guard lock(mutex_);
  if (memory_.max_events == 0) return;
  const std::uint64_t number = ++last_;
  std::string event = "id: " + std::to_string(number_) + "-" + std::to_string(number) +
                      "\nretry: " + std::to_string(retry.count()) + "\ndata: \n\n";
  if (connection_) connection_->write(event);
  keep(number, event);
}

void EventStream::send(std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (!finished_) write(message);
}

void EventStream::sendEvent(std::string_view event) {
  const std::lock_guard lock(mutex_);
  if (connection_) connection_->write(event);
}

void EventStream::finish(std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  write(message);
  finished_ = true;
  finished_at_ = Clock::now();
  if (connection_) connection_->close();
}

void EventStream::end() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  finished_at_ = Clock::now();
  if (connection_) connection_->close();
}

void EventStream::pause() {
  const std::lock_guard lock(mutex_);
  if (connection_) connection_->close();
}

void EventStream::write(std::string_view message) {
  if (memory_.max_events == 0) {
    if (connection_) connection_->write(eventOf(message));
    return;
  }
  const std::uint64_t number = ++last_;
  const std::string event =
      eventOf(message, std::to_string(number_) + "-" + std::to_string(number));
  if (connection_) connection_->write(event);
  keep(number, event);
}

/// The newest event is kept whatever its size, for it may be the answer, unless all streams
/// together remember too much already.
void EventStream::keep(std::uint64_t number, const std::string& event) {
  while (!kept_.empty() &&
         (kept_.size() >= memory_.max_events || kept_bytes_ + event.size() > memory_.max_bytes))
    forgetOldest();
  if (memory_.budget && !memory_.budget->take(event.size())) return;
  kept_.push_back({number, event});
  kept_bytes_ += event.size();
}

void EventStream::forgetOldest() {
  const std::size_t bytes = kept_.front().event.size();
  kept_bytes_ -= bytes;
  if (memory_.budget) memory_.budget->giveBack(bytes);
  kept_.pop_front();
}

EventStream::~EventStream() {
  while (!kept_.empty()) forgetOldest();
}

bool ReplayBudget::take(std::size_t bytes) {
  if (used_.fetch_add(bytes) + bytes <= max_bytes_) return true;
  used_ -= bytes;
  return false;
}

bool EventStream::isFinished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

bool EventStream::isAttached() const {
  const std::lock_guard lock(mutex_);
  return connection_.has_value();
}

EventStream::Clock::time_point EventStream::attachedAt() const {
  const std::lock_guard lock(mutex_);
  return attached_at_;
}

EventStream::Clock::time_point EventStream::finishedAt() const {
  const std::lock_guard lock(mutex_);
  return finished_at_;
}

}  // namespace scanhost::mcp
