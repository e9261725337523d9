// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/remote_scans.h"

#include <algorithm>
#include <utility>

#include "host/base/fault_points.h"

namespace scanhost {
namespace {

constexpr std::size_t most_requests = 3;
/// After asking a scanner for something, its effect is looked for soon.
constexpr std::chrono::seconds effect_after{1};
constexpr std::chrono::seconds ask_again{5};

/// A pause begins or ends, in the running time too.
void markPause(ProgressDocument& progress, TaskState state, Timestamp now) {
  if (state == TaskState::paused) {
    progress.paused_at = now;
  } else if (progress.paused_at) {
    progress.paused_us += now.micros - progress.paused_at->micros;
    progress.paused_at.reset();
  }
}

void noteAnswer(Run& run, const std::optional<Error>& error, bool store_failed = false) {
  if (!store_failed) run.instance->recordAnswer(error ? &*error : nullptr);
}

}  // namespace

/// Makes one request to a scanner, if its instance has fewer than the most under way; otherwise the
/// run is looked at again when one of them ends.
template <class Job, class Done>
bool RemoteScans::request(Run& run, Job job, Done done) {
  Requests& requests = requests_[run.instance];
  if (requests.under_way == most_requests) {
    if (!std::exchange(run.waiting, true))
      requests.waiting.emplace_back(run.task.id, run.task.epoch);
    return false;
  }
  run.waiting = false;
  ++requests.under_way;
  runs_.step(run, Pool::scanner, std::move(job), std::move(done),
             [this, instance = run.instance] { requestEnded(instance); });
  return true;
}

void RemoteScans::requestEnded(const ScannerInstance* instance) {
  Requests& requests = requests_[instance];
  --requests.under_way;
  while (!requests.waiting.empty()) {
    const auto [id, epoch] = std::move(requests.waiting.front());
    requests.waiting.pop_front();
    Run* next = runs_.find(id, epoch);
    if (next && next->waiting) return runs_.look(*next);
  }
}

void RemoteScans::launch(Run& run) {
  request(
      run, [&work = runs_.work(), context = run.context()] { return launchRemote(work, context); },
      [this](Run& found, LaunchOutcome outcome) { launchEnded(found, std::move(outcome)); });
}

void RemoteScans::settle(Run& run) {
  request(
      run, [&work = runs_.work(), context = run.context()] { return settleLaunch(work, context); },
      [this](Run& found, LaunchOutcome outcome) { launchEnded(found, std::move(outcome)); });
}

void RemoteScans::launchEnded(Run& run, LaunchOutcome outcome) {
  const Work& work = runs_.work();
  const TaskFlags flags = std::exchange(run.task, std::move(outcome.task)).flags;
  run.task.flags.cancel_requested = flags.cancel_requested;  // what was asked for meanwhile is
  run.task.flags.pause_requested = flags.pause_requested;    // told by the renewals alone
  if (outcome.lease_lost) return endings_.lose(run);
  noteAnswer(run, outcome.error, outcome.store_failed);
  if (outcome.error) return endings_.fail(run, *outcome.error);
  if (!run.launched()) return;
  if (!run.progress.launched_at) run.progress.launched_at = work.time.wall();
  run.progress_changed = run.renew_soon = true;
  run.next_poll = work.time.steady() +
                  std::min<Runs::Clock::duration>(effect_after, work.config.tasks.poll_interval);
}

void RemoteScans::stop(Run& run) {
  if (ask(run, &ScannerClient::stop, [](Run& refused) { refused.stop_sent.reset(); }))
    run.stop_sent = runs_.work().time.steady();
}

void RemoteScans::pause(Run& run) {
  if (!ask(run, &ScannerClient::pause, [](Run& refused) { refused.pause_sent = false; })) return;
  run.pause_sent = true;
  run.progress.pause_asked = run.progress_changed = true;
}

void RemoteScans::resume(Run& run) {
  const auto undo = [](Run& refused) {
    refused.resume_wanted = refused.pause_sent = refused.progress.pause_asked = true;
  };
  if (!ask(run, &ScannerClient::resume, undo)) return;
  run.resume_wanted = run.pause_sent = run.progress.pause_asked = false;
  run.progress_changed = true;
}

/// Sends a request whose effect the next polls tell. `undo` when the scanner did not take it.
bool RemoteScans::ask(Run& run, Question question, std::function<void(Run&)> undo) {
  return request(
      run,
      [question, &work = runs_.work(), context = run.context()] {
        return (context.instance->client().*question)(
            remoteScanOf(context.task), work.callFor(context.task, Work::scanner_timeout));
      },
      [this, undo = std::move(undo)](Run& found, Status asked) {
        killPoint("after_request");
        noteAnswer(found, asked ? std::nullopt : std::optional(asked.error()));
        const auto now = runs_.work().time.steady();
        found.next_poll = now + effect_after;
        if (asked) return;
        undo(found);
        found.next_request = now + ask_again;
        found.progress.scanner_error = asked.error().message;
        found.progress_changed = true;
      });
}

void RemoteScans::writeState(Run& run) {
  const TaskState state = *std::exchange(run.confirmed_state, std::nullopt);
  const Timestamp now = runs_.work().time.wall();
  ProgressDocument progress = run.progress;
  markPause(progress, state, now);
  Change change;
  change.state = state;
  change.progress = progress.toText();
  runs_.step(
      run, Pool::queue,
      [change, &work = runs_.work(), task = run.task] {
        return work.queue.advance(task.lease(), change, work.callFor(task, Work::queue_timeout));
      },
      [this, state, now](Run& found, Result<TaskAnswer> answer) {
        killPoint("after_state");
        if (!answer) return;  // the next poll confirms it again
        if (answer->outcome != QueueOutcome::done) return endings_.lose(found);
        markPause(found.progress, state, now);
        const Work& work = runs_.work();
        announceMove(work, found.task, found.task.state, state, "confirmed by the scanner");
        found.task.state = state;
        work.events.emit(Level::info, state == TaskState::paused ? "scan_paused" : "scan_resumed",
                         found.task);
      });
}

/// The scanner gave up on its own, and the next attempt starts anew. It finds the remains by their
/// marker and removes them: were they removed here, a node that died before the attempt is written
/// as spent would leave a task that refers to nothing.
void RemoteScans::forgetScan(Run& run) {
  run.task.reference.clear();
  run.task.run_id.clear();
}

void RemoteScans::collect(Run& run) {
  runs_.step(
      run, Pool::reports,
      [&work = runs_.work(), context = run.context()] { return collectRemote(work, context); },
      [this](Run& found, CollectOutcome outcome) {
        killPoint("after_collect");
        noteAnswer(found, outcome.error, outcome.store_failed);
        const bool starts_anew =
            *found.ended == RemoteStatus::aborted && !found.ending && !outcome.error;
        if (starts_anew) forgetScan(found);
        reports_.take(found, outcome, *found.ended);
      });
}

}  // namespace scanhost
