// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// MCP on the host's listener: reads what a client posts, finds the revision it belongs to, and
/// lets that answer. Requests run on the listener's threads, many at once; none waits for an answer
/// there. One thread of its own looks after what must not wait for a request.
#pragma once

#include <scanhost/host_operations.h>
#include <scanhost/http.h>
#include <scanhost/transport.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/legacy.h"
#include "plugins/transport/mcp/requests.h"
#include "plugins/transport/mcp/sse.h"
#include "plugins/transport/mcp/stateless.h"
#include "plugins/transport/mcp/stream_count.h"
#include "plugins/transport/mcp/streamable_http.h"
#include "plugins/transport/mcp/task_waits.h"
#include "plugins/transport/mcp/tool_index.h"

namespace scanhost {

class McpTransport : public Transport {
 public:
  explicit McpTransport(const Settings& settings);
  ~McpTransport() override;

  void start(Call& call) override;
  void drain(Call& call) override;
  void stop(Call& call) override;

 private:
  using Handler = void (McpTransport::*)(const HttpRequest&, HttpResponse&, Json& id);

  void mount(Call& call, const std::vector<std::string>& methods, const std::string& path,
             Handler handler);
  void serve(const HttpRequest& request, HttpResponse& response, Json& id);
  void serveStream(const HttpRequest& request, HttpResponse& response, Json& id);
  void serveMessages(const HttpRequest& request, HttpResponse& response, Json& id);
  void watchLists();
  void lookAfter();
  void end();

  const Host host_;
  const mcp::Config config_;
  const OperationsClient operations_;
  mcp::StreamCount streams_;
  mcp::ToolIndex tools_;
  mcp::TaskWaits waits_;
  mcp::Requests requests_;
  mcp::Stateless stateless_;
  const mcp::Legacy legacy_;
  mcp::StreamableHttp sessions_;
  mcp::Sse sse_;
  std::vector<HttpRoute> routes_;
  std::optional<OperationsWatch> lists_watch_;
  std::atomic<bool> tools_changed_{false};

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread looking_;
};

}  // namespace scanhost
