// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Lines to a sink, in chunks, up to a limit: how an answer grows without being held whole.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "host/base/result.h"

namespace scanhost {

/// Takes the next part of a text; may block. An error stops the writing.
using TextChunkSink = std::function<Status(std::string_view)>;

/// "\n" stands between lines and not after the last. One thread at a time.
class LineWriter {
 public:
  /// More than `limit` bytes in all are refused (limits.response_bytes); `chunk` bytes or more go
  /// to the sink at once.
  LineWriter(std::size_t limit, TextChunkSink sink, std::size_t chunk = 64 * 1024);

  /// `line` holds no line break. Once this failed nothing more is taken.
  Status write(std::string_view line);
  /// Hands on what is still held; call it after the last line.
  Status finish();

  std::size_t bytes() const { return bytes_; }
  /// Whether a write failed because of the limit: the client is told `too_large`.
  bool overflowed() const { return overflowed_; }

 private:
  Status pass();

  std::size_t limit_;
  std::size_t chunk_;
  TextChunkSink sink_;
  std::string held_;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

}  // namespace scanhost
