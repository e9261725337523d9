// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include <algorithm>
#include <cmath>

#include "host/operations/argument_table.h"
#include "host/operations/scan_uris.h"
#include "host/operations/service.h"

namespace scanhost {
namespace {

struct StatusArguments {
  std::string task_id;
  std::int64_t wait_s = 0;
};

constexpr std::int64_t longest_wait_s = 50;
/// Left of the caller's own deadline for the answer to a wait.
constexpr std::chrono::seconds answer_grace{2};

using Done = std::function<void(OperationResult)>;

/// What a look at a task found.
struct SeenStatus {
  OperationAnswer answer;
  std::string version;  ///< another once state or progress have changed
  bool has_ended = false;
};

Json troubleshooting(const std::string& authentication) {
  return Json::object(
      {{"likely_cause",
        authentication == "failed"
            ? "The login was refused, or local checks could not run, on every host that answered"
            : "The login worked on some hosts only, or had too little privilege there"},
       {"next_steps",
        Json::array({"Log in by hand with the same account from the scanner's network",
                     "Check that the account is not locked or expired and the password is current",
                     "Check that SSH is reachable and allows password logins on each host",
                     "Use authenticated_privileged with sudo where the account is no administrator",
                     "Read the findings with partial: true to see what each host answered"})}});
}

/// When asking again makes sense.
std::int64_t pollAfterSeconds(const Service& service, const QueuedTask& task) {
  if (isTerminal(task.state)) return 0;
  const auto interval =
      std::chrono::duration<double>(service.work.config->tasks.poll_interval).count();
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(interval)), 1, 60);
}

void addProgress(Json& body, const ProgressDocument& progress) {
  if (progress.polled_at) {
    body["progress"] = progress.percent.value_or(0);
    body["scanner_status"] = progress.scanner_status;
    body["progress_at"] = formatTimestamp(*progress.polled_at);
  } else {
    body["progress_at"] = nullptr;
  }
  if (!progress.scanner_error.empty()) body["scanner_error"] = progress.scanner_error;
  body["authentication_status"] = textOrNull(progress.authentication_status);
  Json warnings;
  for (const std::string& warning : progress.warnings) warnings.push(warning);
  body["validation_warnings"] = std::move(warnings);
  if (progress.results_summary.isObject()) body["results_summary"] = progress.results_summary;
  if (progress.authentication_status == "failed" || progress.authentication_status == "partial")
    body["troubleshooting"] = troubleshooting(progress.authentication_status);
  body["coverage"] = progress.coverage;
}

std::string versionOf(const QueuedTask& task, const ProgressDocument& progress) {
  return Json::array({taskStateName(task.state), task.attempt, task.flags.bits(), task.instance,
                      progress.percent.value_or(-1), progress.scanner_status})
      .dump();
}

tl::expected<SeenStatus, ServiceError> lookAt(const Service& service, const std::string& task_id,
                                              const OperationContext& context) {
  const auto task = findTask(service, task_id, context);
  if (!task) return tl::unexpected<ServiceError>(task.error());
  const auto submission = SubmissionDocument::parse(task->submission, task->id);
  const auto progress = ProgressDocument::parse(task->progress, task->id);
  if (!submission || !progress) return tl::unexpected<ServiceError>(ServiceError::internal());

  Json body = Json::object(
      {{"task_id", task->id},
       {"trace_id", task->trace_id},
       {"status", taskStateName(task->state)},
       {"scan_type", submission->scan_type},
       {"scanner_pool", task->pool},
       {"scanner_type", submission->scanner_type},
       {"scanner_instance", task->instance.empty() ? task->wanted_instance : task->instance},
       {"targets", submission->targets},
       {"name", submission->name},
       {"description", submission->description},
       {"remote_ref", textOrNull(task->reference)},
       {"created_at", timeOrNull(task->created_us)},
       {"started_at", timeOrNull(task->started_us)},
       {"completed_at", timeOrNull(task->completed_us)},
       {"error_message", textOrNull(task->error_message)},
       {"error_class", task->error_class ? Json(errorClassName(*task->error_class)) : Json()}});
  if (service.add_historic_fields)
    service.add_historic_fields(*task, submission->scanner_type, body);
  addProgress(body, *progress);
  const bool waits = task->state == TaskState::queued;
  body["queue_position"] = waits && task->position > 0 ? Json(task->position) : Json();
  body["attempt"] = task->attempt;
  body["max_attempts"] = service.work.config->tasks.retry.max_attempts;
  const std::int64_t delay_us = task->delay.count() / 1000;
  body["next_attempt_at"] =
      waits && delay_us > 0 ? timeOrNull(Timestamp::now().micros + delay_us) : Json();
  body["caller"] = task->owner;
  body["poll_after_s"] = pollAfterSeconds(service, *task);
  body["dead_letter"] = task->flags.dead_letter;
  body["cancel_requested"] = task->flags.cancel_requested;
  body["pause_requested"] = task->flags.pause_requested;
  OperationAnswer answer{std::move(body)};
  if (task->state == TaskState::completed) answer.links = {findingsResource(task->id)};
  return SeenStatus{std::move(answer), versionOf(*task, *progress), isTerminal(task->state)};
}

