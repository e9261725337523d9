// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/body.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace scanhost::http {
namespace {

constexpr std::size_t max_chunk_line = 256;
constexpr std::size_t max_trailer = 8u << 10;

tl::unexpected<HttpError> malformed(const char* what) {
  return tl::unexpected(HttpError{400, what});
}

/// The next line without its CRLF; nothing while it is incomplete.
Parsed<std::optional<std::string_view>> takeLine(std::string_view& input, std::size_t limit) {
  const std::size_t end = input.find('\n');
  if (end == input.npos) {
    if (input.size() > limit) return malformed("A line of the chunked body is too long");
    return std::nullopt;
  }
  if (end == 0 || input[end - 1] != '\r' || end > limit)
    return malformed("A line of the chunked body is malformed");
  const std::string_view line = input.substr(0, end - 1);
  if (std::any_of(line.begin(), line.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }))
    return malformed("A line of the chunked body has a control character");
  input.remove_prefix(end + 1);
  return line;
}

}  // namespace

BodyDecoder::BodyDecoder(const RequestHead& head) {
  if (head.chunked) {
    state_ = State::chunk_size;
  } else if (head.content_length.value_or(0) > 0) {
    state_ = State::length;
    remaining_ = *head.content_length;
  }
}

Parsed<void> BodyDecoder::readChunkSize(std::string_view line) {
  const char* first = line.data();
  const char* last = first + line.size();
  const auto [end, error] = std::from_chars(first, last, remaining_, 16);
  const bool plain = end == last || *end == ';' || *end == ' ' || *end == '\t';
  if (error != std::errc() || end == first || end - first > 15 || !plain)
    return malformed("A chunk size is malformed");
  state_ = remaining_ == 0 ? State::trailer : State::chunk_data;
  return {};
}

/// One step through what is not data; true when it may go on.
Parsed<bool> BodyDecoder::takeFraming(std::string_view& input) {
  const std::size_t limit = state_ == State::trailer ? max_trailer : max_chunk_line;
  const auto line = takeLine(input, limit);
  if (!line) return tl::unexpected(line.error());
  if (!*line) return false;
  switch (state_) {
    case State::chunk_size:
      if (auto read = readChunkSize(**line); !read) return tl::unexpected(read.error());
      return true;
    case State::chunk_end:
      if (!(*line)->empty()) return malformed("A chunk is longer than its size says");
      state_ = State::chunk_size;
      return true;
    default:
      trailer_bytes_ += (*line)->size();
      if (trailer_bytes_ > max_trailer) return malformed("The trailer is too long");
      if ((*line)->empty()) state_ = State::done;
      return true;
  }
}

Parsed<std::size_t> BodyDecoder::take(std::string_view& input, std::span<char> out) {
  while (state_ != State::done) {
    if (state_ == State::length || state_ == State::chunk_data) {
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>({remaining_, input.size(), out.size()}));
      if (count == 0) return 0;
      std::memcpy(out.data(), input.data(), count);
      input.remove_prefix(count);
      remaining_ -= count;
      if (remaining_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
      return count;
    }
    const auto more = takeFraming(input);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return 0;
  }
  return 0;
}

bool BodyDecoder::drain(std::string_view& input) {
  std::array<char, 4096> scrap;
  for (;;) {
    const auto taken = take(input, scrap);
    if (!taken) return false;
    if (*taken == 0) return done();
  }
}

}  // namespace scanhost::http
