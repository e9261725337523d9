// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/operations.h"

#include <chrono>
#include <exception>
#include <utility>

namespace scanhost {
namespace {

constexpr std::string_view component = "operations";

}  // namespace

void Operations::add(Operation operation) {
  operations_.push_back(std::move(operation));
}

std::vector<const Operation*> Operations::list(const Caller& caller) const {
  std::vector<const Operation*> out;
  for (const Operation& operation : operations_)
    if (!operation.operators_only || caller.has(Role::operator_)) out.push_back(&operation);
  return out;
}

const Operation* Operations::find(std::string_view name, const Caller& caller) const {
  for (const Operation* operation : list(caller))
    if (operation->name == name) return operation;
  return nullptr;
}

void Operations::logInvocation(const Operation& operation, const Json& arguments,
                               const OperationContext& context) const {
  if (!events_.enabled(Level::info)) return;
  Json fields = Json::object({{"tool", operation.name}, {"caller", context.caller.subject}});
  for (const std::string& name : operation.logged_arguments)
    if (const Json* value = arguments.find(name)) fields[name] = *value;
  events_.emit(Level::info, component, "tool_invocation", context.trace.uuid(), std::move(fields));
}

std::optional<OperationOutcome> Operations::invoke(std::string_view name, const Json& arguments,
                                                   const OperationContext& context) const {
  const Operation* operation = find(name, context.caller);
  if (!operation) return std::nullopt;
  logInvocation(*operation, arguments, context);

  const auto began = std::chrono::steady_clock::now();
  OperationResult result = tl::unexpected<ServiceError>(ServiceError::internal());
  try {
    result = operation->run(arguments, context);
  } catch (const std::exception& error) {
    result.error().cause = error.what();
  }
  if (!result && !result.error().cause.empty())
    events_.emit(Level::error, component, "operation_failed", context.trace.uuid(),
                 Json::object({{"tool", operation->name}, {"error", result.error().cause}}));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;

  OperationOutcome outcome;
  outcome.is_error = !result;
  outcome.structured =
      result ? std::move(result->structured) : result.error().toJson(context.trace.uuid());
  outcome.text =
      result && !result->text.empty() ? std::move(result->text) : outcome.structured.dump();

  metrics_.recordToolCall(operation->name, !outcome.is_error);
  events_.emit(Level::info, component, "tool_completed", context.trace.uuid(),
               Json::object({{"tool", operation->name},
                             {"status", outcome.is_error ? "error" : "success"},
                             {"code", outcome.is_error ? outcome.structured["code"] : Json()},
                             {"duration_ms", took.count()}}));
  return outcome;
}

Json outputSchema(Json success) {
  return Json::object(
      {{"type", "object"}, {"anyOf", Json::array({std::move(success), errorSchema()})}});
}

Json errorSchema() {
  const Json text = Json::object({{"type", "string"}});
  return Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"error", text},
                                    {"message", text},
                                    {"code", text},
                                    {"status_code", Json::object({{"type", "integer"}})},
                                    {"hint", text},
                                    {"trace_id", text},
                                    {"retry_after_s", Json::object({{"type", "number"}})},
                                    {"details", Json::object({{"type", "object"}})}})},
       {"required", Json::array({"error", "message", "code", "status_code", "trace_id"})}});
}

}  // namespace scanhost
