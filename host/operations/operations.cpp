// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/operations.h"

#include <scanhost/abi/operations.h>

#include <chrono>
#include <exception>
#include <utility>

#include "host/telemetry/shortened.h"

namespace scanhost {
namespace {

constexpr std::string_view component = "operations";
/// Of an argument in the log, which is written before the argument is checked.
constexpr std::size_t max_logged_bytes = 1024;

bool mayKnow(const Caller& caller, const Operation& operation) {
  return operation.operators_only ? caller.has(Role::operator_) : caller.mayRead();
}

bool changesSomething(const Operation& operation) {
  return (operation.flags & SCANHOST_OPERATION_READ_ONLY) == 0;
}

}  // namespace

void Operations::add(Operation operation) {
  operations_.push_back(std::move(operation));
}

std::vector<const Operation*> Operations::list(const Caller& caller) const {
  std::vector<const Operation*> out;
  for (const Operation& operation : operations_)
    if (mayKnow(caller, operation)) out.push_back(&operation);
  return out;
}

const Operation* Operations::find(std::string_view name, const Caller& caller) const {
  for (const Operation& operation : operations_)
    if (operation.name == name) return mayKnow(caller, operation) ? &operation : nullptr;
  return nullptr;
}

void Operations::logInvocation(const Operation& operation, const Json& arguments,
                               const OperationContext& context) const {
  if (!events_.enabled(Level::info)) return;
  Json fields = Json::object({{"tool", operation.name}, {"caller", context.caller.subject}});
  for (const std::string& name : operation.logged_arguments)
    if (const Json* value = arguments.find(name))
      fields[name] = shortened(*value, max_logged_bytes);
  events_.emit(Level::info, component, "tool_invocation", context.trace.uuid(), std::move(fields));
}

/// What a client was refused changed nothing, and would let clients fill the ledger; what an
/// operator was refused may have been done in part.
OperationResult Operations::runAudited(const Operation& operation, const Json& arguments,
                                       const OperationContext& context) const {
  auto result = operation.run(arguments, context);
  if (!operation.audit_kind || !audit_) return result;
  if (!result && !operation.operators_only) return result;
  AuditEntry entry{.kind = *operation.audit_kind,
                   .caller = context.caller.subject,
                   .trace_id = context.trace.uuid()};
  entry.facts["outcome"] = result ? "done" : result.error().code;
  for (const std::string& name : operation.logged_arguments) {
    const Json* value = arguments.find(name);
    if (value && name == "task_id")
      entry.task_id = value->asString();
    else if (value)
      entry.facts[name] = *value;
  }
  for (const std::string& name : operation.audited_results)
    if (const Json* value = result ? result->structured.find(name) : nullptr)
      entry.facts[name] = *value;
  audit_(std::move(entry));
  return result;
}

bool Operations::invoke(std::string_view name, const Json& arguments,
                        const OperationContext& context,
                        std::function<void(OperationOutcome)> done) const {
  const Operation* operation = find(name, context.caller);
  if (!operation) return false;
  logInvocation(*operation, arguments, context);
  const auto began = std::chrono::steady_clock::now();
  OperationResult result = tl::unexpected<ServiceError>(ServiceError::internal());
  try {
    if (changesSomething(*operation) && !context.caller.maySubmit()) {
      result = tl::unexpected<ServiceError>(
          ServiceError::forbidden("A viewer may look, and change nothing"));
    } else if (operation->begin) {
      operation->begin(arguments, context,
                       [this, operation, context, began, done](OperationResult late) {
                         done(settle(*operation, context, began, std::move(late)));
                       });
      return true;
    } else {
      result = runAudited(*operation, arguments, context);
    }
  } catch (const std::exception& error) {
    result.error().cause = error.what();
  }
  done(settle(*operation, context, began, std::move(result)));
  return true;
}

OperationResult Operations::perform(std::string_view name, const Json& arguments,
                                    const OperationContext& context) const {
  const Operation* operation = find(name, context.caller);
  if (!operation) return tl::unexpected<ServiceError>(ServiceError::internal());
  try {
    if (operation->run) return runAudited(*operation, arguments, context);
    const auto answer =
        std::make_shared<OperationResult>(tl::unexpected<ServiceError>(ServiceError::internal()));
    operation->begin(arguments, context,
                     [answer](OperationResult result) { *answer = std::move(result); });
    return *answer;
  } catch (const std::exception& error) {
    ServiceError failed = ServiceError::internal();
    failed.cause = error.what();
    return tl::unexpected<ServiceError>(std::move(failed));
  }
}

/// Counts and logs how it ended, and makes it what clients get.
OperationOutcome Operations::settle(const Operation& operation, const OperationContext& context,
                                    std::chrono::steady_clock::time_point began,
                                    OperationResult result) const {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  if (!result && !result.error().cause.empty())
    events_.emit(Level::error, component, "operation_failed", context.trace.uuid(),
                 Json::object({{"tool", operation.name}, {"error", result.error().cause}}));
  OperationOutcome outcome;
  outcome.is_error = !result;
  if (result) {
    outcome.structured = std::move(result->structured);
    outcome.text = std::move(result->text);
    outcome.links = std::move(result->links);
    outcome.task_id = std::move(result->task_id);
  } else {
    outcome.structured = result.error().toJson(context.trace.uuid());
  }
  metrics_.recordToolCall(operation.name, !outcome.is_error);
  if (!result && result.error().status_code >= 500)
    metrics_.recordToolFailure(operation.name, result.error().code);
  events_.emit(Level::info, component, "tool_completed", context.trace.uuid(),
               Json::object({{"tool", operation.name},
                             {"status", outcome.is_error ? "error" : "success"},
                             {"code", outcome.is_error ? outcome.structured["code"] : Json()},
                             {"duration_ms", took.count()}}));
  return outcome;
}

Status Operations::list(ListKind what, const Caller& caller, std::string_view cursor,
                        ListedPage& page) {
  if (!cursor.empty()) return fail(ErrorClass::unsupported, "the list has one page");
  if (what != ListKind::operations) return {};
  for (const Operation* operation : list(caller))
    page.operations.push_back({operation->name, operation->title, operation->description,
                               operation->input_schema.dump(), operation->output_schema.dump(),
                               operation->flags});
  return {};
}

bool Operations::endsAtOnce(const OperationRequest& request) const {
  for (const Operation& operation : operations_)
    if (operation.name == request.name) return !operation.begin;
  return true;
}

void Operations::request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  if (call.request.kind == RequestKind::operation) return requestOperation(call, std::move(sink));
  if (call.request.kind >= RequestKind::task && tasks_) return tasks_(call, *sink);
  sink->refused("unknown", "there is no such thing", {});
}

