// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sessions over Streamable HTTP (2025-03-26 to 2025-11-25): POST, GET, DELETE of the one endpoint.
/// Any thread.
#pragma once

#include <scanhost/http.h>

#include <memory>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/legacy.h"
#include "plugins/transport/mcp/session_table.h"
#include "plugins/transport/mcp/stream_count.h"

namespace scanhost::mcp {

class StreamableHttp {
 public:
  StreamableHttp(const Config& config, const OperationsClient& operations, const Legacy& legacy,
                 StreamCount& streams)
      : config_(config),
        operations_(operations),
        legacy_(legacy),
        streams_(streams),
        sessions_({config.max_sessions, config.max_sessions_per_client, config.session_idle}) {}

  /// All throw RpcError while nothing has been answered.
  void post(const Json& document, const HttpRequest& request, HttpResponse& response);
  void get(const HttpRequest& request, HttpResponse& response);
  void end(const HttpRequest& request, HttpResponse& response);

  /// Ends idle sessions, closes streams that were open for long enough or whose caller's identity
  /// has ended, forgets old ones.
  void sweep(std::int64_t now_us);
  /// Ends the streams that wait for news.
  void drain();
  void stop() { sessions_.endAll(); }

 private:
  void initialize(const Message& message, const HttpRequest& request, HttpResponse& response);
  std::shared_ptr<Session> sessionOf(const HttpRequest& request);

  const Config& config_;
  const OperationsClient& operations_;
  const Legacy& legacy_;
  StreamCount& streams_;
  SessionTable sessions_;
};

}  // namespace scanhost::mcp
