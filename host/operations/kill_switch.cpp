// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/task_request.h"

namespace scanhost {
namespace {

constexpr std::uint32_t stop_step = 200;
/// A call ends before this, and says that there is more; no client waits longer.
constexpr std::chrono::seconds most_stopping{20};

struct SwitchArguments {
  std::string state;
  bool stop_running = false;
  std::string reason;
};
struct LookArguments {};

Json stateJson(const KillSwitch::State& state) {
  return Json::object({{"engaged", state.engaged},
                       {"since", timeOrNull(state.since.micros)},
                       {"caller", textOrNull(state.caller)},
                       {"reason", textOrNull(state.reason)}});
}

/// Asks every scan that runs or is paused, on whichever node, for its end.
class StopRunning {
 public:
  StopRunning(const Service& service, const OperationContext& context, std::string reason)
      : service_(service), context_(context), reason_(std::move(reason)) {}

  std::optional<ServiceError> run() {
    for (const TaskState state : {TaskState::running, TaskState::paused})
      if (auto fault = stopAll(state)) return fault;
    return std::nullopt;
  }
  std::uint64_t stopped() const { return stopped_; }
  bool complete() const { return complete_; }

 private:
  std::optional<ServiceError> stopAll(TaskState state) {
    TaskQuery query;
    query.state = state;
    query.limit = stop_step;
    do {
      auto page = service_.work.queue.list(query, callFor(context_, Work::queue_timeout));
      if (!page) return ServiceError::fromBackend(page.error());
      for (const QueuedTask& task : page->tasks) {
        if (monotonicNanos() - began_ns_ >= std::chrono::nanoseconds(most_stopping).count()) {
          complete_ = false;
          return std::nullopt;
        }
        if (task.flags.cancel_requested) continue;
        const auto asked = cancelTask(service_, task, reason_, context_);
        // It may have ended at this moment.
        if (!asked && asked.error().status_code >= 500) return asked.error();
        if (asked) writeDown(task);
      }
      query.cursor = std::move(page->next);
    } while (!query.cursor.empty());
    return std::nullopt;
  }

  void writeDown(const QueuedTask& task) {
    ++stopped_;
    AuditEntry entry{.kind = AuditKind::cancel,
                     .caller = context_.caller.subject,
                     .trace_id = context_.trace.uuid(),
                     .task_id = task.id};
    entry.facts = Json::object({{"outcome", "done"}, {"reason", reason_}, {"by", "kill_switch"}});
    service_.work.note(std::move(entry));
  }

  const Service& service_;
  const OperationContext& context_;
  const std::string reason_;
  const std::int64_t began_ns_ = monotonicNanos();
  std::uint64_t stopped_ = 0;
  bool complete_ = true;
};

OperationResult setSwitch(const Service& service, const SwitchArguments& arguments,
                          const OperationContext& context) {
  KillSwitch& kill_switch = *service.work.kill_switch;
  const bool engage = arguments.state == "on";
  if (!engage && arguments.stop_running)
    return tl::unexpected<ServiceError>(ServiceError::invalidArgument(
        "stop_running", "stop_running goes with state on", "Leave it out"));
  const Status stored = engage ? kill_switch.engage(context.caller.subject, arguments.reason)
                               : kill_switch.release(context.caller.subject);
  if (!stored && !engage) {
    ServiceError error = ServiceError::unavailable(
        "The kill switch is still on: its file in the data folder cannot be removed");
    error.cause = stored.error().message;
    return tl::unexpected<ServiceError>(std::move(error));
  }
  Json answer = stateJson(kill_switch.state());
  answer["outlasts_restart"] = stored.has_value();
  answer["scans_stopped"] = 0;
  answer["complete"] = true;
  if (!arguments.stop_running) return OperationAnswer{std::move(answer)};
  StopRunning stopping(service, context,
                       arguments.reason.empty() ? "kill switch" : arguments.reason);
  auto fault = stopping.run();
  if (fault) {
    fault->message += " (the kill switch is on; some scans may still run)";
    return tl::unexpected<ServiceError>(std::move(*fault));
  }
  answer["scans_stopped"] = stopping.stopped();
  answer["complete"] = stopping.complete();
  return OperationAnswer{std::move(answer)};
}

Json switchSchema(bool of_change) {
  const Json text_or_null = Json::object({{"type", Json::array({"string", "null"})}});
  const Json boolean = Json::object({{"type", "boolean"}});
  Json members = Json::object({{"engaged", boolean},
                               {"since", text_or_null},
                               {"caller", text_or_null},
                               {"reason", text_or_null}});
  Json required = Json::array({"engaged", "since", "caller", "reason"});
  if (of_change) {
    members["outlasts_restart"] = boolean;
    members["scans_stopped"] = Json::object({{"type", "integer"}});
    members["complete"] = boolean;
    for (const char* member : {"outlasts_restart", "scans_stopped", "complete"})
      required.push(member);
  }
  return outputSchema(Json::object(
      {{"type", "object"}, {"properties", std::move(members)}, {"required", std::move(required)}}));
}

Operation makeSetOperation(const Service& service) {
  ArgumentTable<SwitchArguments> table;
  table
      .choice("state", &SwitchArguments::state, {"on", "off"},
              "on: nothing is accepted or launched by this node until it is off", {}, true)
      .boolean("stop_running", &SwitchArguments::stop_running,
               "With on: also cancel every scan that runs or is paused, on whichever node")
      .text("reason", &SwitchArguments::reason,
            {.description = "Why, for the ledger and the log", .max_length = 255});
  Operation operation;
  operation.name = "set_kill_switch";
  operation.title = "Stop all launches, or let them go on";
  operation.description =
      "Stops every launch of this node at once, also after a restart, or lets them go on. What "
      "waits stays queued, and what runs goes on unless stop_running is given; complete: false "
      "means that there were more scans than one call could stop, so call again. For operators.";
  operation.input_schema = table.schema();
  operation.output_schema = switchSchema(true);
  operation.flags = SCANHOST_OPERATION_DESTRUCTIVE | SCANHOST_OPERATION_IDEMPOTENT;
  operation.operators_only = true;
  operation.logged_arguments = table.names();
  operation.audit_kind = AuditKind::kill_switch;
  operation.audited_results = {"engaged", "scans_stopped", "complete"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return setSwitch(service, *read, context);
  };
  return operation;
}

}  // namespace

void addKillSwitchOperations(Operations& operations, const Service& service) {
  const ArgumentTable<LookArguments> table;
  Operation look;
  look.name = "get_kill_switch";
  look.title = "Whether launches are stopped";
  look.description =
      "Tells whether this node's kill switch is on, since when, by whom and why. "
      "For operators.";
  look.input_schema = table.schema();
  look.output_schema = switchSchema(false);
  look.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  look.operators_only = true;
  look.run = [&service, table](const Json& arguments, const OperationContext&) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return OperationAnswer{stateJson(service.work.kill_switch->state())};
  };
  operations.add(std::move(look));
  operations.add(makeSetOperation(service));
}

}  // namespace scanhost
