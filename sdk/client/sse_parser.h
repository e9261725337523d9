// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Server-sent events out of bytes that arrive in any pieces.
///
/// Only what MCP needs of the format: data, id and retry. It holds at most one unfinished event;
/// bounding the whole stream is the caller's part.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::client {

class SseParser {
 public:
  /// Gets the data of each event that has any; false stops the parser for good.
  using EventHandler = std::function<bool(const std::string& data)>;
  explicit SseParser(EventHandler on_event) : on_event_(std::move(on_event)) {}

  /// Answers false once the handler has.
  bool feed(std::string_view bytes);

  /// The id of the last event, with which a broken stream can be resumed; empty when none had one.
  const std::string& lastEventId() const noexcept { return last_event_id_; }
  /// How long the server asked to wait before that.
  std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }

 private:
  bool takeLine();
  void takeField(std::string_view line);
  bool dispatch();

  EventHandler on_event_;
  std::string line_;
  bool after_carriage_return_ = false;
  std::string data_;
  bool has_data_ = false;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool stopped_ = false;
};

}  // namespace scanhost::client
