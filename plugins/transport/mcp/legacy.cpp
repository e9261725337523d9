// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/legacy.h"

#include <utility>

#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {

/// 2024-11-05 knows HTTP+SSE alone, so it is served where that is.
bool Legacy::isServed(Revision revision) const {
  return !isStateless(revision) && (revision != Revision::r2024_11_05 || config_.sse);
}

Revision Legacy::negotiate(const Message& initialize) const {
  const Json& requested = initialize.params["protocolVersion"];
  if (!requested.isString())
    throw RpcError(400, code::invalid_params, "protocolVersion must be a string");
  const auto revision = revisionOf(requested.asString());
  return revision && isServed(*revision) ? *revision : newest_session_revision;
}

std::string Legacy::initializeMembers(Revision revision) const {
  Json result = Json::object(
      {{"protocolVersion", nameOf(revision)},
       {"capabilities", capabilities(revision)},
       {"serverInfo", Json::object({{"name", server_name}, {"version", server_version}})}});
  if (!config_.instructions.empty()) result["instructions"] = config_.instructions;
  return membersOf(result);
}

void Legacy::checkVersion(std::optional<std::string_view> version_header) const {
  if (!version_header) return;
  const auto revision = revisionOf(*version_header);
  if (revision && isServed(*revision)) return;
  Json supported = Json::array();
  for (const std::string_view name : revision_names)
    if (isStateless(*revisionOf(name)) || isServed(*revisionOf(name))) supported.push(name);
  throw RpcError(
      400, code::unsupported_version, "unsupported protocol version",
      Json::object({{"supported", std::move(supported)}, {"requested", *version_header}}));
}

void Legacy::take(const Message& message, Session& session) const {
  if (message.kind == Message::Kind::response) return session.answer(message);
  if (message.method == "notifications/cancelled") session.cancel(message.params["requestId"]);
}

void Legacy::serve(const Message& message, const std::shared_ptr<Session>& session,
                   const std::shared_ptr<const OwnedCaller>& caller,
                   const std::shared_ptr<Outlet>& outlet, const scanhost_trace& trace) const {
  Exchange exchange;
  exchange.revision = session->revision();
  exchange.id = message.id;
  exchange.caller = caller;
  exchange.outlet = outlet;
  exchange.session = session;
  exchange.client = session->client();
  exchange.log_level = session->logLevel();
  exchange.trace = trace;
  const Json& token = message.meta()["progressToken"];
  if (token.isString() || token.isInteger()) exchange.progress_token = token;
  try {
    begin(message, exchange);
  } catch (const RpcError& error) {
    exchange.fail(error);
  }
}

void Legacy::begin(const Message& message, Exchange exchange) const {
  if (message.method == "ping") return exchange.succeed({});
  if (message.method == "logging/setLevel") {
    const std::int32_t level = logLevelOf(message.params["level"].asString());
    if (level < 0) throw invalidParams("unknown log level");
    exchange.session->setLogLevel(level);
    return exchange.succeed({});
  }
  if (message.method == "resources/subscribe") return subscribe(message, exchange, true);
  if (message.method == "resources/unsubscribe") return subscribe(message, exchange, false);
  if (message.method == "initialize") throw invalidParams("the session has been initialized");
  if (!requests_.serve(message, std::move(exchange)))
    throw RpcError(200, code::method_not_found, "there is no such method");
}

void Legacy::subscribe(const Message& message, const Exchange& exchange, bool wanted) const {
  const Json& uri = message.params["uri"];
  if (!uri.isString()) throw invalidParams("uri must be a string");
  if (!wanted)
    exchange.session->unsubscribe(uri.asString());
  else if (!exchange.session->subscribe(operations_, uri.asString()))
    throw RpcError(200, code::resource_not_found,
                   "there is no such resource, or too many are subscribed to",
                   Json::object({{"uri", uri}}));
  exchange.succeed({});
}

}  // namespace scanhost::mcp
