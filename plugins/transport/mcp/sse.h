// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// HTTP+SSE (2024-11-05): one stream for all that a client is told, and an endpoint that it posts
/// to. The session ends with its stream. Any thread.
#pragma once

#include <scanhost/http.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/legacy.h"
#include "plugins/transport/mcp/stream_count.h"

namespace scanhost::mcp {

class Sse {
 public:
  Sse(const Config& config, const OperationsClient& operations, const Legacy& legacy,
      StreamCount& streams)
      : config_(config), operations_(operations), legacy_(legacy), streams_(streams) {}

  /// Opens a stream. Throws RpcError while nothing has been answered.
  void open(const HttpRequest& request, HttpResponse& response);
  /// Takes a message; its answer goes to the stream. Throws as above.
  void post(const Json& document, const HttpRequest& request, HttpResponse& response);
  /// Ends those whose caller's identity has ended.
  void sweep(std::int64_t now_us);
  /// Ends all of them.
  void end();

 private:
  class Connection;

  std::shared_ptr<Connection> find(const HttpRequest& request) const;
  void forget(const std::string& id);

  const Config& config_;
  const OperationsClient& operations_;
  const Legacy& legacy_;
  StreamCount& streams_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Connection>, std::less<>> connections_;
};

}  // namespace scanhost::mcp
