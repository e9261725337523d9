// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/sse_parser.h"

#include <charconv>

namespace scanhost::client {

bool SseParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (stopped_) return false;
    const bool second_half = c == '\n' && after_carriage_return_;
    after_carriage_return_ = c == '\r';
    if (second_half) continue;
    if (c == '\r' || c == '\n')
      stopped_ = !takeLine();
    else
      line_ += c;
  }
  return !stopped_;
}

bool SseParser::takeLine() {
  const std::string line = std::move(line_);
  line_.clear();
  if (line.empty()) return dispatch();
  takeField(line);
  return true;
}

void SseParser::takeField(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0) return;  // a comment, sent to keep the connection alive
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    last_event_id_ = value;
  } else if (name == "retry") {
    unsigned milliseconds = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    if (read.ec == std::errc() && read.ptr == value.data() + value.size())
      retry_ = std::chrono::milliseconds(milliseconds);
  }
}

bool SseParser::dispatch() {
  const std::string data = std::move(data_);
  data_.clear();
  has_data_ = false;
  // An event with an id alone opens streams of revision 2025-11-25.
  return data.empty() || on_event_(data);
}

}  // namespace scanhost::client
