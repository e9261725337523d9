// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/reports.h"

#include <string>

#include "host/tasks/progress.h"

namespace scanhost {
namespace {

/// Errors about what the scanner delivered, in contrast to trouble in getting it.
bool isAboutReport(const Error& error) {
  return error.subject != ErrorSubject::backend &&
         (error.error_class == ErrorClass::transient || error.error_class == ErrorClass::internal);
}

/// Whether a scan had run to its end before its time was over; the rest was ours to do.
bool completedInSpite(const Ending& ending, const CollectOutcome& outcome, RemoteStatus status) {
  return ending.error_class == ErrorClass::timeout && status == RemoteStatus::completed &&
         !outcome.error && outcome.complete;
}

std::vector<std::string> loginWarnings(AuthenticationStatus status) {
  if (status == AuthenticationStatus::partial)
    return {"Login failed or was too weak on some hosts; local checks did not run there"};
  if (status == AuthenticationStatus::unknown)
    return {"Nothing tells whether login worked; local checks may not have run"};
  return {};
}

}  // namespace

std::optional<Error> reportFault(const CollectOutcome& outcome) {
  if (!outcome.complete)
    return Error{ErrorClass::transient,
                 "the results are not complete: " + outcome.incomplete_reason,
                 ErrorSubject::task,
                 {}};
  return validationFault(outcome);
}

void Reports::take(Run& run, const CollectOutcome& outcome, RemoteStatus status) {
  if (run.interrupted() && (outcome.error || !outcome.complete)) return;  // it is handed back
  if (!outcome.generation.empty()) {
    run.progress.results_summary = outcome.summary.toJson();
    run.progress.coverage = outcome.coverage.toJson();
    run.progress.authentication_status = authenticationName(outcome.authentication);
  }
  if (run.ending && !completedInSpite(*run.ending, outcome, status))
    return endings_.end(run, outcome.generation);
  if (outcome.error) {
    if (isAboutReport(*outcome.error) && !outcome.store_failed)
      return refuse(run, *outcome.error, outcome);
    return endings_.fail(run, *outcome.error, outcome.generation);
  }
  if (status == RemoteStatus::stopped)
    return endings_.finish(run, {.state = TaskState::cancelled,
                                 .error_class = ErrorClass::cancelled,
                                 .message = "stopped on the scanner",
                                 .generation = outcome.generation});
  if (status == RemoteStatus::aborted)
    return endings_.fail(
        run, {ErrorClass::transient, "the scanner aborted the scan", ErrorSubject::task, {}},
        outcome.generation);
  if (const auto fault = reportFault(outcome)) return refuse(run, *fault, outcome);
  accept(run, outcome);
}

void Reports::accept(Run& run, const CollectOutcome& outcome) {
  const Work& work = runs_.work();
  run.progress.warnings = loginWarnings(outcome.authentication);
  noteProgress(work, run, 100, "completed");
  work.metrics.recordValidationSuccess(run.task.pool);
  Json warnings = Json::array();
  for (const std::string& warning : run.progress.warnings) warnings.push(warning);
  work.events.emit(Level::info, "validation_passed", run.task,
                   Json::object({{"reason", nullptr}, {"warnings", warnings}}));
  endings_.finish(run, {.state = TaskState::completed, .generation = outcome.generation});
}

void Reports::refuse(Run& run, const Error& fault, const CollectOutcome& outcome) {
  const Work& work = runs_.work();
  const std::string reason(validationReason(fault));
  work.metrics.recordValidationFailure(run.task.pool, reason);
  work.events.emit(Level::error, "validation_failed", run.task,
                   Json::object({{"reason", reason}, {"warnings", Json::array()}}));
  if (outcome.authentication == AuthenticationStatus::failed) {
    work.metrics.recordAuthFailure(run.task.pool, run.submission.scan_type);
    work.events.emit(Level::warning, "target_authentication_failed", run.task,
                     Json::object({{"hosts_failed", outcome.coverage.authentication->failed},
                                   {"hosts_answered", outcome.coverage.hosts_answered}}));
  }
  endings_.fail(run, fault, outcome.generation);
}

}  // namespace scanhost
