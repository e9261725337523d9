// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/endings.h"

#include <utility>

#include "host/base/fault_points.h"
#include "host/tasks/backoff.h"
#include "host/tasks/decide.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds write_again{2};

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

void Endings::fail(Run& run, const Error& error, std::string generation) {
  const Work& work = runs_.work();
  if (run.interrupted()) return;  // it is handed back
  FailureDecision decision = decide(error, run.task, work.config.tasks, work.random_share());
  if (run.ending) {
    const bool may_run_on = decision.retry && run.isRemote() && run.maybeLaunched();
    if (!may_run_on) return end(run, std::move(generation));
    decision.spend_attempt = false;
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
  giveBack(run, {.stay_running = decision.keep_scan,
                 .spend_attempt = decision.spend_attempt,
                 .error_class = error.error_class,
                 .delay = decision.delay,
                 .error_message = error.message});
}

void Endings::giveBack(Run& run, Release release) {
  run.release = std::move(release);
}

void Endings::handBack(Run& run) {
  Release release;
  release.stay_running = !run.task.reference.empty();
  giveBack(run, std::move(release));
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
        runs_.drop(found);
      });
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
        runs_.drop(found);
      });
}

void Endings::announceSuccess(const Run& run) {
  const Work& work = runs_.work();
  const double seconds = secondsSinceStart(work, run.task);
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
  work.metrics.recordScanCompletion(run.submission.scan_type, status, duration);
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
