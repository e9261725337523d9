// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// MCP over Streamable HTTP on the host's listener: reads one message, finds the kind of revision
/// it belongs to, and lets that answer. Requests run on the listener's threads, many at once.
#pragma once

#include <scanhost/http.h>
#include <scanhost/transport.h>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/sessions.h"
#include "plugins/transport/mcp/stateless.h"
#include "plugins/transport/mcp/tools.h"

namespace scanhost {

class McpTransport : public Transport {
 public:
  explicit McpTransport(const Settings& settings);

  void start(Call& call) override;
  void stop(Call& call) override;

 private:
  void serve(const HttpRequest& request, HttpResponse& response);
  void servePost(const HttpRequest& request, mcp::Reply& reply, Json& id);

  const Host host_;
  const mcp::Config config_;
  const mcp::Tools tools_;
  const mcp::Stateless stateless_;
  mcp::Sessions sessions_;
  HttpRoute route_;
};

}  // namespace scanhost
