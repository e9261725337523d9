// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/requests.h"

#include <memory>
#include <utility>

#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

const std::string& textParameter(const Message& message, std::string_view name,
                                 std::string_view what) {
  const Json& value = message.params[name];
  if (!value.isString() || value.asString().empty())
    throw invalidParams(std::string(name) + " must be a string: " + std::string(what));
  return value.asString();
}

/// The arguments as text; absent and null count as none.
std::string argumentsOf(const Message& message) {
  const Json& arguments = message.params["arguments"];
  if (arguments.isNull()) return "{}";
  if (!arguments.isObject()) throw invalidParams("arguments must be an object");
  return arguments.dump();
}

/// The answers to earlier questions (MCP 2026-07-28, multi-round requests).
void takeAnswers(const Message& message, Revision revision, OperationCall::Asked& asked) {
  if (!isStateless(revision)) return;
  const Json& answers = message.params["inputResponses"];
  if (!answers.isNull() && !answers.isObject())
    throw invalidParams("inputResponses must be an object");
  for (const auto& [key, answer] : answers.members())
    if (!answer.isObject()) throw invalidParams("inputResponses." + key + " must be an object");
  if (!answers.isNull()) asked.answers = answers.dump();
  const Json& state = message.params["requestState"];
  if (!state.isNull() && !state.isString()) throw invalidParams("requestState must be a string");
  asked.state = state.asString();
}

bool declaresTasks(const Exchange& exchange) {
  return isStateless(exchange.revision) &&
         exchange.client["extensions"][tasks_extension].isObject();
}

}  // namespace

Json capabilities(Revision revision) {
  const Json changing = Json::object({{"listChanged", true}});
  Json capabilities =
      Json::object({{"tools", changing},
                    {"resources", Json::object({{"subscribe", true}, {"listChanged", true}})},
                    {"prompts", changing},
                    {"logging", Json::object()}});
  if (revision >= Revision::r2025_03_26) capabilities["completions"] = Json::object();
  if (hasTaskRequests(revision))
    capabilities["tasks"] = Json::object(
        {{"cancel", Json::object()},
         {"requests", Json::object({{"tools", Json::object({{"call", Json::object()}})}})}});
  if (isStateless(revision))
    capabilities["extensions"] = Json::object({{std::string(tasks_extension), Json::object()}});
  return capabilities;
}

bool Requests::serve(const Message& message, Exchange exchange) {
  const std::string& method = message.method;
  const auto list = [&](ListKind what) {
    exchange.succeed(lists_.members(what, message, exchange.caller->abi(), exchange.revision),
                     Keep::shortly);
    return true;
  };
  if (method == "tools/call") return callTool(message, std::move(exchange)), true;
  if (method == "tools/list") return list(ListKind::operations);
  if (method == "resources/list") return list(ListKind::resources);
  if (method == "resources/templates/list") return list(ListKind::templates);
  if (method == "prompts/list") return list(ListKind::prompts);
  if (method == "resources/read") return readResource(message, std::move(exchange)), true;
  if (method == "prompts/get") return getPrompt(message, std::move(exchange)), true;
  if (method == "completion/complete") return complete(message, std::move(exchange)), true;
  if (method.compare(0, 6, "tasks/") == 0) return serveTask(message, std::move(exchange));
  return false;
}

void Requests::run(Exchange exchange, OperationCall::Asked asked) {
  std::make_shared<OperationCall>(operations_, errors_as_results_, std::move(exchange),
                                  std::move(asked))
      ->start();
}

