// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/polls.h"

#include <algorithm>
#include <map>
#include <utility>

#include "host/base/fault_points.h"
#include "host/tasks/backoff.h"
#include "host/tasks/progress.h"

namespace scanhost {
namespace {

/// The effect of what was asked for is looked for soon; no scan is asked about more often.
constexpr std::chrono::milliseconds soonest{1'000};
/// Scans due this much later are asked about along with the others.
constexpr std::chrono::milliseconds along{500};
/// A scan that is missing twice in a row is gone.
constexpr int gone_for_good = 2;

std::chrono::nanoseconds nextPollAfter(const Run& run, const RemoteState& state,
                                       std::chrono::nanoseconds interval) {
  const std::chrono::nanoseconds least = std::min<std::chrono::nanoseconds>(interval, soonest);
  if (run.ending || state.state == RemoteStatus::gone) return least;
  return state.next_poll.count() > 0 ? std::clamp(state.next_poll, least, interval) : interval;
}

bool goesOn(RemoteStatus status) {
  return status != RemoteStatus::completed && status != RemoteStatus::stopped &&
         status != RemoteStatus::aborted && status != RemoteStatus::gone;
}

bool isFollowed(const Run& run) {
  return run.isRemote() && run.launched() && !run.leaving() && !run.ended;
}

}  // namespace

void Polls::turn(Runs::Clock::time_point now) {
  std::map<ScannerPtr, std::vector<Asked>> due;
  std::set<ScannerPtr> overdue;
  for (const Run* run : runs_.all()) {
    if (run->busy || !isFollowed(*run) || asking_.count(run->instance) != 0) continue;
    const auto when = run->next_poll.value_or(now);
    if (when > now + along) continue;
    if (when <= now) overdue.insert(run->instance);
    due[run->instance].push_back({run->task.id, run->task.epoch, remoteScanOf(run->task)});
  }
  for (const ScannerPtr& instance : runs_.work().scanners->all())
    if (overdue.erase(instance) != 0) ask(instance, std::move(due[instance]));
  for (const ScannerPtr& retired : overdue) ask(retired, std::move(due[retired]));
}

Polls::StatesByReference Polls::byReference(const std::vector<RemoteState>& states) {
  StatesByReference found;
  found.reserve(states.size());
  for (const RemoteState& state : states) found.emplace(state.reference, &state);
  return found;
}

void Polls::ask(const ScannerPtr& instance, std::vector<Asked> asked) {
  asking_.insert(instance);
  std::vector<RemoteScan> scans;
  scans.reserve(asked.size());
  for (const Asked& one : asked) scans.push_back(one.scan);
  runs_.loop().offload(
      Pool::scanner,
      [instance, scans = std::move(scans), stopping = runs_.stopping()] {
        return instance->client()
            .poll(scans, {.timeout = Work::scanner_timeout, .cancel = stopping})
            .map_error(scannerError);
      },
      [this, instance, asked = std::move(asked)](Result<std::vector<RemoteState>> states) {
        killPoint("after_poll");
        asking_.erase(instance);
        instance->recordAnswer(states ? nullptr : &states.error());
        const auto told_of = states ? byReference(*states) : StatesByReference();
        for (const Asked& one : asked) {
          Run* run = runs_.find(one.id, one.epoch);
          if (!run || run->busy || !isFollowed(*run)) continue;
          if (states)
            told(*run, told_of);
          else
            failed(*run, states.error());
          runs_.look(*run);
        }
      });
}

void Polls::failed(Run& run, const Error& error) {
  const Work& work = runs_.work();
  const TasksConfig settings = work.config->tasks;
  const auto now = work.time.steady();
  if (!run.failing_since) run.failing_since = now;
  run.progress.scanner_error = error.message;
  run.progress_changed = true;
  const auto retry = std::max<std::chrono::nanoseconds>(
      error.retry_after,
      retryDelay(3, settings.retry.base_delay, settings.retry.max_delay, work.random_share()));
  work.events.emit(Level::warning, "poll_failed", run.task,
                   Json::object({{"error_class", errorClassName(error.error_class)},
                                 {"error_message", error.message},
                                 {"retry_s", std::chrono::duration<double>(retry).count()}}));
  run.next_poll = now + std::chrono::duration_cast<Runs::Clock::duration>(retry);
  if (run.ending) {
    endings_.endInSpiteOf(run, error.message);
    return;
  }
  if (now - *run.failing_since > settings.scanner_outage)
    endings_.giveBack(run, {.stay_running = true,
                            .spend_attempt = false,
                            .error_class = error.error_class,
                            .delay = retry,
                            .error_message = error.message});
}

void Polls::told(Run& run, const StatesByReference& states) {
  const auto found = states.find(run.task.reference);
  const auto interval = runs_.work().config->tasks.poll_interval;
  if (found == states.end())
    run.next_poll = runs_.work().time.steady() + interval;
  else
    takeState(run, *found->second);
}

void Polls::takeState(Run& run, const RemoteState& state) {
  const Work& work = runs_.work();
  // What comes after the scan can be deadly, too: only while it goes on do takeovers count anew.
  run.good_poll = run.good_poll || goesOn(state.state);
  run.failing_since.reset();
  run.unheard_of = false;
  run.progress.scanner_error.clear();
  if (!run.progress.polled_at)
    work.metrics.observeFirstPoll(run.task.pool, runningTime(run.times, work.ages.anchored()));
  run.gone_polls = state.state == RemoteStatus::gone ? run.gone_polls + 1 : 0;
  noteProgress(work, run, state.percent, state.status);
  const auto next = nextPollAfter(run, state, work.config->tasks.poll_interval);
  run.next_poll = work.time.steady() + std::chrono::duration_cast<Runs::Clock::duration>(next);
  work.events.emit(Level::debug, "scan_polled", run.task,
                   Json::object({{"scanner_status", state.status},
                                 {"progress", state.percent},
                                 {"next_poll_s", std::chrono::duration<double>(next).count()}}));
  if (!state.run_id.empty() && state.run_id != run.task.run_id && !run.ending) {
    work.events.emit(Level::error, "second_run_detected", run.task,
                     Json::object({{"remote_ref", run.task.reference}, {"run_id", state.run_id}}));
    run.endAs({TaskState::failed, ErrorClass::ambiguous,
               "the remote scan was started a second time by someone else"},
              work.ages);
  }
  takeStatus(run, state.state);
}

void Polls::takeStatus(Run& run, RemoteStatus status) {
  switch (status) {
    case RemoteStatus::completed:
    case RemoteStatus::stopped:
    case RemoteStatus::aborted: run.ended = status; return;
    case RemoteStatus::gone:
      if (run.gone_polls < gone_for_good) return;
      runs_.work().events.emit(Level::error, "scan_lost", run.task,
                               Json::object({{"remote_ref", run.task.reference}}));
      if (run.ending) return endings_.end(run);
      return endings_.fail(
          run, {ErrorClass::lost, "the scan was deleted on the scanner", ErrorSubject::task, {}});
    case RemoteStatus::paused:
      if (run.task.state == TaskState::running) run.confirmed_state = TaskState::paused;
      return;
    case RemoteStatus::running:
    case RemoteStatus::pending:
      if (run.task.state == TaskState::paused) run.confirmed_state = TaskState::running;
      return;
    case RemoteStatus::created:
    case RemoteStatus::stopping: return;
  }
}

}  // namespace scanhost
