// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/endings.h"

#include <scanhost/abi/scanner.h>

#include <utility>

#include "host/base/fault_points.h"
#include "host/tasks/backoff.h"
#include "host/tasks/decide.h"
#include "host/tasks/remote_cleanup.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds write_again{2};

/// Whether no other instance could go on with it.
bool isTiedToScanner(const Run& run) {
  return !run.task.reference.empty() || run.boundByDoubt();
}

std::string whoStops(const ScannerInstance& instance, const QueuedTask& task) {
  const std::string marker = makeMarker(task.id, task.launch);
  if (instance.can(SCANHOST_SCANNER_FINDS))
    return "housekeeping stops it by its marker " + marker + " when the scanner answers";
  return "look on the scanner for " + marker + " and stop it there";
}

}  // namespace

double secondsSinceStart(const Work& work, const QueuedTask& task) {
  return static_cast<double>(work.time.wall().micros - task.started_us) / 1e6;
}

void announceMove(const Work& work, const QueuedTask& task, TaskState from, TaskState to,
                  std::string_view reason) {
  work.events.emit(Level::info, "scan_state_transition", task,
                   Json::object({{"from_state", taskStateName(from)},
                                 {"to_state", taskStateName(to)},
                                 {"lease_epoch", task.epoch},
                                 {"reason", reason}}));
}

void Endings::finish(Run& run, Outcome outcome) {
  run.progress.ending_since.reset();
  Finish finish;
  finish.state = outcome.state;
  finish.error_class = outcome.error_class;
  finish.dead_letter = outcome.dead_letter;
  finish.completed_us = runs_.work().time.wall().micros;
  finish.error_message = std::move(outcome.message);
  finish.generation = std::move(outcome.generation);
  finish.progress = run.progress.toText();
  run.finish = std::move(finish);
}

void Endings::end(Run& run, std::string generation) {
  const Ending& ending = *run.ending;
  finish(run, {.state = ending.state,
               .error_class = ending.error_class,
               .message = ending.message,
               .dead_letter = ending.error_class == ErrorClass::ambiguous,
               .generation = std::move(generation)});
}

bool Endings::endInSpiteOf(Run& run, std::string_view trouble) {
  const Work& work = runs_.work();
  const std::chrono::milliseconds patience = work.config->tasks.scanner_outage;
  const std::chrono::microseconds tried(work.ages.anchored().micros -
                                        run.times.ending_since->micros);
  if (tried < patience) return false;
  run.ending->message += "; the remote scan could not be stopped for " + formatDuration(patience) +
                         " (tasks.scanner_outage): " + std::string(trouble) +
                         ". It may run on: " + whoStops(*run.instance, run.task);
  work.events.emit(
      Level::warning, "remote_scan_kept", run.task,
      Json::object({{"remote_ref", run.task.reference}, {"error_message", run.ending->message}}));
  end(run);
  return true;
}

void Endings::fail(Run& run, const Error& error, std::string generation) {
  const Work& work = runs_.work();
  if (run.interrupted()) return;  // it is handed back
  FailureDecision decision = decide(error, run.task, work.config->tasks, work.random_share());
  if (run.ending) {
    const bool may_run_on = decision.retry && run.isRemote() && run.maybeLaunched();
    if (!may_run_on) return end(run, std::move(generation));
    return endLater(run, error, decision.delay);
  }
  if (error.error_class == ErrorClass::ambiguous)
    work.events.emit(
        Level::warning, "launch_ambiguous", run.task,
        Json::object({{"error_class", "ambiguous"}, {"error_message", error.message}}));
  if (!decision.retry)
    return finish(run, {.state = decision.state,
                        .error_class = error.error_class,
                        .message = error.message,
                        .dead_letter = decision.dead_letter,
                        .generation = std::move(generation)});

  work.metrics.recordTaskRetry(run.task.pool, error.error_class);
  work.events.emit(
      Level::warning, "scan_retry_scheduled", run.task,
      Json::object({{"error_class", errorClassName(error.error_class)},
                    {"error_message", error.message},
                    {"attempt", run.task.attempt},
                    {"delay_s", std::chrono::duration<double>(decision.delay).count()}}));
  giveBack(run, {.stay_running = decision.keep_scan || run.boundByDoubt(),
                 .spend_attempt = decision.spend_attempt,
                 .error_class = error.error_class,
                 .delay = decision.delay,
                 .error_message = error.message});
}

/// Whether its scan runs is not known yet: this node asks again. Given back it would wait for its
/// scanner's breaker, and nothing would bound that.
void Endings::endLater(Run& run, const Error& error, std::chrono::nanoseconds delay) {
  run.progress.scanner_error = error.message;
  run.progress_changed = true;
  if (endInSpiteOf(run, error.message)) return;
  run.next_request =
      runs_.work().time.steady() + std::chrono::duration_cast<Runs::Clock::duration>(delay);
}

void Endings::giveBack(Run& run, Release release) {
  run.release = std::move(release);
}

void Endings::waitForScanner(Run& run) {
  const ScannerSettings& scanner = run.instance->settings();
  const bool tied = isTiedToScanner(run);
  giveBack(run, {.stay_running = tied,
                 .spend_attempt = false,
                 .error_class = ErrorClass::transient,
                 .delay = tied ? scanner.circuit.open_for : std::chrono::nanoseconds(0),
                 .error_message = scanner.key() + " takes no work at present: " +
                                  run.instance->condition().reason});
}

