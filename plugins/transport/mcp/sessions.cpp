// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/sessions.h"

#include <scanhost/text.h>

#include <algorithm>
#include <chrono>

#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

SessionTable::Time now() {
  return std::chrono::steady_clock::now();
}

bool isServed(std::string_view revision) {
  return std::find(session_revisions.begin(), session_revisions.end(), revision) !=
         session_revisions.end();
}

void checkVersion(const HttpRequest& request) {
  const auto version = request.header(header::protocol_version);
  if (!version || isServed(*version)) return;
  Json supported = Json::array({stateless_revision});
  for (const std::string_view revision : session_revisions) supported.push(revision);
  throw RpcError(400, code::unsupported_version, "unsupported protocol version",
                 Json::object({{"supported", std::move(supported)}, {"requested", *version}}));
}

std::string_view sessionIdOf(const HttpRequest& request) {
  const auto id = request.header(header::session_id);
  if (!id || id->empty())
    throw RpcError(400, code::invalid_request,
                   "the header Mcp-Session-Id is missing; send initialize first");
  return *id;
}

/// Clients open a new session when they see this status.
RpcError unknownSession() {
  return RpcError(404, code::invalid_request, "there is no such session; send initialize");
}

std::string initializeMembers(std::string_view revision, const std::string& instructions) {
  Json result = Json::object(
      {{"protocolVersion", revision},
       {"capabilities", Json::object({{"tools", Json::object()}})},
       {"serverInfo", Json::object({{"name", server_name}, {"version", server_version}})}});
  if (!instructions.empty()) result["instructions"] = instructions;
  const std::string text = result.dump();
  return text.substr(1, text.size() - 2);
}

}  // namespace

void Sessions::serve(const Message& message, const HttpRequest& request, Reply& reply) {
  const bool is_request = message.kind == Message::Kind::request;
  if (is_request && message.method == "initialize") return initialize(message, request, reply);
  checkVersion(request);
  const auto use = table_.enter(sessionIdOf(request), toView(request.caller().subject), now());
  if (!use) throw unknownSession();
  if (!is_request) return reply.accept();
  answer(message, request, reply);
}

void Sessions::end(const HttpRequest& request, Reply& reply) {
  checkVersion(request);
  if (!table_.end(sessionIdOf(request), toView(request.caller().subject))) throw unknownSession();
  reply.sendEmpty(204);
}

void Sessions::initialize(const Message& message, const HttpRequest& request, Reply& reply) {
  const Json& requested = message.params["protocolVersion"];
  if (!requested.isString())
    throw RpcError(400, code::invalid_params, "protocolVersion must be a string");
  const std::string_view revision =
      isServed(requested.asString()) ? requested.asString() : session_revisions.front();
  auto id = table_.open(toView(request.caller().subject), now());
  if (!id) throw RpcError(503, code::internal_error, "too many sessions are busy; try again");
  reply.send(200, resultBody(message.id, initializeMembers(revision, instructions_)),
             {{std::string(header::session_id), std::move(*id)}});
}

void Sessions::answer(const Message& message, const HttpRequest& request, Reply& reply) const {
  if (message.method == "tools/call") return tools_.call(message, request, reply, {});
  if (message.method == "tools/list")
    return reply.send(200, resultBody(message.id, tools_.listMembers(message, request.caller())));
  if (message.method == "ping") return reply.send(200, resultBody(message.id, {}));
  throw RpcError(200, code::method_not_found, "there is no such method");
}

}  // namespace scanhost::mcp
