// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A connection in memory: what an EventStream writes to it, and its loss.
#pragma once

#include <scanhost/http.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "plugins/transport/mcp/event_stream.h"

namespace scanhost::mcp {

class RecordedStream {
 public:
  RecordedStream() {
    abi_.struct_size = sizeof abi_;
    abi_.context = this;
    abi_.write = [](void* context, scanhost_bytes piece) {
      of(context).bytes.append(reinterpret_cast<const char*>(piece.data),
                               static_cast<std::size_t>(piece.size));
      return scanhost_status{SCANHOST_OK};
    };
    abi_.close = [](void* context) { of(context).is_closed = true; };
    abi_.release = [](void* context) { of(context).is_closed = true; };
  }
  RecordedStream(const RecordedStream&) = delete;
  RecordedStream& operator=(const RecordedStream&) = delete;

  EventStream::Open opening() {
    return [this](std::function<void()> closed) {
      closed_ = std::move(closed);
      return std::optional<HttpStream>(HttpStream(&abi_));
    };
  }
  /// As a listener's response opens it.
  const scanhost_http_stream* accept(const scanhost_http_stream_options& options) {
    closed_ = [options] { options.closed(options.user); };
    return &abi_;
  }
  /// The listener tells that the connection has gone.
  void lose() { std::exchange(closed_, nullptr)(); }

  std::string bytes;
  bool is_closed = false;

 private:
  static RecordedStream& of(void* context) { return *static_cast<RecordedStream*>(context); }

  scanhost_http_stream abi_{};
  std::function<void()> closed_;
};

}  // namespace scanhost::mcp
