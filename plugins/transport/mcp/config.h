// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of transport-mcp; the host has checked them and filled in defaults.
#pragma once

#include <scanhost/host.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "plugins/transport/mcp/event_stream.h"

namespace scanhost::mcp {

/// The endpoints of HTTP+SSE (2024-11-05).
struct SseConfig {
  std::string path;      ///< of the stream
  std::string messages;  ///< where clients post
  std::string endpoint;  ///< what clients are told to post to: `messages`, behind a proxy's prefix
};

struct Config {
  explicit Config(const Settings& settings);

  std::string path;
  std::optional<SseConfig> sse;
  std::size_t max_sessions, max_sessions_per_client;
  std::chrono::seconds session_idle;
  std::size_t max_streams_per_client;
  std::chrono::seconds keep_alive;
  std::size_t stream_buffer;  ///< bytes not yet taken by the client; more, and it is dropped
  EventMemory memory;         ///< of each stream of a session; one budget for all
  std::chrono::seconds replay;
  /// A request's stream of 2025-11-25 is closed after that long, to be taken up again; zero: never.
  std::chrono::milliseconds poll;
  std::chrono::milliseconds retry;
  /// A failed operation answers isError:false, for clients that look for `error` in results.
  bool errors_as_results;
  std::string instructions;  ///< empty: none
};

}  // namespace scanhost::mcp
