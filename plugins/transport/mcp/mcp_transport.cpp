// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/mcp_transport.h"

#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/protocol.h"

namespace scanhost {

McpTransport::McpTransport(const Settings& settings)
    : host_(settings.host()),
      config_(settings),
      tools_(host_, config_.errors_as_results),
      stateless_(config_, tools_),
      sessions_(config_, tools_) {}

void McpTransport::start(Call& call) {
  route_ =
      HttpRoute(host_, call, {"POST", "DELETE"}, config_.path, SCANHOST_ROUTE_CHECK_ORIGIN,
                [this](HttpRequest& request, HttpResponse& response) { serve(request, response); });
  Json revisions = Json::array({mcp::stateless_revision});
  for (const std::string_view revision : mcp::session_revisions) revisions.push(revision);
  call.log(LogLevel::info, "mcp_server_initialized",
           Json::object({{"path", config_.path},
                         {"protocol_versions", std::move(revisions)},
                         {"tools", tools_.names()}}));
}

void McpTransport::stop(Call&) {
  const HttpRoute ended = std::move(route_);
}

void McpTransport::serve(const HttpRequest& request, HttpResponse& response) {
  mcp::Reply reply(request, response);
  Json id;
  try {
    if (request.method() == "DELETE") return sessions_.end(request, reply);
    servePost(request, reply, id);
  } catch (const mcp::RpcError& error) {
    reply.send(error.httpStatus(), mcp::errorBody(id, error));
  }
}

void McpTransport::servePost(const HttpRequest& request, mcp::Reply& reply, Json& id) {
  if (!mcp::isJsonType(request.header("Content-Type").value_or("")))
    throw mcp::RpcError(415, mcp::code::invalid_request, "Content-Type must be application/json");
  const auto body = request.readBody();
  if (!body) return;
  const Json document = mcp::readDocument(*body);
  id = mcp::readableId(document);
  const mcp::Message message = mcp::readMessage(document);
  if (mcp::Stateless::serves(message, request.header(mcp::header::protocol_version)))
    stateless_.serve(message, request, reply);
  else
    sessions_.serve(message, request, reply);
}

}  // namespace scanhost
