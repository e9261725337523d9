// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Takes a request's body out of the bytes that follow its head.
///
/// Fed with what has arrived, wherever that happens to be cut; no I/O. One per request.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "host/http/head.h"

namespace scanhost::http {

class BodyDecoder {
 public:
  BodyDecoder() = default;  ///< no body
  explicit BodyDecoder(const RequestHead& head);

  /// Moves body bytes from the front of `input` to `out` and answers how many; what it took,
  /// framing included, is removed from `input`. 0 with done() false: more must arrive.
  Parsed<std::size_t> take(std::string_view& input, std::span<char> out);
  /// Throws away what `input` holds of the body; true when the body ended.
  bool drain(std::string_view& input);
  bool done() const { return state_ == State::done; }

 private:
  enum class State { length, chunk_size, chunk_data, chunk_end, trailer, done };
  Parsed<bool> takeFraming(std::string_view& input);
  Parsed<void> readChunkSize(std::string_view line);

  State state_ = State::done;
  std::uint64_t remaining_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace scanhost::http