void Operations::requestOperation(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  const std::string_view text = call.request.arguments;
  std::string why;
  const auto arguments = Json::tryParse(text.empty() ? "{}" : text, {}, &why);
  if (!arguments) return sink->refused("invalid_arguments", why, {});
  const std::shared_ptr<ReplySink> reply(std::move(sink));
  const OperationContext context{call.caller,
                                 call.trace,
                                 call.deadline_ns,
                                 [reply](double done, double total, std::string_view message) {
                                   reply->progress(done, total, message);
                                 },
                                 call.cancelled,
                                 spans_};
  const bool known =
      invoke(call.request.name, *arguments, context,
             [this, reply, context, as_task = call.request.task_allowed](OperationOutcome outcome) {
               if (as_task && tasks_ && !outcome.task_id.empty()) {
                 OperationRequest task;
                 task.kind = RequestKind::task;
                 task.name = outcome.task_id;
                 return tasks_({task, context.caller, context.trace, context.deadline_ns}, *reply);
               }
               if (!outcome.text.empty()) reply->content({}, outcome.text, false);
               const std::string structured = outcome.structured.dump();
               if (!outcome.links.empty() && outcome.text.empty())
                 reply->content({}, structured, false);
               for (const ResourceInfo& link : outcome.links)
                 reply->content({.kind = ContentKind::link,
                                 .media_type = link.media_type,
                                 .uri = link.uri,
                                 .name = link.name,
                                 .title = link.title,
                                 .description = link.description,
                                 .size = link.size},
                                {}, false);
               reply->result(structured, outcome.is_error);
             });
  if (!known) reply->refused("unknown", "there is no such operation", {});
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
