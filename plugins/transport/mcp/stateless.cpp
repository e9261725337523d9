// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/stateless.h"

#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

/// Tools change with a restart, or with the caller's roles.
constexpr int list_ttl_ms = 60'000;

std::string completeMembers() {
  const Json info = Json::object({{"name", server_name}, {"version", server_version}});
  const Json meta = Json::object({{std::string(meta::server_info), info}});
  return ",\"resultType\":\"complete\",\"_meta\":" + meta.dump();
}

std::string cacheMembers() {
  return ",\"ttlMs\":" + std::to_string(list_ttl_ms) + ",\"cacheScope\":\"private\"";
}

std::string discoveryMembers(const std::string& instructions) {
  std::string out = "\"supportedVersions\":[\"" + std::string(stateless_revision) +
                    "\"],\"capabilities\":{\"tools\":{}}";
  if (!instructions.empty()) {
    out += ",\"instructions\":";
    Json::writeString(out, instructions);
  }
  return out;
}

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

void checkVersion(const Message& message, const HttpRequest& request) {
  const std::string& requested = message.meta()[meta::protocol_version].asString();
  checkHeader(request, header::protocol_version, requested);
  if (requested != stateless_revision)
    throw RpcError(
        400, code::unsupported_version, "unsupported protocol version",
        Json::object({{"supported", Json::array({stateless_revision})}, {"requested", requested}}));
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

}  // namespace

Stateless::Stateless(const Config& config, const Tools& tools)
    : tools_(tools),
      complete_(completeMembers()),
      cacheable_(cacheMembers() + complete_),
      discovery_(discoveryMembers(config.instructions) + cacheable_) {}

bool Stateless::serves(const Message& message, std::optional<std::string_view> version_header) {
  return message.meta().has(meta::protocol_version) || version_header == stateless_revision;
}

void Stateless::serve(const Message& message, const HttpRequest& request, Reply& reply) const {
  if (message.kind == Message::Kind::response)
    throw RpcError(400, code::invalid_request, "this server asks nothing, so there is no response");
  if (message.kind == Message::Kind::notification) return reply.accept();
  checkMeta(message);
  checkVersion(message, request);
  checkHeader(request, header::method, message.method);
  checkName(message, request);

  if (message.method == "tools/call") return tools_.call(message, request, reply, complete_);
  if (message.method == "tools/list")
    return reply.send(
        200, resultBody(message.id, tools_.listMembers(message, request.caller()) + cacheable_));
  if (message.method == "server/discover")
    return reply.send(200, resultBody(message.id, discovery_));
  throw RpcError(404, code::method_not_found, "there is no such method");
}

}  // namespace scanhost::mcp
