// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/mcp/wire.h"

#include <strings.h>

#include <algorithm>

namespace scanhost::integration {
namespace {

constexpr const char* meta = "io.modelcontextprotocol/";

HttpAnswer read(const std::string& response) {
  HttpAnswer answer;
  answer.status = http::statusOf(response);
  answer.head = response.substr(0, response.find("\r\n\r\n"));
  answer.text = http::bodyOf(response);
  answer.body = Json::tryParse(answer.text).value_or(Json());
  return answer;
}

/// The last message of a stream that has ended.
Json lastMessage(const std::string& stream) {
  const std::size_t data = stream.rfind("\ndata: {");
  if (data == std::string::npos) return {};
  return Json::tryParse(stream.substr(data + 7, stream.find('\n', data + 1) - data - 7))
      .value_or(Json());
}

bool same(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

/// Takes a line off the front.
std::string takeLine(std::string& lines) {
  const std::size_t end = lines.find('\n');
  std::string line = lines.substr(0, end);
  lines.erase(0, end == std::string::npos ? end : end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

Event readEvent(std::string lines) {
  Event event;
  bool more = false;
  while (!lines.empty()) {
    const std::string line = takeLine(lines);
    const std::size_t colon = line.find(':');
    const std::string field = line.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.erase(0, 1);
    if (colon == 0) event.comment = value;
    if (field == "id") event.id = value;
    if (field == "event") event.name = value;
    if (field == "retry") event.retry = std::stoi(value);
    if (field == "data") event.data += (std::exchange(more, true) ? "\n" : "") + value;
  }
  return event;
}

}  // namespace

HeaderList over(HeaderList base, const HeaderList& with) {
  for (const auto& [name, value] : with) {
    base.erase(std::remove_if(base.begin(), base.end(),
                              [&name = name](const auto& old) { return same(old.first, name); }),
               base.end());
    if (!value.empty()) base.emplace_back(name, value);
  }
  return base;
}

std::string HttpAnswer::header(const std::string& name) const {
  std::string lines = head;
  while (!lines.empty()) {
    const std::string line = takeLine(lines);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos && same(line.substr(0, colon), name))
      return line.substr(colon + 2);
  }
  return {};
}

EventStream::EventStream(std::uint16_t port, const std::string& request) : client_(port) {
  client_.send(request);
  const std::string begun = client_.receive("\r\n\r\n");
  const std::size_t end = begun.find("\r\n\r\n");
  answer_ = read(begun.substr(0, end));
  received_ = end == std::string::npos ? "" : begun.substr(end + 4);
}

std::optional<Event> EventStream::next(std::chrono::milliseconds limit, bool comments) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const std::size_t end = received_.find("\n\n");
    if (end != std::string::npos) {
      const Event event = readEvent(received_.substr(0, end));
      received_.erase(0, end + 2);
      if (comments || event.comment.empty()) return event;
      continue;
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || client_.closed()) return std::nullopt;
    received_ += client_.receive("\n", left);
  }
}

Json EventStream::message(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (const auto event = next(std::chrono::ceil<std::chrono::milliseconds>(
             deadline - std::chrono::steady_clock::now())))
    if (const Json json = event->json(); json.isObject()) return json;
  return {};
}

bool EventStream::ends(std::chrono::milliseconds limit) {
  client_.receiveAll(limit);
  return client_.closed();
}

std::string Wire::requestText(const std::string& method, const HeaderList& headers,
                              const std::string& body) const {
  // Of 1.0, for then a stream comes as it is, without the sizes of its pieces.
  std::string text = method + " " + path_ + " HTTP/1.0\r\n";
  const HeaderList framed = over({{"Host", "127.0.0.1:" + std::to_string(port_)},
                                  {"Content-Length", std::to_string(body.size())}},
                                 headers);
  for (const auto& [name, value] : framed) text += name + ": " + value + "\r\n";
  return text + "\r\n" + body;
}

HttpAnswer Wire::send(const std::string& method, const HeaderList& headers,
                      const std::string& body) const {
  http::TestClient client(port_);
  client.send(requestText(method, headers, body));
  HttpAnswer answer = read(client.receiveAll());
  if (answer.header("Content-Type") == "text/event-stream") answer.body = lastMessage(answer.text);
  return answer;
}

EventStream Wire::stream(const std::string& method, const HeaderList& headers,
                         const std::string& body) const {
  return {port_, requestText(method, headers, body)};
}

HttpAnswer Wire::modern(const std::string& method, const Json& params,
                        const HeaderList& with) const {
  return send("POST", over(modernHeaders(method, params), with),
              requestOf(method, withMeta(params, allCapabilities())).dump());
}

EventStream Wire::modernStream(const std::string& method, const Json& params,
                               const HeaderList& with) const {
  return stream("POST", over(modernHeaders(method, params), with),
                requestOf(method, withMeta(params, allCapabilities())).dump());
}

Session::Session(const Wire& wire, const std::string& revision, const Json& capabilities)
    : wire_(wire), revision_(revision) {
  const Json client = Json::object({{"name", "wire"}, {"version", "1"}});
  const HttpAnswer answer =
      post(requestOf("initialize", Json::object({{"protocolVersion", revision},
                                                 {"capabilities", capabilities},
                                                 {"clientInfo", client}})));
  opened_ = answer.body["result"];
  id_ = answer.header("Mcp-Session-Id");
  post(notificationOf("notifications/initialized"));
}

HeaderList Session::headers() const {
  HeaderList headers{{"Content-Type", "application/json"},
                     {"Accept", "application/json, text/event-stream"}};
  if (!id_.empty()) headers.emplace_back("Mcp-Session-Id", id_);
  if (!id_.empty() && revision_ != "2025-03-26")
    headers.emplace_back("MCP-Protocol-Version", revision_);
  return headers;
}

HttpAnswer Session::post(const Json& message, const HeaderList& with) const {
  return wire_.send("POST", over(headers(), with), message.dump());
}

HttpAnswer Session::call(const std::string& method, const Json& params, const Json& id) const {
  return post(requestOf(method, params, id));
}

EventStream Session::callStream(const std::string& method, const Json& params,
                                const Json& id) const {
  return wire_.stream("POST", headers(), requestOf(method, params, id).dump());
}

EventStream Session::listen(const HeaderList& with) const {
  return wire_.stream("GET", over(over(headers(), {{"Content-Type", ""}}), with));
}

Json requestOf(const std::string& method, const Json& params, const Json& id) {
  return Json::object({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

Json notificationOf(const std::string& method, const Json& params) {
  return Json::object({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

Json toolCall(const std::string& name, const Json& arguments) {
  return Json::object({{"name", name}, {"arguments", arguments}});
}

HeaderList modernHeaders(const std::string& method, const Json& params) {
  HeaderList headers{{"Content-Type", "application/json"},
                     {"Accept", "application/json, text/event-stream"},
                     {"MCP-Protocol-Version", "2026-07-28"},
                     {"Mcp-Method", method}};
  for (const char* member : {"name", "uri", "taskId"})
    if (params[member].isString()) headers.emplace_back("Mcp-Name", params[member].asString());
  return headers;
}

Json withMeta(Json params, const Json& capabilities) {
  Json& of = params["_meta"];
  of[std::string(meta) + "protocolVersion"] = "2026-07-28";
  of[std::string(meta) + "clientInfo"] = Json::object({{"name", "wire"}, {"version", "1"}});
  of[std::string(meta) + "clientCapabilities"] = capabilities;
  return params;
}

Json allCapabilities() {
  const Json none = Json::object();
  return Json::object({{"elicitation", none},
                       {"sampling", none},
                       {"roots", none},
                       {"extensions", Json::object({{std::string(meta) + "tasks", none}})}});
}

}  // namespace scanhost::integration