void Endings::handBack(Run& run) {
  Release release;
  release.stay_running = isTiedToScanner(run);
  giveBack(run, std::move(release));
}

void Endings::leaveScanner(Run& run) {
  giveBack(run, {.stay_running = isTiedToScanner(run),
                 .spend_attempt = false,
                 .error_class = ErrorClass::transient,
                 .error_message = run.instance->settings().key() +
                                  (run.interrupted()
                                       ? " was replaced, and the scan ran on there for longer than "
                                         "node.swap_drain"
                                       : " was taken out of the configuration")});
}

void Endings::lose(Run& run, std::optional<std::uint64_t> found_epoch) {
  runs_.work().metrics.recordLeaseLost(run.task.pool);
  runs_.work().events.emit(
      Level::warning, "lease_lost", run.task,
      Json::object({{"worker_id", run.task.worker},
                    {"lease_epoch", run.task.epoch},
                    {"found_epoch", found_epoch ? Json(*found_epoch) : Json()}}));
  runs_.drop(run);
}

/// Whether the queue took it. Else it is tried again later, or the task was lost and `run` is gone.
bool Endings::written(Run& run, const Result<QueueOutcome>& outcome) {
  if (!outcome) {
    run.next_write = runs_.work().time.steady() + write_again;
    return false;
  }
  if (*outcome == QueueOutcome::done) return true;
  lose(run);
  return false;
}

void Endings::writeFinish(Run& run) {
  runs_.step(
      run, Pool::queue,
      [&work = runs_.work(), finish = *run.finish, task = run.task] {
        killPoint("before_finish");
        return work.queue.finish(task.lease(), finish, work.callFor(task, Work::queue_timeout));
      },
      [this](Run& found, Result<QueueOutcome> outcome) {
        killPoint("after_finish");
        if (!written(found, outcome)) return;
        announceEnd(found);
        runs_.traceEnd(found);
        if (found.deadly) stopRemains(found.task);
        runs_.drop(found);
      });
}

/// Only now, when its end is written: should this kill the node as well, it was the last time.
void Endings::stopRemains(const QueuedTask& task) {
  runs_.loop().offload(
      Pool::scanner,
      [&work = runs_.work(), task, stopping = runs_.stopping()] {
        return stopRemoteScans(work, task, stopping);
      },
      [](std::size_t) {});
}

void Endings::writeRelease(Run& run) {
  runs_.step(
      run, Pool::queue,
      [&work = runs_.work(), release = *run.release, task = run.task] {
        killPoint("before_release");
        return work.queue.release(task.lease(), release, work.callFor(task, Work::queue_timeout));
      },
      [this](Run& found, Result<QueueOutcome> outcome) {
        killPoint("after_release");
        if (!written(found, outcome)) return;
        const Release& release = *found.release;
        if (!release.stay_running)
          announceMove(runs_.work(), found.task, found.task.state, TaskState::queued,
                       release.error_class ? release.error_message : "handed back");
        if (!release.error_class) ++handed_back_;
        runs_.traceEnd(found);
        runs_.drop(found);
      });
}

void Endings::announceSuccess(const Run& run) {
  const Work& work = runs_.work();
  const double seconds = secondsSinceStart(work, run.task);
  if (work.scanners->find(run.task.pool, run.task.instance))
    work.metrics.updateScannerLastSuccess(run.task.pool, run.task.instance, work.time.wall());
  work.durations.record(run.task.pool, std::chrono::seconds(static_cast<std::int64_t>(seconds)));
  const Json& summary = run.progress.results_summary;
  work.events.emit(Level::info, "scan_completed", run.task,
                   Json::object({{"duration_seconds", seconds},
                                 {"vulnerabilities_found", summary["total_vulnerabilities"]},
                                 {"hosts_scanned", summary["hosts_scanned"]},
                                 {"authentication_status", run.progress.authentication_status}}));
}

void Endings::announceEnd(const Run& run) {
  const Work& work = runs_.work();
  const Finish& finish = *run.finish;
  const char* status = taskStateName(finish.state);
  const std::string error_class = finish.error_class ? errorClassName(*finish.error_class) : "";
  announceMove(work, run.task, run.task.state, finish.state,
               finish.state == TaskState::completed ? "completed" : finish.error_message);
  std::optional<Metrics::Seconds> duration;
  if (run.task.started_us > 0) duration = Metrics::Seconds(secondsSinceStart(work, run.task));
  work.metrics.recordScanCompletion(run.submission.scan_type, status, duration,
                                    recordedTrace(run.task, work.spans));
  if (finish.state == TaskState::completed) announceSuccess(run);
  if (finish.state == TaskState::cancelled)
    work.events.emit(Level::info, "scan_cancelled", run.task);
  if (finish.state == TaskState::failed || finish.state == TaskState::timeout)
    work.events.emit(Level::error, "scan_failed", run.task,
                     Json::object({{"error_type", error_class},
                                   {"error_message", finish.error_message},
                                   {"final_status", status},
                                   {"attempt", run.task.attempt}}));
  if (!finish.dead_letter) return;
  work.metrics.recordDeadLetter(run.task.pool);
  work.events.emit(Level::error, "task_dead_lettered", run.task,
                   Json::object({{"error_class", error_class}, {"attempts", run.task.attempt}}));
}

}  // namespace scanhost
