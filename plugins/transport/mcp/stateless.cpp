// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/stateless.h"

#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/post_reply.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/trace.h"

namespace scanhost::mcp {
namespace {

constexpr Revision revision = Revision::r2026_07_28;

void checkMeta(const Message& message) {
  const Json& meta = message.meta();
  const auto require = [&](std::string_view name, bool valid) {
    if (!valid)
      throw RpcError(400, code::invalid_params,
                     "params._meta needs a valid \"" + std::string(name) + '"');
  };
  require(meta::protocol_version, meta[meta::protocol_version].isString());
  require(meta::client_capabilities, meta[meta::client_capabilities].isObject());
}

RpcError headerMismatch(std::string_view name) {
  return RpcError(400, code::header_mismatch,
                  "the header " + std::string(name) + " is missing or differs from the body");
}

void checkHeader(const HttpRequest& request, std::string_view name, const std::string& wanted) {
  const auto value = request.header(name);
  if (!value || *value != wanted) throw headerMismatch(name);
}

/// The newest first.
Json served(bool sse) {
  Json names = Json::array();
  for (auto name = revision_names.rbegin(); name != revision_names.rend(); ++name)
    if (sse || revisionOf(*name) != Revision::r2024_11_05) names.push(*name);
  return names;
}

void checkVersion(const Message& message, const HttpRequest& request, bool sse) {
  const std::string& requested = message.meta()[meta::protocol_version].asString();
  checkHeader(request, header::protocol_version, requested);
  if (requested != nameOf(revision))
    throw RpcError(400, code::unsupported_version, "unsupported protocol version",
                   Json::object({{"supported", served(sse)}, {"requested", requested}}));
}

/// The parameter that Mcp-Name repeats, empty for most methods.
std::string_view namedParameter(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel")
    return "taskId";
  return {};
}

void checkName(const Message& message, const HttpRequest& request) {
  const std::string_view parameter = namedParameter(message.method);
  if (parameter.empty()) return;
  const Json& wanted = message.params[parameter];
  if (!wanted.isString()) return;  // the method itself says what is wrong with it
  const auto value = request.header(header::name);
  if (!value || decodeHeaderValue(*value) != wanted.asString()) throw headerMismatch(header::name);
}

const Json& valueAt(const Json& arguments, const std::vector<std::string>& path) {
  const Json* at = &arguments;
  for (const std::string& name : path) at = &(*at)[name];
  return *at;
}

void checkParameters(const Message& message, const HttpRequest& request, const ToolIndex& tools) {
  if (message.method != "tools/call") return;
  const auto tool = tools.find(message.params["name"].asString());
  if (!tool) return;
  for (const HeaderParameter& parameter : tool->headers)
    if (!saysTheSame(request.header(parameter.header),
                     valueAt(message.params["arguments"], parameter.path)))
      throw headerMismatch(parameter.header);
}

std::int32_t wantedLogLevel(const Message& message) {
  const Json& wanted = message.meta()[meta::log_level];
  if (wanted.isNull()) return -1;
  const std::int32_t level = logLevelOf(wanted.asString());
  if (level < 0)
    throw invalidParams(
        "unknown log level; known are debug, info, notice, warning, "
        "error, critical, alert and emergency");
  return level;
}

Json progressToken(const Message& message) {
  const Json& token = message.meta()["progressToken"];
  return token.isString() || token.isInteger() ? token : Json();
}

}  // namespace

bool Stateless::serves(const Message& message, std::optional<std::string_view> version_header) {
  return message.meta().has(meta::protocol_version) || version_header == nameOf(revision);
}

/// In the order that the specification's checks expect.
void Stateless::check(const Message& message, const HttpRequest& request) const {
  checkMeta(message);
  checkVersion(message, request, config_.sse.has_value());
  checkHeader(request, header::method, message.method);
  checkName(message, request);
  checkParameters(message, request, tools_);
}

void Stateless::serve(const Message& message, const HttpRequest& request, HttpResponse& response) {
  if (message.kind == Message::Kind::response)
    throw RpcError(400, code::invalid_request, "no request was sent, so there is no response");
  if (message.kind == Message::Kind::notification) return response.send(202, {}, {});
  check(message, request);
  const auto caller = std::make_shared<const OwnedCaller>(request.caller());
  if (message.method == "subscriptions/listen")
    return subscriptions_.begin(message, caller, response);

  const auto reply = std::make_shared<PostReply>(
      request, response, PostReply::Options{.stream = {config_.keep_alive, config_.stream_buffer}});
  Exchange exchange;
  exchange.revision = revision;
  exchange.id = message.id;
  exchange.caller = caller;
  exchange.outlet = reply;
  exchange.client = message.meta()[meta::client_capabilities];
  exchange.log_level = wantedLogLevel(message);
  exchange.progress_token = progressToken(message);
  exchange.trace = traceOf(request.header("traceparent"), request.header("X-Trace-Id"), message);
  exchange.deadline_ns = request.call().abi()->deadline_ns;
  if (message.method == "server/discover")
    discover(exchange);
  else if (!requests_.serve(message, exchange))
    throw RpcError(404, code::method_not_found, "there is no such method");
  reply->settle();
}

void Stateless::discover(const Exchange& exchange) const {
  Json members = Json::object({{"supportedVersions", served(config_.sse.has_value())},
                               {"capabilities", capabilities(revision)}});
  if (!config_.instructions.empty()) members["instructions"] = config_.instructions;
  exchange.succeed(membersOf(members), Keep::shortly);
}

}  // namespace scanhost::mcp