void Requests::callTool(const Message& message, Exchange exchange) {
  OperationCall::Asked asked{RequestKind::operation, AnswerForm::tool,
                             textParameter(message, "name", "which tool to call"),
                             argumentsOf(message)};
  takeAnswers(message, exchange.revision, asked);
  asked.task_allowed = declaresTasks(exchange);
  const Json& task = message.params["task"];
  if (hasTaskRequests(exchange.revision) && !task.isNull()) {
    if (!task.isObject()) throw invalidParams("task must be an object");
    const auto tool = tools_.find(asked.name);
    const bool can =
        tool &&
        (tool->flags & (SCANHOST_OPERATION_TASK_OPTIONAL | SCANHOST_OPERATION_TASK_REQUIRED)) != 0;
    if (tool && !can)
      throw RpcError(200, code::method_not_found, "this tool cannot be run as a task");
    asked.task_allowed = asked.task_wanted = true;
    asked.task_ttl_ms = task["ttl"].asInteger(-1);
  }
  run(std::move(exchange), std::move(asked));
}

void Requests::readResource(const Message& message, Exchange exchange) {
  OperationCall::Asked asked{RequestKind::resource, AnswerForm::resource,
                             textParameter(message, "uri", "which resource to read")};
  takeAnswers(message, exchange.revision, asked);
  run(std::move(exchange), std::move(asked));
}

void Requests::getPrompt(const Message& message, Exchange exchange) {
  OperationCall::Asked asked{RequestKind::prompt, AnswerForm::prompt,
                             textParameter(message, "name", "which prompt to fill in"),
                             argumentsOf(message)};
  for (const auto& [name, value] : message.params["arguments"].members())
    if (!value.isString()) throw invalidParams("arguments." + name + " must be a string");
  takeAnswers(message, exchange.revision, asked);
  run(std::move(exchange), std::move(asked));
}

void Requests::complete(const Message& message, Exchange exchange) {
  const Json& reference = message.params["ref"];
  const Json& argument = message.params["argument"];
  const std::string& type = reference["type"].asString();
  if (type != "ref/prompt" && type != "ref/resource")
    throw invalidParams("ref.type must be ref/prompt or ref/resource");
  const Json& name = reference[type == "ref/prompt" ? "name" : "uri"];
  if (!name.isString() || !argument["name"].isString() || !argument["value"].isString())
    throw invalidParams("ref must name a prompt or a uri, argument a name and a value");
  Json arguments = Json::object({{"argument", argument["name"]}, {"value", argument["value"]}});
  if (const Json& known = message.params["context"]["arguments"]; known.isObject())
    arguments["context"] = known;
  run(std::move(exchange),
      {RequestKind::completion, AnswerForm::completion, name.asString(), arguments.dump()});
}

bool Requests::serveTask(const Message& message, Exchange exchange) {
  const bool stateless = isStateless(exchange.revision);
  const std::string& method = message.method;
  const bool known = method == "tasks/get" || method == "tasks/cancel" ||
                     (stateless ? method == "tasks/update" : method == "tasks/result");
  if (!known || (!stateless && !hasTaskRequests(exchange.revision))) return false;
  if (stateless && !declaresTasks(exchange))
    throw RpcError(
        400, code::missing_capability, "the request does not declare the extension",
        Json::object({{"requiredCapabilities",
                       Json::object({{"extensions", Json::object({{std::string(tasks_extension),
                                                                   Json::object()}})}})}}));
  const std::string& id = textParameter(message, "taskId", "which task is meant");
  if (method == "tasks/result") return waits_.begin(std::move(exchange), id), true;
  OperationCall::Asked asked{RequestKind::task, AnswerForm::task, id};
  asked.task_allowed = true;
  if (method == "tasks/cancel") {
    if (stateless) asked.kind = RequestKind::task_cancel;
    asked.form = stateless ? AnswerForm::acknowledgement : AnswerForm::cancelled_task;
  } else if (method == "tasks/update") {
    asked.kind = RequestKind::task_answer;
    asked.form = AnswerForm::acknowledgement;
    const Json& answers = message.params["inputResponses"];
    if (!answers.isObject()) throw invalidParams("inputResponses must be an object");
    for (const auto& [key, answer] : answers.members())
      if (!answer.isObject()) throw invalidParams("inputResponses." + key + " must be an object");
    asked.answers = answers.dump();
  }
  run(std::move(exchange), std::move(asked));
  return true;
}

}  // namespace scanhost::mcp
