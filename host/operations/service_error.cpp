// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/service_error.h"

#include "host/base/nearest.h"
#include "host/policy/scope.h"

namespace scanhost {
namespace {

constexpr std::size_t max_echo = 64;

/// A client's own text inside an error: cut, and without characters that could act on a terminal.
std::string echo(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, max_echo))
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F ? '?' : c;
  return out;
}

std::string knownNames(std::string_view what, const std::vector<std::string>& known) {
  if (known.empty()) return "No " + std::string(what) + " are configured";
  return "Known " + std::string(what) + ": " + joinNames(known);
}

Json knownArray(const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const std::string& name : names) out.push(name);
  return out;
}

}  // namespace

Json ServiceError::toJson(std::string_view trace_id) const {
  Json out = Json::object({{"error", error},
                           {"message", message},
                           {"code", code},
                           {"status_code", status_code},
                           {"hint", hint},
                           {"trace_id", trace_id}});
  if (retry_after_s) out["retry_after_s"] = *retry_after_s;
  if (details.isObject()) out["details"] = details;
  return out;
}

ServiceError ServiceError::invalidArgument(std::string_view parameter, std::string message,
                                           std::string hint) {
  return badArgument("Invalid " + std::string(parameter), parameter, std::move(message),
                     std::move(hint));
}

ServiceError ServiceError::badArgument(std::string error, std::string_view parameter,
                                       std::string message, std::string hint) {
  return {.code = "invalid_argument",
          .status_code = 400,
          .error = std::move(error),
          .message = std::move(message),
          .hint = std::move(hint),
          .details = Json::object({{"param", parameter}})};
}

ServiceError ServiceError::invalidFilter(std::string message, std::vector<std::string> known) {
  return {.code = "invalid_filter",
          .status_code = 400,
          .error = "Invalid filter",
          .message = std::move(message),
          .hint = "details.known lists the fields; docs/reference/findings.md has their values",
          .details = Json::object({{"known", knownArray(known)}})};
}

ServiceError ServiceError::forbidden(std::string message) {
  return {.code = "forbidden",
          .status_code = 403,
          .error = "Forbidden",
          .message = std::move(message),
          .hint = "Ask an operator for a token with the role this needs"};
}

ServiceError ServiceError::policyDenied(std::string_view rule, std::string message) {
  const bool is_wrong = rule == policy_rule::name_unresolved || rule == policy_rule::target_invalid;
  return {.code = "policy_denied",
          .status_code = 403,
          .error = "Denied by policy",
          .message = std::move(message),
          .hint = rule == policy_rule::kill_switch
                      ? "Operators let scans go on with scanhostctl kill-switch off"
                  : is_wrong ? "Correct the target; a name must resolve where the service runs"
                             : "Scan targets within policy.targets.allow, or ask an operator to "
                               "extend it",
          .details = Json::object({{"rule", rule}})};
}

ServiceError ServiceError::taskNotFound(std::string_view task_id) {
  return {.code = "task_not_found",
          .status_code = 404,
          .error = "Task " + echo(task_id) + " not found",
          .message = "No task of yours has this id",
          .hint = "list_tasks shows the tasks you may see"};
}

ServiceError ServiceError::scannerNotFound(std::string message,
                                           const std::vector<std::string>& known) {
  return {.code = "scanner_not_found",
          .status_code = 404,
          .error = "Scanner not found",
          .message = std::move(message),
          .hint = knownNames("pools", known),
          .details = Json::object({{"known", knownArray(known)}})};
}

ServiceError ServiceError::poolNotFound(std::string_view pool,
                                        const std::vector<std::string>& known) {
  return {.code = "pool_not_found",
          .status_code = 404,
          .error = "Pool not found",
          .message = "There is no pool '" + echo(pool) + "'",
          .hint = knownNames("pools", known),
          .details = Json::object({{"known", knownArray(known)}})};
}

ServiceError ServiceError::resultsNotFound(std::string_view task_id) {
  return {.code = "results_not_found",
          .status_code = 404,
          .error = "Scan results not found",
          .message = "The findings of " + echo(task_id) + " were deleted or have expired",
          .hint = "Run the scan again"};
}

ServiceError ServiceError::conflict(std::string message) {
  return {.code = "conflict",
          .status_code = 409,
          .error = "Conflict",
          .message = std::move(message),
          .hint = "Use a new idempotency_key for a different request"};
}

ServiceError ServiceError::notCompleted(std::string_view state) {
  return {.code = "not_completed",
          .status_code = 409,
          .error = "Scan not completed yet (status: " + std::string(state) + ")",
          .message = "Results are served when the scan has completed",
          .hint = "Ask get_scan_status until it is completed, or pass partial: true",
          .details = Json::object({{"state", state}})};
}

ServiceError ServiceError::invalidState(std::string_view state, std::string message) {
  return {.code = "invalid_state",
          .status_code = 409,
          .error = "Invalid state",
          .message = std::move(message),
          .hint = "get_scan_status shows the present state",
          .details = Json::object({{"state", state}})};
}

ServiceError ServiceError::planChanged(std::string message) {
  return {.code = "plan_changed",
          .status_code = 409,
          .error = "Plan changed",
          .message = std::move(message),
          .hint = "Call plan_scan again, and look at what it says before you go on"};
}

ServiceError ServiceError::tooLarge(std::string message) {
  return {.code = "too_large",
          .status_code = 413,
          .error = "Response too large",
          .message = std::move(message),
          .hint = "Ask page by page, with a narrower filter or a smaller schema_profile"};
}

ServiceError ServiceError::unsupported(std::string message, std::string hint) {
  return {.code = "unsupported",
          .status_code = 422,
          .error = "Not supported",
          .message = std::move(message),
          .hint = std::move(hint)};
}

ServiceError ServiceError::queueFull(std::string_view pool) {
  return {.code = "queue_full",
          .status_code = 429,
          .error = "Queue full",
          .message = "Pool '" + std::string(pool) + "' holds as many waiting scans as it may",
          .hint = "Try again when scans have finished, or raise limits.queued_per_pool",
          .retry_after_s = 60.0};
}

ServiceError ServiceError::rateLimited(std::string message, double retry_after_s) {
  return {.code = "rate_limited",
          .status_code = 429,
          .error = "Rate limited",
          .message = std::move(message),
          .hint = "Try again later",
          .retry_after_s = retry_after_s};
}

ServiceError ServiceError::internal() {
  return {.code = "internal",
          .status_code = 500,
          .error = "Internal error",
          .message = "Something failed that should not; the service's log tells what",
          .hint = "Give the trace_id to an operator"};
}

ServiceError ServiceError::unavailable(std::string message) {
  return {.code = "unavailable",
          .status_code = 503,
          .error = "Unavailable",
          .message = std::move(message),
          .hint = "Try again with the same idempotency_key",
          .retry_after_s = 5.0};
}

ServiceError ServiceError::deadline() {
  return {.code = "deadline",
          .status_code = 504,
          .error = "Deadline exceeded",
          .message = "The answer took longer than the caller waits",
          .hint = "Ask again"};
}

ServiceError ServiceError::fromBackend(const Error& error) {
  ServiceError answer = internal();
  if (error.error_class == ErrorClass::timeout)
    answer = deadline();
  else if (error.error_class == ErrorClass::transient || error.error_class == ErrorClass::busy)
    answer = unavailable("The queue or the result store cannot serve this at the moment");
  answer.cause = error.message;
  return answer;
}

}  // namespace scanhost
