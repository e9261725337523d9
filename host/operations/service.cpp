// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/service.h"

#include <algorithm>
#include <cmath>

#include "host/tasks/task_id.h"

namespace scanhost {

void addServiceOperations(Operations& operations, const Service& service) {
  addSubmitOperations(operations, service);
  addPlanOperation(operations, service);
  addStatusOperation(operations, service);
  addResultsOperation(operations, service);
  addCompareOperation(operations, service);
  addExportOperation(operations, service);
  addListTasksOperation(operations, service);
  addInfrastructureOperations(operations, service);
  addCancelOperation(operations, service);
  addPauseOperation(operations, service);
  addResumeOperation(operations, service);
  addDeleteOperation(operations, service);
  addListDeadLettersOperation(operations, service);
  addRedriveOperation(operations, service);
  addPurgeOperation(operations, service);
  addReloadOperation(operations, service);
  if (service.work.ledger) addListAuditOperation(operations, service);
  if (service.work.kill_switch) addKillSwitchOperations(operations, service);
}

tl::expected<QueuedTask, ServiceError> findTask(const Service& service, const std::string& task_id,
                                                const OperationContext& context) {
  const auto unknown = [&] {
    return tl::unexpected<ServiceError>(ServiceError::taskNotFound(task_id));
  };
  if (!isTaskId(task_id)) return unknown();
  auto found = service.work.queue.get(task_id, callFor(context, Work::queue_timeout));
  if (!found) return tl::unexpected<ServiceError>(ServiceError::fromBackend(found.error()));
  if (!*found) return unknown();
  if (!context.caller.seesEverything() && (*found)->owner != context.caller.subject)
    return unknown();
  return std::move(**found);
}

std::optional<ServiceError> knownPool(const Service& service,
                                      const std::optional<std::string>& pool) {
  if (!pool || service.work.scanners->hasPool(*pool)) return std::nullopt;
  return ServiceError::poolNotFound(*pool, service.work.scanners->pools());
}

CallOptions callFor(const OperationContext& context, std::chrono::nanoseconds timeout) {
  CallOptions options;
  options.timeout = timeout;
  if (context.deadline_ns != INT64_MAX)
    options.timeout = std::min(timeout, std::chrono::nanoseconds(std::max<std::int64_t>(
                                            0, context.deadline_ns - monotonicNanos())));
  options.trace = context.trace.abi();
  options.spans = context.spans;
  return options;
}

Json timeOrNull(std::int64_t micros) {
  return micros == 0 ? Json() : Json(formatTimestamp(Timestamp{micros}));
}

Json textOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

double oneDecimal(double value) {
  return std::round(value * 10) / 10;
}

}  // namespace scanhost