OperationResult answerOf(tl::expected<SeenStatus, ServiceError> seen) {
  if (!seen) return tl::unexpected<ServiceError>(std::move(seen.error()));
  return std::move(seen->answer);
}

/// Looks for a call that waits: answers once the status is another than was seen.
bool answerWhenChanged(const Service& service, const std::string& task_id,
                       const OperationContext& context, const std::string& version, bool is_over,
                       const Done& done) {
  auto seen = [&]() -> tl::expected<SeenStatus, ServiceError> {
    try {
      return lookAt(service, task_id, context);
    } catch (const std::exception& error) {
      ServiceError fault = ServiceError::internal();
      fault.cause = error.what();
      return tl::unexpected<ServiceError>(std::move(fault));
    }
  }();
  // A queue that cannot be reached may be again before the wait is over; a task that went will not.
  const bool has_changed = seen ? seen->version != version : seen.error().code == "task_not_found";
  if (!has_changed && !is_over) return false;
  done(answerOf(std::move(seen)));
  return true;
}

void scanStatus(const Service& service, const StatusArguments& arguments,
                const OperationContext& context, Done done) {
  auto seen = lookAt(service, arguments.task_id, context);
  if (!seen || seen->has_ended || arguments.wait_s == 0 || !service.waits)
    return done(answerOf(std::move(seen)));
  if (const Json* percent = seen->answer.structured.find("progress"); percent && context.progress)
    context.progress(percent->asNumber(), 100,
                     seen->answer.structured["scanner_status"].asString());
  std::chrono::nanoseconds wait = std::chrono::seconds(arguments.wait_s);
  if (context.deadline_ns != INT64_MAX)
    wait = std::min(
        wait, std::chrono::nanoseconds(context.deadline_ns - monotonicNanos()) - answer_grace);
  const bool waits = service.waits->add(
      arguments.task_id,
      StatusWaits::Clock::now() + std::max(wait, std::chrono::nanoseconds::zero()),
      context.cancelled,
      [&service, context, done, task_id = arguments.task_id,
       version = seen->version](bool is_over) {
        return answerWhenChanged(service, task_id, context, version, is_over, done);
      });
  if (!waits) done(answerOf(std::move(seen)));
}

}  // namespace

void addStatusOperation(Operations& operations, const Service& service) {
  ArgumentTable<StatusArguments> table;
  table
      .text("task_id", &StatusArguments::task_id,
            {.description = "The id that submitting a scan answered", .required = true})
      .integer("wait_s", &StatusArguments::wait_s,
               {.description = "Wait up to so many seconds for state or progress to change, "
                               "instead of asking again and again",
                .minimum = 0,
                .maximum = longest_wait_s});
  const Json text = Json::object({{"type", "string"}});
  Operation operation;
  operation.name = "get_scan_status";
  operation.title = "State of a scan";
  operation.description =
      "Tells how far a scan is, and how it ended. Ask again after poll_after_s seconds while "
      "status is queued, running or paused, or let the call wait for news with wait_s.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"task_id", text}, {"status", text}, {"trace_id", text}})},
       {"required", Json::array({"task_id", "trace_id", "status"})}}));
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.begin = [&service, table](const Json& arguments, const OperationContext& context,
                                      Done done) {
    const auto read = table.read(arguments);
    if (!read) return done(tl::unexpected<ServiceError>(read.error()));
    scanStatus(service, *read, context, std::move(done));
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
