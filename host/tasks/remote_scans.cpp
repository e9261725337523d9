// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/remote_scans.h"

#include <algorithm>
#include <utility>

#include "host/base/fault_points.h"
#include "host/tasks/time_limits.h"

namespace scanhost {
namespace {

constexpr std::size_t most_requests = 3;
/// After asking a scanner for something, its effect is looked for soon.
constexpr std::chrono::seconds effect_after{1};
constexpr std::chrono::seconds ask_again{5};

/// How a request went.
struct Answer {
  std::optional<Error> error = std::nullopt;
  bool store_failed = false;  ///< `error` came from the queue and says nothing about the scanner
  bool lease_lost = false;
};

/// Writes `before` to the queue, if there is something, then asks the scanner. Blocks.
Answer put(const Work& work, const TaskContext& context,
           Status (ScannerClient::*question)(const RemoteScan&, CallOptions) const,
           const std::optional<Change>& before) {
  const QueuedTask& task = context.task;
  if (before) {
    const auto written =
        work.queue.advance(task.lease(), *before, work.callFor(task, Work::queue_timeout));
    if (!written) return {.error = written.error(), .store_failed = true};
    if (written->outcome != QueueOutcome::done) return {.lease_lost = true};
    killPoint("after_pause_note");
  }
  const Status asked = (context.instance->client().*question)(
      remoteScanOf(task), work.callFor(task, Work::scanner_timeout, context.cancel));
  if (!asked) return {.error = scannerError(asked.error())};
  return {};
}

void noteAnswer(Run& run, const std::optional<Error>& error, bool store_failed = false) {
  if (!store_failed) run.instance->recordAnswer(error ? &*error : nullptr);
}

}  // namespace

/// Makes one request to a scanner, if its instance has fewer than the most under way; otherwise the
/// run is looked at again when one of them ends.
template <class Job, class Done>
bool RemoteScans::request(Run& run, Job job, Done done) {
  Requests& requests = requests_[run.instance.get()];
  if (requests.under_way == most_requests) {
    if (!std::exchange(run.waiting, true))
      requests.waiting.emplace_back(run.task.id, run.task.epoch);
    return false;
  }
  run.waiting = false;
  ++requests.under_way;
  runs_.step(run, Pool::scanner, std::move(job), std::move(done),
             [this, instance = run.instance] { requestEnded(instance.get()); });
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
  if (requests.under_way == 0) requests_.erase(instance);
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
  run.launch_in_doubt = outcome.in_doubt;
  if (outcome.lease_lost) return endings_.lose(run);
  noteAnswer(run, outcome.error, outcome.store_failed);
  if (outcome.error) return endings_.fail(run, *outcome.error);
  if (run.task.launch == 0 && run.task.reference.empty())
    run.submission.resubmitted = false;  // the scanner was asked, and has no scan of it
  if (!run.launched()) return;
  if (!run.progress.launched_at) run.launchedNow(work.ages);
  run.progress_changed = run.renew_soon = true;
  run.next_poll = work.time.steady() +
                  std::min<Runs::Clock::duration>(effect_after, work.config->tasks.poll_interval);
}

void RemoteScans::stop(Run& run) {
  const bool in_vain = run.stop_sent.has_value();
  if (in_vain && endings_.endInSpiteOf(run, "the scanner was asked to stop it, and it goes on"))
    return runs_.look(run);
  ask(run, &ScannerClient::stop, &Run::stop_sent);
}

/// That it is asked to pause is known to the queue before the scanner is: whoever holds the task
/// when the pause takes effect, be it late, can tell it from one that somebody made there.
void RemoteScans::pause(Run& run) {
  run.progress.pause_asked = true;
  Change asked;
  asked.progress = run.progress.toText();
  ask(run, &ScannerClient::pause, &Run::pause_sent, std::move(asked));
}

void RemoteScans::resume(Run& run) {
  ask(run, &ScannerClient::resume, &Run::resume_sent);
}

void RemoteScans::ask(Run& run, Question question, Sent sent, std::optional<Change> before) {
  const bool asked = request(
      run,
      [question, before = std::move(before), &work = runs_.work(), context = run.context()] {
        return put(work, context, question, before);
      },
      [this, sent](Run& found, Answer answer) {
        killPoint("after_request");
        if (answer.lease_lost) return endings_.lose(found);
        noteAnswer(found, answer.error, answer.store_failed);
        const auto now = runs_.work().time.steady();
        found.next_poll = now + effect_after;
        if (!answer.error) return;
        (found.*sent).reset();
        found.next_request = now + ask_again;
        found.progress.scanner_error = answer.error->message;
        found.progress_changed = true;
        if (found.ending) endings_.endInSpiteOf(found, answer.error->message);
      });
  if (asked) run.*sent = runs_.work().time.steady();
}

void RemoteScans::writeState(Run& run) {
  const TaskState state = *std::exchange(run.confirmed_state, std::nullopt);
  const Timestamp wall = runs_.work().ages.wall(), anchored = runs_.work().ages.anchored();
  ProgressDocument progress = run.progress;
  markPause(progress, state, wall);
  Change change;
  change.state = state;
  change.progress = progress.toText();
  runs_.step(
      run, Pool::queue,
      [change, &work = runs_.work(), task = run.task] {
        return work.queue.advance(task.lease(), change, work.callFor(task, Work::queue_timeout));
      },
      [this, state, wall, anchored](Run& found, Result<TaskAnswer> answer) {
        killPoint("after_state");
        if (!answer) return;  // the next poll confirms it again
        if (answer->outcome != QueueOutcome::done) return endings_.lose(found);
        markPause(found.progress, state, wall);
        markPause(found.times, state, anchored);
        const Work& work = runs_.work();
        announceMove(work, found.task, found.task.state, state, "confirmed by the scanner");
        found.task.state = state;
        if (state == TaskState::running) found.pause_sent.reset();
        if (state == TaskState::paused) found.resume_sent.reset();
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
        const bool starts_anew = *found.ended == RemoteStatus::aborted && !found.ending &&
                                 !outcome.error && !found.interrupted();
        if (starts_anew) forgetScan(found);
        reports_.take(found, outcome, *found.ended);
      });
}

}  // namespace scanhost
