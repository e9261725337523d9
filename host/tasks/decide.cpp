// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/decide.h"

#include <algorithm>

#include "host/tasks/backoff.h"

namespace scanhost {
namespace {

FailureDecision endAs(TaskState state, bool dead_letter = false) {
  FailureDecision decision;
  decision.state = state;
  decision.dead_letter = dead_letter;
  return decision;
}

}  // namespace

FailureDecision decide(const Error& error, const QueuedTask& task, const TasksConfig& settings,
                       double share) {
  const std::chrono::nanoseconds backoff =
      retryDelay(task.attempt, settings.retry.base_delay, settings.retry.max_delay, share);
  const auto again = [&](bool spend_attempt, bool keep_scan, std::chrono::nanoseconds delay) {
    FailureDecision decision;
    decision.retry = true;
    decision.spend_attempt = spend_attempt;
    decision.keep_scan = keep_scan && !task.reference.empty();
    decision.delay = delay;
    return decision;
  };
  const bool attempts_left = task.attempt < settings.retry.max_attempts;

  switch (error.error_class) {
    case ErrorClass::lost:
      if (settings.relaunch_lost && attempts_left)
        return again(true, false, std::max(error.retry_after, backoff));
      return endAs(TaskState::failed, true);
    case ErrorClass::ambiguous: return endAs(TaskState::failed, true);
    case ErrorClass::cancelled: return endAs(TaskState::cancelled);
    case ErrorClass::busy:
      return again(false, true, error.retry_after.count() > 0 ? error.retry_after : backoff);
    default: break;
  }
  if (error.subject == ErrorSubject::backend)
    return again(false, true, std::max(error.retry_after, backoff));

  switch (error.error_class) {
    case ErrorClass::transient:
    case ErrorClass::internal:
      if (attempts_left) return again(true, true, std::max(error.retry_after, backoff));
      return endAs(TaskState::failed, true);
    case ErrorClass::timeout: return endAs(TaskState::timeout);
    default: return endAs(TaskState::failed);
  }
}

}  // namespace scanhost
