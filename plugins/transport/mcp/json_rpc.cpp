// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/json_rpc.h"

#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

/// A message is small; more would cost more to read than any that means something.
constexpr JsonLimits message_limits{64, 50'000};

RpcError invalidRequest(const std::string& why) {
  return RpcError(400, code::invalid_request, why);
}

bool isId(const Json& value) {
  return value.isString() || value.isInteger();
}

Message readResponse(const Json& document) {
  if (document.has("result") == document.has("error"))
    throw invalidRequest("a message has a method, or one of result and error");
  if (!isId(document["id"])) throw invalidRequest("a response has the id of its request");
  Message message;
  message.kind = Message::Kind::response;
  message.id = document["id"];
  message.result = document["result"];
  message.error = document["error"];
  return message;
}

}  // namespace

RpcError invalidParams(const std::string& why, Json data) {
  return RpcError(200, code::invalid_params, why, std::move(data));
}

Json readDocument(std::string_view body) {
  std::string why;
  auto document = Json::tryParse(body, message_limits, &why);
  if (!document) throw RpcError(400, code::parse_error, "the body is not JSON: " + why);
  if (!document->isObject() && !document->isArray())
    throw invalidRequest("a message is a JSON object");
  return std::move(*document);
}

Json readableId(const Json& document) {
  const Json& id = document["id"];
  return isId(id) ? id : Json();
}

Message readMessage(const Json& document) {
  if (document.isArray()) throw invalidRequest("batches are not served here; send one message");
  if (!document.isObject()) throw invalidRequest("a message is a JSON object");
  if (document["jsonrpc"].asString() != "2.0") throw invalidRequest("jsonrpc must be \"2.0\"");
  const Json* method = document.find("method");
  if (!method) return readResponse(document);
  if (!method->isString() || method->asString().empty())
    throw invalidRequest("method must be a string that is not empty");

  Message message;
  message.method = method->asString();
  if (const Json* params = document.find("params")) {
    if (!params->isObject()) throw invalidRequest("params must be an object");
    message.params = *params;
  }
  if (const Json* id = document.find("id")) {
    if (!isId(*id)) throw invalidRequest("id must be a string or an integer");
    message.id = *id;
  } else {
    message.kind = Message::Kind::notification;
  }
  return message;
}

std::string resultBody(const Json& id, std::string_view members) {
  std::string body = "{\"jsonrpc\":\"2.0\",\"id\":";
  body.reserve(members.size() + 96);
  id.write(body);
  body += ",\"result\":{";
  body += members;
  body += "}}";
  return body;
}

std::string errorBody(const Json& id, const RpcError& error) {
  Json inner = Json::object({{"code", error.code()}, {"message", error.what()}});
  if (!error.data().isNull()) inner["data"] = error.data();
  Json body = Json::object({{"jsonrpc", "2.0"}});
  if (!id.isNull()) body["id"] = id;
  body["error"] = std::move(inner);
  return body.dump();
}

std::string requestBody(const Json& id, std::string_view method, const Json& params) {
  return Json::object({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}})
      .dump();
}

std::string notificationBody(std::string_view method, const Json& params) {
  return Json::object({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}}).dump();
}

std::string membersOf(const Json& object) {
  const std::string text = object.dump();
  return text.substr(1, text.size() - 2);
}

}  // namespace scanhost::mcp
