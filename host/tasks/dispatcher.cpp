// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/dispatcher.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>  // before Boost.Asio 1.74, which uses std::exchange without it
#include <vector>

#include "host/tasks/backoff.h"
#include "host/tasks/collect.h"
#include "host/tasks/run.h"

namespace scanhost {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick_interval{200};
constexpr std::chrono::milliseconds lease_interval{1'000};
constexpr std::chrono::milliseconds write_retry{2'000};
/// After asking a scanner to stop or pause, its effect is looked for soon.
constexpr std::chrono::milliseconds soon{1'000};
/// Scans due this much later are polled along, so that one call serves many.
constexpr std::chrono::milliseconds poll_along{500};
constexpr std::size_t remote_threads = 8;

std::size_t localSlots(const Scanners& scanners) {
  std::size_t slots = 0;
  for (const auto& instance : scanners.all())
    if (instance->settings().enabled && !instance->isRemote()) slots += instance->settings().limit;
  return std::max<std::size_t>(1, slots);
}

Error asError(const Ending& ending) {
  return {ending.error_class, ending.message, ErrorSubject::task, {}};
}

}  // namespace

class Dispatcher::Loop {
 public:
  Loop(const Work& work, std::string worker)
      : work_(work),
        worker_(std::move(worker)),
        tick_(io_),
        remote_(remote_threads),
        local_(localSlots(work.scanners)) {}

  ~Loop() { stopThreads(); }

  void start() {
    boost::asio::post(io_, [this] { turn(); });
    thread_ = std::thread([this] { io_.run(); });
  }

  void wake() {
    boost::asio::post(io_, [this] {
      next_lease_ = next_renewal_ = {};
      turn();
    });
  }

  std::size_t drain(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return 0;
    boost::asio::post(io_, [this] { beginDrain(); });
    std::unique_lock lock(drained_mutex_);
    drained_changed_.wait_for(lock, grace, [this] { return drained_; });
    lock.unlock();
    stopThreads();
    return handed_back_;
  }

  std::size_t activeTasks() const { return active_.load(); }
  Clock::time_point lastTurn() const {
    return Clock::time_point(Clock::duration(last_turn_.load()));
  }

 private:
  // ---- the loop ---------------------------------------------------------------------------

  /// Runs `job` on a pool and `done` with its result on the loop.
  template <class Job, class Done>
  void offload(boost::asio::thread_pool& pool, Job job, Done done) {
    boost::asio::post(pool, [this, job = std::move(job), done = std::move(done)]() mutable {
      auto result = job();
      boost::asio::post(io_, [done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
      });
    });
  }

  /// The same for a step of one task: `done` gets its Run, unless the task was dropped meanwhile.
  template <class Job, class Done>
  void offloadStep(boost::asio::thread_pool& pool, Run& run, Job job, Done done) {
    run.busy = true;
    offload(pool, std::move(job),
            [this, id = run.task.id, epoch = run.task.epoch,
             done = std::move(done)](auto result) mutable {
              Run* found = findRun(id, epoch);
              if (!found) return;
              found->busy = false;
              done(*found, std::move(result));
            });
  }

  Run* findRun(const std::string& id, std::uint64_t epoch) {
    const auto found = runs_.find(id);
    return found != runs_.end() && found->second->task.epoch == epoch ? found->second.get()
                                                                      : nullptr;
  }

  void turn() {
    const auto now = Clock::now();
    last_turn_.store(now.time_since_epoch().count());
    if (!draining_ && now >= next_lease_) leaseTasks();
    if (now >= next_renewal_) renewLeases();
    pollDueScans(now);
    watchRuns(now);
    if (!draining_) testScanners(now);
    tick_.expires_after(tick_interval);
    tick_.async_wait([this](const boost::system::error_code& error) {
      if (!error) turn();
    });
  }

  /// What time alone brings about: deadlines, and writes that the queue did not take yet.
  void watchRuns(Clock::time_point now) {
    std::vector<Run*> due;
    for (auto& [id, run] : runs_) due.push_back(run.get());
    const Timestamp wall = Timestamp::now();
    for (Run* run : due) {
      checkTimeout(*run, wall);
      if ((run->finish || run->release) && now >= run->next_write) step(*run);
    }
  }

  // ---- leases ----------------------------------------------------------------------------

  void leaseTasks() {
    next_lease_ = Clock::now() + lease_interval;
    if (leasing_) return;
    LeaseRequest request;
    request.worker = worker_;
    request.lease = work_.config.tasks.lease;
    request.now_us = Timestamp::now().micros;
    request.max_tasks = 64;
    for (const auto& instance : work_.scanners.all())
      if (instance->takesWork() && servesPool(instance->settings().pool))
        request.instances.push_back(
            {instance->settings().pool, instance->settings().name, instance->settings().limit});
    if (request.instances.empty()) return;
    leasing_ = true;
    offload(
        remote_,
        [this, request] { return work_.queue.lease(request, {.timeout = Work::queue_timeout}); },
        [this](Result<std::vector<QueuedTask>> tasks) {
          leasing_ = false;
          if (!tasks) return;
          for (QueuedTask& task : *tasks) begin(std::move(task));
          if (!tasks->empty() && !draining_) next_lease_ = {};
        });
  }

  bool servesPool(const std::string& pool) const {
    const auto& pools = work_.config.node.pools;
    return pools.empty() || std::find(pools.begin(), pools.end(), pool) != pools.end();
  }

  void begin(QueuedTask task) {
    auto owned = std::make_unique<Run>();
    Run& run = *owned;
    run.task = std::move(task);
    run.instance = work_.scanners.find(run.task.pool, run.task.instance);
    runs_[run.task.id] = std::move(owned);
    showActive();
    announceLease(run.task);

    auto submission = SubmissionDocument::parse(run.task.submission, run.task.id);
    auto progress = ProgressDocument::parse(run.task.progress, run.task.id);
    if (!submission || !progress || !run.instance) {
      const std::string what = !submission ? submission.error().message
                               : !progress ? progress.error().message
                                           : "its scanner instance is not configured here";
      return finishAs(run, TaskState::failed, ErrorClass::internal, what, true);
    }
    run.submission = std::move(*submission);
    run.progress = std::move(*progress);
    if (run.task.reference.empty()) {
      ProgressDocument fresh;
      fresh.unknown = run.progress.unknown;
      run.progress = std::move(fresh);
    }
    if (run.task.takeovers > work_.config.tasks.max_takeovers)
      return finishAs(run, TaskState::failed, run.task.error_class.value_or(ErrorClass::internal),
                      "taken over " + std::to_string(run.task.takeovers) +
                          " times in a row without one good poll",
                      true);
    applyFlags(run, run.task.flags);
    step(run);
  }

  void announceLease(const QueuedTask& task) {
    const bool taken_over = !task.previous_worker.empty() && task.takeovers > 0;
    if (taken_over) {
      work_.metrics.recordTakeover(task.pool);
      work_.events.emit(Level::warning, "task_taken_over", task,
                        Json::object({{"worker_id", worker_},
                                      {"previous_worker", task.previous_worker},
                                      {"lease_epoch", task.epoch}}));
    } else {
      work_.events.emit(
          Level::info, "task_dequeued", task,
          Json::object(
              {{"worker_id", worker_}, {"attempt", task.attempt}, {"lease_epoch", task.epoch}}));
    }
    if (task.previous_worker.empty())
      announceMove(task, TaskState::queued, TaskState::running, "leased");
  }

  void announceMove(const QueuedTask& task, TaskState from, TaskState to, std::string_view reason) {
    work_.events.emit(Level::info, "scan_state_transition", task,
                      Json::object({{"from_state", taskStateName(from)},
                                    {"to_state", taskStateName(to)},
                                    {"lease_epoch", task.epoch},
                                    {"reason", reason}}));
  }

  void renewLeases() {
    next_renewal_ = Clock::now() + work_.config.tasks.lease / 3;
    if (renewing_ || runs_.empty()) return;
    std::vector<Renewal> renewals;
    for (auto& [id, run] : runs_) {
      Renewal& renewal = renewals.emplace_back();
      renewal.lease = run->task.lease();
      renewal.good_poll = std::exchange(run->good_poll, false);
      if (std::exchange(run->progress_changed, false)) renewal.progress = run->progress.toText();
    }
    renewing_ = true;
    offload(
        remote_,
        [this, renewals] {
          return std::make_pair(renewals, work_.queue.renew(renewals, work_.config.tasks.lease,
                                                            {.timeout = Work::queue_timeout}));
        },
        [this](auto answer) {
          renewing_ = false;
          for (std::size_t i = 0; i < answer.first.size(); ++i) {
            const Lease& lease = answer.first[i].lease;
            Run* run = findRun(lease.id, lease.epoch);
            if (!run) continue;
            if (!answer.second)
              onRenewalFailed(*run, answer.second.error());
            else
              onRenewed(*run, (*answer.second)[i]);
          }
        });
  }

  void onRenewalFailed(Run& run, const Error&) {
    run.progress_changed = true;
    work_.events.emit(
        Level::warning, "lease_renewal_failed", run.task,
        Json::object(
            {{"worker_id", worker_}, {"lease_epoch", run.task.epoch}, {"found_epoch", nullptr}}));
  }

  void onRenewed(Run& run, const RenewalOutcome& outcome) {
    if (outcome.outcome != QueueOutcome::done) return lose(run, outcome.found_epoch);
    applyFlags(run, outcome.flags);
    step(run);
  }

  void applyFlags(Run& run, const TaskFlags& flags) {
    const bool newly_cancelled = flags.cancel_requested && !run.task.flags.cancel_requested;
    run.task.flags = flags;
    if (flags.cancel_requested && !run.ending) {
      run.ending = Ending{TaskState::cancelled, ErrorClass::cancelled, "cancelled on request"};
      if (!run.instance || !run.instance->isRemote()) run.cancel->cancel();
      if (newly_cancelled) work_.events.emit(Level::info, "cancel_requested", run.task);
    }
  }

  void lose(Run& run, std::uint64_t found_epoch) {
    work_.metrics.recordLeaseLost(run.task.pool);
    work_.events.emit(Level::warning, "lease_lost", run.task,
                      Json::object({{"worker_id", worker_},
                                    {"lease_epoch", run.task.epoch},
                                    {"found_epoch", found_epoch}}));
    drop(run);
  }

  void drop(Run& run) {
    run.cancel->cancel();
    polls_.erase({run.next_poll, run.task.id});
    runs_.erase(run.task.id);
    showActive();
    next_lease_ = {};
    if (draining_ && runs_.empty()) announceDrained();
  }

  void showActive() {
    active_.store(runs_.size());
    work_.metrics.updateActiveScansCount(static_cast<std::int64_t>(runs_.size()));
    work_.metrics.updateLeasesHeld(static_cast<std::int64_t>(runs_.size()));
  }

  // ---- steps -----------------------------------------------------------------------------

  /// Begins the one next thing to do for a task, if it is not at something.
  void step(Run& run) {
    if (run.busy) return;
    if (run.finish) return writeFinish(run);
    if (run.release) return writeRelease(run);
    if (draining_) return handBack(run);
    if (run.instance->isRemote())
      stepRemote(run);
    else
      stepLocal(run);
  }

  void stepRemote(Run& run) {
    if (run.ending && run.task.reference.empty() && run.task.launch == 0)
      return finishEnding(run, "");
    if (!run.launched()) return launch(run);
    if (run.ending && !run.stop_sent) return stopRemote(run);
    if (!run.ending && wantsPause(run)) return pauseRemote(run);
    if (!run.ending && wantsResume(run)) return resumeRemote(run);
    if (run.next_poll == Clock::time_point{}) schedulePoll(run, Clock::now());
  }

  void launch(Run& run) {
    offloadStep(
        remote_, run, [this, context = run.context()] { return launchRemote(work_, context); },
        [this](Run& found, LaunchOutcome outcome) {
          found.task = std::move(outcome.task);
          if (outcome.lease_lost) return lose(found, 0);
          noteScanner(found, outcome.error);
          if (outcome.error) return failed(found, *outcome.error, "");
          if (!found.progress.launched_at) found.progress.launched_at = Timestamp::now();
          found.progress_changed = true;
          schedulePoll(found, Clock::now() + std::min<Clock::duration>(
                                                 soon, work_.config.tasks.poll_interval));
          step(found);
        });
  }

  void stopRemote(Run& run) {
    run.stop_sent = true;
    askScanner(run, &ScannerClient::stop);
  }
  bool wantsPause(const Run& run) const {
    return run.task.flags.pause_requested && run.task.state == TaskState::running &&
           !run.pause_sent;
  }
  void pauseRemote(Run& run) {
    run.pause_sent = true;
    run.resume_sent = false;
    askScanner(run, &ScannerClient::pause);
  }
  bool wantsResume(const Run& run) const {
    return !run.task.flags.pause_requested && run.task.state == TaskState::paused &&
           !run.resume_sent;
  }
  void resumeRemote(Run& run) {
    run.resume_sent = true;
    run.pause_sent = false;
    askScanner(run, &ScannerClient::resume);
  }

  /// Sends a request whose effect the next polls tell.
  void askScanner(Run& run,
                  Status (ScannerClient::*request)(const RemoteScan&, CallOptions) const) {
    offloadStep(
        remote_, run,
        [this, request, context = run.context()] {
          return (context.instance->client().*request)(
              remoteScanOf(context.task), work_.callFor(context.task, Work::scanner_timeout));
        },
        [this](Run& found, Status asked) {
          noteScanner(found, asked ? std::nullopt : std::optional(asked.error()));
          if (!asked) {
            found.stop_sent = found.pause_sent = found.resume_sent = false;
            found.progress.scanner_error = asked.error().message;
            found.progress_changed = true;
          }
          schedulePoll(found, Clock::now() + soon);
        });
  }

  void stepLocal(Run& run) {
    if (run.ending) return finishEnding(run, "");
    run.progress.launched_at = Timestamp::now();
    run.progress_changed = true;
    const auto report = [this, id = run.task.id, epoch = run.task.epoch](int percent,
                                                                         std::string_view status) {
      boost::asio::post(io_, [this, id, epoch, percent, status = std::string(status)] {
        if (Run* found = findRun(id, epoch)) noteProgress(*found, percent, status);
      });
    };
    offloadStep(
        local_, run,
        [this, context = run.context(), report] {
          return scanLocal(work_, context, work_.config.tasks.timeout, report);
        },
        [this](Run& found, CollectOutcome outcome) {
          if (outcome.lease_lost) return lose(found, 0);
          noteScanner(found, outcome.error);
          collected(found, std::move(outcome), RemoteStatus::completed);
        });
  }

  // ---- following -------------------------------------------------------------------------

  void schedulePoll(Run& run, Clock::time_point when) {
    polls_.erase({run.next_poll, run.task.id});
    run.next_poll = when;
    polls_.insert({when, run.task.id});
  }

  void pollDueScans(Clock::time_point now) {
    std::map<ScannerInstance*, std::vector<Run*>> due;
    for (auto it = polls_.begin(); it != polls_.end() && it->first <= now;) {
      const auto found = runs_.find(it->second);
      it = polls_.erase(it);
      if (found == runs_.end()) continue;
      Run& run = *found->second;
      if (run.busy || polling_.count(run.instance) != 0)
        late_.push_back(run.task.id);
      else
        due[run.instance].push_back(&run);
    }
    for (const std::string& id : std::exchange(late_, {}))
      if (const auto found = runs_.find(id); found != runs_.end())
        schedulePoll(*found->second, now + poll_along);
    for (auto& [instance, runs] : due) pollInstance(*instance, runs);
  }

  void pollInstance(ScannerInstance& instance, const std::vector<Run*>& runs) {
    struct Polled {
      std::string id;
      std::uint64_t epoch;
    };
    std::vector<Polled> polled;
    std::vector<RemoteScan> scans;
    for (const Run* run : runs) {
      polled.push_back({run->task.id, run->task.epoch});
      scans.push_back(remoteScanOf(run->task));
    }
    polling_.insert(&instance);
    offload(
        remote_,
        [&instance, scans] {
          return instance.client().poll(scans, {.timeout = Work::scanner_timeout});
        },
        [this, &instance, polled, scans](Result<std::vector<RemoteState>> states) {
          polling_.erase(&instance);
          if (states)
            instance.recordSuccess();
          else if (states.error().subject == ErrorSubject::backend)
            instance.recordFailure(states.error());
          for (std::size_t i = 0; i < polled.size(); ++i) {
            Run* run = findRun(polled[i].id, polled[i].epoch);
            if (!run || run->busy) continue;
            if (!states)
              onPollFailed(*run, states.error());
            else
              onPolled(*run, scans[i].reference, *states);
          }
        });
  }

  void onPollFailed(Run& run, const Error& error) {
    const auto now = Clock::now();
    if (!run.failing_since) run.failing_since = now;
    run.progress.scanner_error = error.message;
    run.progress_changed = true;
    const auto retry = std::max<std::chrono::nanoseconds>(
        error.retry_after, retryDelay(3, work_.config.tasks.retry.base_delay,
                                      work_.config.tasks.retry.max_delay, randomShare()));
    work_.events.emit(Level::warning, "poll_failed", run.task,
                      Json::object({{"error_class", errorClassName(error.error_class)},
                                    {"error_message", error.message},
                                    {"retry_s", std::chrono::duration<double>(retry).count()}}));
    if (now - *run.failing_since > work_.config.tasks.scanner_outage)
      return giveBack(run, {.stay_running = true,
                            .spend_attempt = false,
                            .error_class = error.error_class,
                            .delay = retry,
                            .error_message = error.message});
    schedulePoll(run, now + retry);
  }

  void onPolled(Run& run, const std::string& reference, const std::vector<RemoteState>& states) {
    const auto found = std::find_if(states.begin(), states.end(), [&](const RemoteState& state) {
      return state.reference == reference;
    });
    const auto interval = std::chrono::nanoseconds(work_.config.tasks.poll_interval);
    if (found == states.end()) return schedulePoll(run, Clock::now() + interval);

    const RemoteState& state = *found;
    run.good_poll = true;
    run.failing_since.reset();
    run.progress.scanner_error.clear();
    run.gone_polls = state.state == RemoteStatus::gone ? run.gone_polls + 1 : 0;
    noteProgress(run, state.percent, state.status);
    const auto next = run.ending || state.next_poll.count() > 0
                          ? std::min(interval, std::max<std::chrono::nanoseconds>(
                                                   state.next_poll, std::chrono::nanoseconds(soon)))
                          : interval;
    work_.events.emit(Level::debug, "scan_polled", run.task,
                      Json::object({{"scanner_status", state.status},
                                    {"progress", state.percent},
                                    {"next_poll_s", std::chrono::duration<double>(next).count()}}));
    if (!state.run_id.empty() && state.run_id != run.task.run_id && !run.ending)
      onSecondRun(run, state);
    onRemoteStatus(run, state.state, next);
  }

  void onSecondRun(Run& run, const RemoteState& state) {
    work_.events.emit(Level::error, "second_run_detected", run.task,
                      Json::object({{"remote_ref", run.task.reference}, {"run_id", state.run_id}}));
    run.ending = Ending{TaskState::failed, ErrorClass::ambiguous,
                        "the remote scan was started a second time by someone else"};
  }

  void onRemoteStatus(Run& run, RemoteStatus status, std::chrono::nanoseconds next) {
    switch (status) {
      case RemoteStatus::completed:
      case RemoteStatus::stopped:
      case RemoteStatus::aborted: return collect(run, status);
      case RemoteStatus::gone:
        if (run.gone_polls >= 2) return lost(run);
        next = soon;
        break;
      case RemoteStatus::paused:
        if (run.task.state == TaskState::running) return moveTo(run, TaskState::paused);
        break;
      case RemoteStatus::running:
      case RemoteStatus::pending:
        if (run.task.state == TaskState::paused) return moveTo(run, TaskState::running);
        break;
      case RemoteStatus::created:
      case RemoteStatus::stopping: break;
    }
    schedulePoll(run, Clock::now() + next);
    step(run);
  }

  void lost(Run& run) {
    work_.events.emit(Level::error, "scan_lost", run.task,
                      Json::object({{"remote_ref", run.task.reference}}));
    if (run.ending) return finishEnding(run, "");
    failed(run, {ErrorClass::lost, "the scan was deleted on the scanner", ErrorSubject::task, {}},
           "");
  }

  /// Running to paused and back, as the scanner confirmed it.
  void moveTo(Run& run, TaskState state) {
    const Timestamp now = Timestamp::now();
    if (state == TaskState::paused) {
      run.progress.paused_at = now;
    } else if (run.progress.paused_at) {
      run.progress.paused_us += now.micros - run.progress.paused_at->micros;
      run.progress.paused_at.reset();
    }
    Change change;
    change.state = state;
    change.progress = run.progress.toText();
    offloadStep(
        remote_, run,
        [this, change, task = run.task] {
          return work_.queue.advance(task.lease(), change,
                                     work_.callFor(task, Work::queue_timeout));
        },
        [this, state](Run& found, Result<TaskAnswer> answer) {
          if (answer && answer->outcome != QueueOutcome::done) return lose(found, 0);
          if (answer) {
            announceMove(found.task, found.task.state, state, "confirmed by the scanner");
            found.task.state = state;
            work_.events.emit(Level::info,
                              state == TaskState::paused ? "scan_paused" : "scan_resumed",
                              found.task);
          }
          schedulePoll(found, Clock::now() + soon);
        });
  }

  void noteProgress(Run& run, int percent, const std::string& status) {
    if (percent >= 0) run.progress.percent = std::min(percent, 100);
    run.progress.scanner_status = status;
    run.progress.polled_at = Timestamp::now();
    run.progress_changed = true;
    const int milestone = run.progress.percent.value_or(0) / 25 * 25;
    if (milestone <= run.progress.announced_percent) return;
    run.progress.announced_percent = milestone;
    next_renewal_ = std::min(next_renewal_, Clock::now());
    work_.events.emit(Level::info, "scan_progress", run.task,
                      Json::object({{"progress", milestone}, {"scanner_status", status}}));
  }

  void checkTimeout(Run& run, Timestamp now) {
    if (run.ending || run.finish || run.release || !run.progress.launched_at) return;
    const auto limit = std::chrono::microseconds(work_.config.tasks.timeout);
    const auto elapsed = run.runningTime(now);
    const auto seconds = [](auto duration) {
      return std::chrono::duration<double>(duration).count();
    };
    if (elapsed >= limit) {
      run.ending = Ending{
          TaskState::timeout, ErrorClass::timeout,
          "ran longer than tasks.timeout (" + formatDuration(work_.config.tasks.timeout) + ")"};
      if (!run.instance->isRemote()) run.cancel->cancel();
      return step(run);
    }
    if (!run.timeout_warned &&
        seconds(elapsed) >= seconds(limit) * work_.config.tasks.timeout_warning) {
      run.timeout_warned = true;
      work_.events.emit(Level::warning, "scan_timeout_approaching", run.task,
                        Json::object({{"elapsed_seconds", seconds(elapsed)},
                                      {"timeout_threshold", seconds(limit)}}));
    }
  }

  // ---- results ---------------------------------------------------------------------------

  void collect(Run& run, RemoteStatus status) {
    offloadStep(
        remote_, run, [this, context = run.context()] { return collectRemote(work_, context); },
        [this, status](Run& found, CollectOutcome outcome) {
          noteScanner(found, outcome.error);
          collected(found, std::move(outcome), status);
        });
  }

  void collected(Run& run, CollectOutcome outcome, RemoteStatus status) {
    if (!outcome.generation.empty()) {
      run.progress.results_summary = outcome.summary.toJson();
      run.progress.coverage = outcome.coverage.toJson();
      run.progress.authentication_status = authenticationName(outcome.authentication);
    }
    if (run.ending) return finishEnding(run, outcome.generation);
    if (draining_ && outcome.error && outcome.error->error_class == ErrorClass::cancelled)
      return handBack(run);
    if (outcome.error) return reportFailed(run, *outcome.error, outcome.generation);
    if (status == RemoteStatus::stopped)
      return finishAs(run, TaskState::cancelled, ErrorClass::cancelled, "stopped on the scanner",
                      false, outcome.generation);
    if (status == RemoteStatus::aborted) return aborted(run, outcome.generation);
    if (!outcome.complete)
      return reportFailed(run,
                          {ErrorClass::transient,
                           "the results are not complete: " + outcome.incomplete_reason,
                           ErrorSubject::task,
                           {}},
                          outcome.generation);
    if (const auto fault = validationFault(outcome))
      return reportFailed(run, *fault, outcome.generation);
    succeeded(run, outcome);
  }

  void succeeded(Run& run, const CollectOutcome& outcome) {
    if (outcome.authentication == AuthenticationStatus::partial)
      run.progress.warnings = {
          "Login failed or was too weak on some hosts; local checks did not run there"};
    if (outcome.authentication == AuthenticationStatus::unknown)
      run.progress.warnings = {"Nothing tells whether login worked; local checks may not have run"};
    run.progress.percent = 100;
    noteProgress(run, 100, "completed");
    work_.metrics.recordValidationSuccess(run.task.pool);
    work_.metrics.updateScannerLastSuccess(run.task.pool, run.task.instance, Timestamp::now());
    work_.durations.record(
        run.task.pool,
        std::chrono::seconds(static_cast<std::int64_t>(secondsSinceStart(run.task))));
    Json warnings = Json::array();
    for (const std::string& warning : run.progress.warnings) warnings.push(warning);
    work_.events.emit(Level::info, "validation_passed", run.task,
                      Json::object({{"reason", nullptr}, {"warnings", warnings}}));
    work_.events.emit(
        Level::info, "scan_completed", run.task,
        Json::object({{"duration_seconds", secondsSinceStart(run.task)},
                      {"vulnerabilities_found", outcome.summary.totalVulnerabilities()},
                      {"hosts_scanned", outcome.summary.hosts_scanned},
                      {"authentication_status", authenticationName(outcome.authentication)}}));
    finishAs(run, TaskState::completed, std::nullopt, "", false, outcome.generation);
  }

  /// A report that cannot count as the scan's result.
  void reportFailed(Run& run, const Error& error, const std::string& generation) {
    if (error.subject != ErrorSubject::backend && error.error_class != ErrorClass::cancelled) {
      const std::string reason(validationReason(error));
      work_.metrics.recordValidationFailure(run.task.pool, reason);
      work_.events.emit(Level::error, "validation_failed", run.task,
                        Json::object({{"reason", reason}, {"warnings", Json::array()}}));
      if (reason == "auth_failed") {
        work_.metrics.recordAuthFailure(run.task.pool, run.submission.scan_type);
        work_.events.emit(
            Level::warning, "target_authentication_failed", run.task,
            Json::object({{"hosts_failed", run.progress.coverage["authentication"]["failed"]},
                          {"hosts_answered", run.progress.coverage["hosts_answered"]}}));
      }
    }
    failed(run, error, generation);
  }

  /// The scanner gave up on its own: its remains are removed, so that the next attempt starts anew.
  void aborted(Run& run, std::string generation) {
    offloadStep(
        remote_, run,
        [this, context = run.context()] {
          return context.instance->client().remove(
              remoteScanOf(context.task), work_.callFor(context.task, Work::scanner_timeout));
        },
        [this, generation](Run& found, Status removed) {
          if (removed)
            work_.events.emit(Level::info, "remote_scan_deleted", found.task,
                              Json::object({{"remote_ref", found.task.reference}}));
          found.task.reference.clear();
          found.task.run_id.clear();
          failed(found,
                 {ErrorClass::transient, "the scanner aborted the scan", ErrorSubject::task, {}},
                 generation);
        });
  }

  // ---- endings ---------------------------------------------------------------------------

  /// What a failure means for the scanner's own record; a call without one reached it.
  void noteScanner(Run& run, const std::optional<Error>& error) {
    if (!error)
      run.instance->recordSuccess();
    else if (error->subject == ErrorSubject::backend && error->error_class != ErrorClass::busy &&
             error->error_class != ErrorClass::cancelled)
      run.instance->recordFailure(*error);
  }

  /// The class of a failure decides what becomes of the task.
  void failed(Run& run, const Error& error, const std::string& generation) {
    if (run.ending) return finishEnding(run, generation);
    if (error.error_class == ErrorClass::cancelled && draining_) return handBack(run);
    const auto delay = std::max<std::chrono::nanoseconds>(
        error.retry_after, retryDelay(run.task.attempt, work_.config.tasks.retry.base_delay,
                                      work_.config.tasks.retry.max_delay, randomShare()));
    const bool remote_scan_lives = !run.task.reference.empty();
    if (error.subject == ErrorSubject::backend || error.error_class == ErrorClass::busy)
      return retry(run, error, delay, remote_scan_lives, false);

    switch (error.error_class) {
      case ErrorClass::transient:
      case ErrorClass::internal:
        if (run.task.attempt < work_.config.tasks.retry.max_attempts)
          return retry(run, error, delay, remote_scan_lives, true);
        return finishAs(run, TaskState::failed, error.error_class, error.message, true, generation);
      case ErrorClass::lost:
        if (work_.config.tasks.relaunch_lost &&
            run.task.attempt < work_.config.tasks.retry.max_attempts)
          return retry(run, error, delay, false, true);
        return finishAs(run, TaskState::failed, error.error_class, error.message, true, generation);
      case ErrorClass::ambiguous:
        work_.events.emit(
            Level::warning, "launch_ambiguous", run.task,
            Json::object({{"error_class", "ambiguous"}, {"error_message", error.message}}));
        return finishAs(run, TaskState::failed, error.error_class, error.message, true, generation);
      case ErrorClass::cancelled:
        return finishAs(run, TaskState::cancelled, error.error_class, error.message, false,
                        generation);
      case ErrorClass::timeout:
        return finishAs(run, TaskState::timeout, error.error_class, error.message, false,
                        generation);
      default:
        return finishAs(run, TaskState::failed, error.error_class, error.message, false,
                        generation);
    }
  }

  void retry(Run& run, const Error& error, std::chrono::nanoseconds delay, bool stay_running,
             bool spend_attempt) {
    if (spend_attempt) work_.metrics.recordTaskRetry(run.task.pool, error.error_class);
    work_.events.emit(Level::warning, "scan_retry_scheduled", run.task,
                      Json::object({{"error_class", errorClassName(error.error_class)},
                                    {"error_message", error.message},
                                    {"attempt", run.task.attempt},
                                    {"delay_s", std::chrono::duration<double>(delay).count()}}));
    giveBack(run, {.stay_running = stay_running,
                   .spend_attempt = spend_attempt,
                   .error_class = error.error_class,
                   .delay = delay,
                   .error_message = error.message});
  }

  void giveBack(Run& run, Release release) {
    run.release = std::move(release);
    step(run);
  }

  /// At shutdown: a remote scan goes on and is followed by whoever leases the task next; a local
  /// one is stopped first and then queued again. Neither costs an attempt.
  void handBack(Run& run) {
    ++handed_back_;
    giveBack(run, {.stay_running = !run.task.reference.empty(),
                   .spend_attempt = false,
                   .error_class = std::nullopt,
                   .delay = std::chrono::nanoseconds(0),
                   .error_message = ""});
  }

  void finishEnding(Run& run, const std::string& generation) {
    const Error error = asError(*run.ending);
    finishAs(run, run.ending->state, error.error_class, error.message,
             run.ending->error_class == ErrorClass::ambiguous, generation);
  }

  void finishAs(Run& run, TaskState state, std::optional<ErrorClass> error_class,
                std::string message, bool dead_letter, std::string generation = {}) {
    Finish finish;
    finish.state = state;
    finish.error_class = error_class;
    finish.dead_letter = dead_letter;
    finish.completed_us = Timestamp::now().micros;
    finish.error_message = std::move(message);
    finish.generation = std::move(generation);
    finish.progress = run.progress.toText();
    run.finish = std::move(finish);
    step(run);
  }

  void writeFinish(Run& run) {
    offloadStep(
        remote_, run,
        [this, finish = *run.finish, task = run.task] {
          return work_.queue.finish(task.lease(), finish, work_.callFor(task, Work::queue_timeout));
        },
        [this](Run& found, Result<QueueOutcome> outcome) {
          if (!outcome) {
            found.next_write = Clock::now() + write_retry;
            return;
          }
          if (*outcome != QueueOutcome::done) return lose(found, 0);
          announceEnd(found);
          drop(found);
        });
  }

  void announceEnd(const Run& run) {
    const Finish& finish = *run.finish;
    const char* status = taskStateName(finish.state);
    const std::string error_class = finish.error_class ? errorClassName(*finish.error_class) : "";
    announceMove(run.task, run.task.state, finish.state, finish.error_message);
    std::optional<Metrics::Seconds> duration;
    if (run.task.started_us > 0) duration = Metrics::Seconds(secondsSinceStart(run.task));
    work_.metrics.recordScanCompletion(run.submission.scan_type, status, duration);
    if (finish.state == TaskState::cancelled)
      work_.events.emit(Level::info, "scan_cancelled", run.task);
    if (finish.state == TaskState::failed || finish.state == TaskState::timeout)
      work_.events.emit(Level::error, "scan_failed", run.task,
                        Json::object({{"error_type", error_class},
                                      {"error_message", finish.error_message},
                                      {"final_status", status},
                                      {"attempt", run.task.attempt}}));
    if (!finish.dead_letter) return;
    work_.metrics.recordDeadLetter(run.task.pool);
    work_.events.emit(Level::error, "task_dead_lettered", run.task,
                      Json::object({{"error_class", error_class}, {"attempts", run.task.attempt}}));
  }

  void writeRelease(Run& run) {
    offloadStep(
        remote_, run,
        [this, release = *run.release, task = run.task] {
          return work_.queue.release(task.lease(), release,
                                     work_.callFor(task, Work::queue_timeout));
        },
        [this](Run& found, Result<QueueOutcome> outcome) {
          if (!outcome) {
            found.next_write = Clock::now() + write_retry;
            return;
          }
          if (*outcome != QueueOutcome::done) return lose(found, 0);
          if (!found.release->stay_running)
            announceMove(found.task, found.task.state, TaskState::queued,
                         found.release->error_message);
          drop(found);
        });
  }

  static double secondsSinceStart(const QueuedTask& task) {
    return static_cast<double>(Timestamp::now().micros - task.started_us) / 1e6;
  }

  // ---- scanners --------------------------------------------------------------------------

  void testScanners(Clock::time_point now) {
    for (const auto& owned : work_.scanners.all()) {
      ScannerInstance* instance = owned.get();
      if (!instance->wantsSelfTest(now)) continue;
      offload(
          remote_,
          [instance] {
            return instance->client().selfTest(
                {.timeout = instance->settings().circuit.probe_deadline});
          },
          [instance](Result<ScannerHealth> health) { instance->recordHealth(health); });
    }
  }

  // ---- end -------------------------------------------------------------------------------

  void beginDrain() {
    draining_ = true;
    std::vector<Run*> held;
    for (auto& [id, run] : runs_) held.push_back(run.get());
    for (Run* run : held) {
      if (run->instance && !run->instance->isRemote()) run->cancel->cancel();
      step(*run);
    }
    if (runs_.empty()) announceDrained();
  }

  void announceDrained() {
    const std::lock_guard lock(drained_mutex_);
    drained_ = true;
    drained_changed_.notify_all();
  }

  void stopThreads() {
    if (!thread_.joinable()) return;
    io_.stop();
    thread_.join();
    remote_.join();
    local_.join();
  }

  const Work& work_;
  const std::string worker_;

  boost::asio::io_context io_;
  boost::asio::steady_timer tick_;
  boost::asio::thread_pool remote_;
  boost::asio::thread_pool local_;
  std::thread thread_;

  // Of the loop thread alone.
  std::map<std::string, std::unique_ptr<Run>> runs_;
  std::set<std::pair<Clock::time_point, std::string>> polls_;
  std::set<const ScannerInstance*> polling_;
  std::vector<std::string> late_;
  Clock::time_point next_lease_{};
  Clock::time_point next_renewal_{};
  bool leasing_ = false;
  bool renewing_ = false;
  bool draining_ = false;
  std::size_t handed_back_ = 0;

  std::atomic<std::size_t> active_{0};
  std::atomic<Clock::rep> last_turn_{Clock::now().time_since_epoch().count()};
  std::mutex drained_mutex_;
  std::condition_variable drained_changed_;
  bool drained_ = false;
};

Dispatcher::Dispatcher(const Work& work, std::string worker)
    : loop_(std::make_unique<Loop>(work, std::move(worker))) {}
Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
  loop_->start();
}
void Dispatcher::wake() {
  loop_->wake();
}
std::size_t Dispatcher::drain(std::chrono::milliseconds grace) {
  return loop_->drain(grace);
}
std::size_t Dispatcher::activeTasks() const {
  return loop_->activeTasks();
}
std::chrono::steady_clock::time_point Dispatcher::lastTurn() const {
  return loop_->lastTurn();
}

}  // namespace scanhost
