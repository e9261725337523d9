// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/tools.h"

#include <memory>
#include <optional>

#include "plugins/transport/mcp/invocation_wait.h"
#include "plugins/transport/mcp/progress_stream.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/trace.h"

namespace scanhost::mcp {
namespace {

/// Errors of a method that was found travel in a 200, so that clients read them.
RpcError invalidParams(const std::string& why) {
  return RpcError(200, code::invalid_params, why);
}

/// The arguments as text; absent and null count as none.
std::string argumentsOf(const Json& params) {
  const Json& arguments = params["arguments"];
  if (arguments.isNull()) return "{}";
  if (!arguments.isObject()) throw invalidParams("arguments must be an object");
  return arguments.dump();
}

std::string echo(const std::string& name) {
  constexpr std::size_t longest = 64;
  return name.size() > longest ? name.substr(0, longest) + "..." : name;
}

RpcError refusal(const std::string& name, const InvocationResult& result) {
  if (*result.refused == "unknown") return invalidParams("Unknown tool: " + echo(name));
  if (*result.refused == "invalid_arguments") return invalidParams(result.text);
  return RpcError(200, code::internal_error, "the tool could not be run");
}

std::optional<Json> progressTokenOf(const Message& message) {
  const Json& token = message.meta()["progressToken"];
  if (token.isString() || token.isInteger()) return token;
  return std::nullopt;
}

void appendFlag(std::string& out, const char* name, bool value) {
  out += '"';
  out += name;
  out += value ? "\":true" : "\":false";
}

}  // namespace

std::string toolText(const OperationInfo& operation) {
  std::string out = "{\"name\":";
  Json::writeString(out, operation.name);
  if (!operation.title.empty()) {
    out += ",\"title\":";
    Json::writeString(out, operation.title);
  }
  out += ",\"description\":";
  Json::writeString(out, operation.description);
  out += ",\"inputSchema\":";
  out += operation.input_schema.empty() ? "{\"type\":\"object\"}" : operation.input_schema;
  if (!operation.output_schema.empty()) {
    out += ",\"outputSchema\":";
    out += operation.output_schema;
  }
  out += ",\"annotations\":{";
  appendFlag(out, "readOnlyHint", operation.has(SCANHOST_OPERATION_READ_ONLY));
  out += ',';
  appendFlag(out, "destructiveHint", operation.has(SCANHOST_OPERATION_DESTRUCTIVE));
  out += ',';
  appendFlag(out, "idempotentHint", operation.has(SCANHOST_OPERATION_IDEMPOTENT));
  out += ',';
  appendFlag(out, "openWorldHint", operation.has(SCANHOST_OPERATION_OPEN_WORLD));
  return out += "}}";
}

Json Tools::names() const {
  const scanhost_text role = toText("operator");
  const scanhost_caller everything{sizeof everything, 0, toText("node"), {&role, 1}, 0};
  Json found = Json::array();
  for (OperationInfo& operation : operations_.list(everything))
    found.push(std::move(operation.name));
  return found;
}

std::string Tools::listMembers(const Message& message, const scanhost_caller& caller) const {
  if (!message.params["cursor"].isNull())
    throw invalidParams("unknown cursor: the list has one page");
  std::string out = "\"tools\":[";
  for (const OperationInfo& operation : operations_.list(caller)) {
    if (out.back() != '[') out += ',';
    out += toolText(operation);
  }
  return out += ']';
}

std::string Tools::bodyOf(const Json& id, const std::string& name, const InvocationResult& result,
                          std::string_view more) const {
  if (result.refused) return errorBody(id, refusal(name, result));
  std::string members = "\"content\":[{\"type\":\"text\",\"text\":";
  members.reserve(result.text.size() * 9 / 8 + result.structured.size() + 256);
  Json::writeString(members, result.text);
  members += "}],";
  if (!result.structured.empty()) {
    members += "\"structuredContent\":";
    members += result.structured;
    members += ',';
  }
  appendFlag(members, "isError", result.is_error && !errors_as_results_);
  members += more;
  return resultBody(id, members);
}

void Tools::call(const Message& message, const HttpRequest& request, Reply& reply,
                 std::string_view more) const {
  const Json& name = message.params["name"];
  if (!name.isString()) throw invalidParams("name must be a string: which tool to call");
  const std::string arguments = argumentsOf(message.params);
  const scanhost_trace trace =
      traceOf(request.header("traceparent"), request.header("X-Trace-Id"), message);
  const Call call = request.call();
  const auto waiting = std::make_shared<InvocationWait>();

  std::shared_ptr<ProgressStream> progress;
  const auto token = progressTokenOf(message);
  if (token && reply.mayStream()) {
    auto stream = reply.stream([waiting] { waiting->abandon(); });
    if (!stream) return;
    progress = std::make_shared<ProgressStream>(std::move(*stream), *token);
  }

  InvocationHandlers handlers;
  if (progress)
    handlers.progress = [progress](double done, double total, std::string_view text) {
      progress->progress(done, total, text);
    };
  handlers.done = [waiting](InvocationResult result) { waiting->finish(std::move(result)); };
  const std::uint64_t handle =
      operations_.invoke(name.asString(), arguments, request.caller(), trace,
                         call.abi()->deadline_ns, std::move(handlers));

  const auto result = waiting->wait(call);
  if (!result) {
    operations_.cancel(handle);
    if (progress) return;
    throw RpcError(503, code::internal_error, "the request was cancelled");
  }
  const std::string body = bodyOf(message.id, name.asString(), *result, more);
  if (progress)
    progress->finish(body);
  else
    reply.send(200, body);
}

}  // namespace scanhost::mcp
