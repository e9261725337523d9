// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One sequence of Server-Sent Events, on whatever connection carries it now.
///
/// With a memory, each event has an id and is kept for a client that lost its connection: a new
/// connection goes on behind the last id that the client has seen. Ids are "<stream>-<number>", so
/// that one stream's memory is never told on another. Any thread.
#pragma once

#include <scanhost/http.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace scanhost::mcp {

/// One message as an event; a line break within it would end the event, so it becomes two lines.
std::string eventOf(std::string_view message, std::string_view id = {});

/// What every answer that is a stream says of itself.
Pairs streamHeaders();

struct EventId {
  std::uint64_t stream;
  std::uint64_t number;
};
std::optional<EventId> readEventId(std::string_view text);

/// Bytes of events that all streams together remember. Any thread.
class ReplayBudget {
 public:
  explicit ReplayBudget(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  /// False when they do not fit, and were not taken.
  bool take(std::size_t bytes);
  void giveBack(std::size_t bytes) { used_ -= bytes; }

 private:
  const std::size_t max_bytes_;
  std::atomic<std::size_t> used_{0};
};

/// What of a stream is remembered.
struct EventMemory {
  std::size_t max_events = 0;  ///< 0: no ids, no memory
  std::size_t max_bytes = 0;
  std::shared_ptr<ReplayBudget> budget = {};  ///< null: its own bounds alone
};

class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  using Clock = std::chrono::steady_clock;
  /// Opens the connection; nothing when the host refuses, and has answered so.
  using Open = std::function<std::optional<HttpStream>(std::function<void()> closed)>;

  EventStream(std::uint64_t number, EventMemory memory)
      : number_(number), memory_(std::move(memory)) {}
  ~EventStream();

  /// Carries it on a new connection, which replaces an older one, and repeats what came after
  /// `seen`. `lost` is called once when that connection has ended without being replaced and the
  /// stream has not. False when it was refused.
  bool attach(const Open& open, std::uint64_t seen, std::function<void()> lost);
  /// An event with an id and no data, and how soon to come back (WHATWG, Server-sent events):
  /// clients of 2025-11-25 can then take up a stream that is closed early.
  void prime(std::chrono::milliseconds retry);

  void send(std::string_view message);
  /// An event as it is, which is not remembered.
  void sendEvent(std::string_view event);
  /// The last message; the connection is closed behind it.
  void finish(std::string_view message);
  /// Ends it without a last message.
  void end();
  /// Closes the connection, not the stream: the client is to come back.
  void pause();

  bool isFinished() const;
  bool isAttached() const;
  Clock::time_point attachedAt() const;
  /// When it finished; the largest value before.
  Clock::time_point finishedAt() const;

 private:
  struct Kept {
    std::uint64_t number;
    std::string event;
  };
  void write(std::string_view message);
  void keep(std::uint64_t number, const std::string& event);
  void forgetOldest();
  void closed(std::uint64_t connection);

  const std::uint64_t number_;
  const EventMemory memory_;
  mutable std::mutex mutex_;
  std::optional<HttpStream> connection_;
  std::uint64_t connections_ = 0;  ///< numbers the one that carries it
  std::uint64_t lost_early_ = 0;   ///< the one that ended before it was attached
  std::function<void()> lost_;
  Clock::time_point attached_at_{};
  std::uint64_t last_ = 0;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  bool finished_ = false;
  Clock::time_point finished_at_ = Clock::time_point::max();
};

}  // namespace scanhost::mcp
