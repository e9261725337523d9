// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A client's whole conversation with the MCP transport: each line is one request, its first
/// character says how it comes, the rest is its body. Every request is answered with a status, and
/// what answers a message is JSON-RPC.
///
///     M  stateless, with the headers that repeat the body, where it can be read
///     m  stateless, with the version header alone
///     S  in the session that was opened last; other characters: without one
///     G  a GET with the line as Last-Event-ID; D  the session is ended; E  a post of HTTP+SSE
#include <scanhost/testing/transport.h>

#include <string>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/mcp_transport.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost {
namespace {

using plugintest::HttpAnswer;

constexpr const char* settings = R"({"path":"/mcp",
  "sse":{"enabled":true,"path":"/sse","messages":"/messages","endpoint":""},
  "max_sessions":3,"max_sessions_per_client":3,"session_idle_s":60,"max_streams_per_client":3,
  "keep_alive_s":15,"stream_buffer_kib":0,"replay_events":4,"replay_kib":1,"replay_total_mib":1,"replay_s":1,
  "poll_ms":0,"retry_ms":1,"errors":"is_error","instructions":""})";

/// One transport for all inputs: what one leaves behind, another meets.
struct Node {
  plugintest::TestHost host;
  plugintest::TransportServices services{host};
  const scanhost_create_args args{sizeof args, 0, toText("mcp"), toText(settings), {}};
  McpTransport transport{Settings(host.abi(), &args)};
  plugintest::TestCall call;

  Node() {
    services.answer("echo", R"({"echo":1})");
    Call context(call.abi());
    transport.start(context);
  }
};

void check(const HttpAnswer& answer) {
  fuzz::require(answer.code >= 200 && answer.code <= 599, "every request is answered");
  if (answer.body.empty() || answer.body == "Accepted") return;
  const auto body = Json::tryParse(answer.body);
  fuzz::require(body.has_value(), "an answer is JSON");
  const Json& first = body->isArray() ? body->items().at(0) : *body;
  fuzz::require(first["jsonrpc"].asString() == "2.0", "an answer is JSON-RPC");
}

std::string headerOf(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [own_name, value] : answer.headers)
    if (own_name == name) return value;
  return {};
}

Pairs headersFor(char how, const std::string& body, const std::string& session) {
  Pairs headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (how == 'M' || how == 'm') headers.emplace_back("MCP-Protocol-Version", "2026-07-28");
  if (how == 'M')
    if (const auto read = Json::tryParse(body)) {
      const Json& params = (*read)["params"];
      headers.emplace_back("Mcp-Method", (*read)["method"].asString());
      for (const char* name : {"name", "uri", "taskId"})
        if (params.has(name)) headers.emplace_back("Mcp-Name", params[name].asString());
    }
  if (how == 'S' || how == 'G' || how == 'D') headers.emplace_back("Mcp-Session-Id", session);
  return headers;
}

}  // namespace
}  // namespace scanhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  static Node& node = *new Node();
  static std::string session;
  std::string_view text = fuzz::asText(bytes, size);
  for (int requests = 0; !text.empty() && requests < 50; ++requests) {
    std::string_view line = fuzz::takeLine(text);
    if (line.empty()) continue;
    const char how = line.front();
    const std::string body(line.substr(1));
    Pairs headers = headersFor(how, body, session);
    if (how == 'G') headers.emplace_back("Last-Event-ID", body);
    const char* const method = how == 'G' ? "GET" : how == 'D' ? "DELETE" : "POST";
    const char* const path = how == 'E' ? "/messages" : "/mcp";
    const auto answer = node.services.request(method, path, body, headers);
    check(answer);
    if (const std::string opened = headerOf(answer, "Mcp-Session-Id"); !opened.empty())
      session = opened;
  }
  return 0;
}
