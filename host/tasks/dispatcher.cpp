// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/dispatcher.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "host/base/fault_points.h"
#include "host/tasks/announcements.h"
#include "host/tasks/leases.h"
#include "host/tasks/local_scans.h"
#include "host/tasks/next_step.h"
#include "host/tasks/polls.h"
#include "host/tasks/remote_scans.h"
#include "host/tasks/self_tests.h"
#include "host/tasks/threaded_loop.h"
#include "host/tasks/time_limits.h"

namespace scanhost {

namespace {

/// Whether the next thing to do were new work for a scanner that takes none.
bool mustWait(const Run& run) {
  return !run.ending && !run.leaving() && !run.launched() && !run.instance->takesWork();
}

}  // namespace

/// Puts the parts together: what comes round in each turn, what a grant and a request mean for a
/// run, which part makes the next step.
class Dispatcher::Parts {
 public:
  Parts(const Work& work, std::string worker, std::unique_ptr<Loop> loop)
      : work_(work),
        loop_(std::move(loop)),
        runs_(work, *loop_, [this](Run& run) { proceed(run); }),
        endings_(runs_),
        reports_(runs_, endings_),
        remote_(runs_, endings_, reports_),
        local_(runs_, endings_, reports_),
        polls_(runs_, endings_),
        leases_(runs_, endings_, worker),
        self_tests_(runs_),
        announcements_(runs_, std::move(worker)) {
    leases_.listen([this](QueuedTask task,
                          ScannerPtr instance) { begin(std::move(task), std::move(instance)); },
                   [this](Run& run, const TaskFlags& flags) {
                     applyFlags(run, flags);
                     proceed(run);
                   });
  }
  ~Parts() { stopThreads(); }

  void start() {
    loop_->start([this] { turn(); });
  }
  void changed(const QueueChanges& changes) {
    loop_->post([this, changes] { takeChanges(changes); });
  }
  void beginDrain() {
    loop_->post([this] { letGo(); });
    loop_->turnSoon();
  }
  bool drained() const {
    const std::lock_guard lock(drained_mutex_);
    return drained_;
  }
  std::size_t drain(std::chrono::milliseconds grace);

  std::size_t activeTasks() const { return runs_.count(); }
  Loop::Clock::time_point lastTurn() const { return loop_->lastTurn(); }

 private:
  void turn();
  void takeChanges(const QueueChanges& changes);
  void watchTime(Run& run);
  void begin(QueuedTask task, ScannerPtr instance);
  void announceLease(const QueuedTask& task);
  void applyFlags(Run& run, const TaskFlags& flags);
  void endBecause(Run& run, Ending ending);
  void proceed(Run& run);
  void letGo();
  void stopThreads();

  const Work& work_;
  const std::unique_ptr<Loop> loop_;
  Runs runs_;
  Endings endings_;
  Reports reports_;
  RemoteScans remote_;
  LocalScans local_;
  Polls polls_;
  Leases leases_;
  SelfTests self_tests_;
  Announcements announcements_;
  bool draining_ = false;

  mutable std::mutex drained_mutex_;
  std::condition_variable drained_changed_;
  bool drained_ = false;
};

void Dispatcher::Parts::turn() {
  const auto now = work_.time.steady();
  leases_.turn(now, !draining_);
  polls_.turn(now);
  local_.turn(now);
  for (Run* run : runs_.all()) {
    watchTime(*run);
    proceed(*run);
  }
  if (!draining_) {
    self_tests_.turn(now);
    announcements_.turn(now);
  }
  runs_.showCounts();
  if (draining_ && runs_.empty() && !leases_.asking()) {
    const std::lock_guard lock(drained_mutex_);
    drained_ = true;
    drained_changed_.notify_all();
  }
}

void Dispatcher::Parts::takeChanges(const QueueChanges& changes) {
  bool waiting = changes.gap.has_value();
  for (const QueueChange& change : changes.changes) {
    if (Run* run = runs_.find(change.id))
      run->renew_soon = true;
    else if (change.state == TaskState::queued)
      waiting = true;
  }
  if (waiting && !draining_) leases_.lookNow(work_.time.steady());
}

void Dispatcher::Parts::watchTime(Run& run) {
  if (run.ending || run.ended || run.leaving() || run.unheard_of) return;
  const Timestamp now = work_.ages.anchored();
  const TasksConfig settings = work_.config->tasks;
  switch (judgeTime(run.times, settings, now)) {
    case TimeVerdict::in_time: return;
    case TimeVerdict::warn: {
      if (std::exchange(run.timeout_warned, true)) return;
      const std::chrono::duration<double> elapsed = runningTime(run.times, now);
      const std::chrono::duration<double> threshold = settings.timeout;
      return work_.events.emit(Level::warning, "scan_timeout_approaching", run.task,
                               Json::object({{"elapsed_seconds", elapsed.count()},
                                             {"timeout_threshold", threshold.count()}}));
    }
    case TimeVerdict::ran_too_long:
      return endBecause(
          run, {TaskState::timeout, ErrorClass::timeout,
                "ran longer than tasks.timeout (" + formatDuration(settings.timeout) + ")"});
    case TimeVerdict::paused_too_long:
      return endBecause(run, {TaskState::timeout, ErrorClass::timeout,
                              "was paused longer than tasks.max_paused (" +
                                  formatDuration(settings.max_paused) + ")"});
  }
}

/// The task is to end. A local scan is stopped here, a remote one by its next step.
void Dispatcher::Parts::endBecause(Run& run, Ending ending) {
  run.endAs(std::move(ending), work_.ages);
  if (!run.isRemote()) run.cancel->cancel();
}

void Dispatcher::Parts::begin(QueuedTask task, ScannerPtr instance) {
  announceLease(task);
  Run& run = runs_.add(std::move(task), std::move(instance));
  auto submission = SubmissionDocument::parse(run.task.submission, run.task.id);
  auto progress = ProgressDocument::parse(run.task.progress, run.task.id);
  const std::string unusable = !submission     ? submission.error().message
                               : !progress     ? progress.error().message
                               : !run.instance ? "its scanner instance is not configured here"
                                               : "";
  if (submission) run.submission = std::move(*submission);
  if (run.task.created_us <= work_.queue_doubted().micros && run.instance &&
      run.instance->can(SCANHOST_SCANNER_FINDS) && !isTakenAway("intent"))
    run.submission.resubmitted = true;
  if (!unusable.empty()) {
    endings_.finish(run, {.state = TaskState::failed,
                          .error_class = ErrorClass::internal,
                          .message = unusable,
                          .dead_letter = true});
    return proceed(run);
  }
  if (run.task.reference.empty()) {
    run.progress.unknown = std::move(progress->unknown);
    run.progress.ending_since = progress->ending_since;
  } else {
    run.progress = std::move(*progress);
  }
  // The state is written first: who wrote it may have gone before its progress followed.
  markPause(run.progress, run.task.state, work_.ages.wall());
  run.times = ScanTimes::fromRecord(run.progress, work_.ages);
  if (run.launched() && !run.progress.launched_at) run.launchedNow(work_.ages);
  run.launch_in_doubt = run.task.launch > 0 && run.task.reference.empty();
  run.deadly = run.task.takeovers > work_.config->tasks.max_takeovers;
  if (run.deadly)
    endings_.finish(run, {.state = TaskState::failed,
                          .error_class = run.task.error_class.value_or(ErrorClass::internal),
                          .message = "taken over " + std::to_string(run.task.takeovers) +
                                     " times in a row without one good poll",
                          .dead_letter = true});
  run.unheard_of = run.launched() && !run.instance->takesWork();
  applyFlags(run, run.task.flags);
  watchTime(run);
  if (!run.instance->retired() && mustWait(run)) endings_.waitForScanner(run);
  proceed(run);
}

void Dispatcher::Parts::announceLease(const QueuedTask& task) {
  const bool taken_over = !task.previous_worker.empty() && task.takeovers > 0;
  if (taken_over) {
    work_.metrics.recordTakeover(task.pool);
    recordLostAttempt(work_.spans, task, work_.time.wall());
    work_.events.emit(Level::warning, "task_taken_over", task,
                      Json::object({{"worker_id", leases_.worker()},
                                    {"previous_worker", task.previous_worker},
                                    {"lease_epoch", task.epoch}}));
  } else {
    work_.events.emit(Level::info, "task_dequeued", task,
                      Json::object({{"worker_id", leases_.worker()},
                                    {"attempt", task.attempt},
                                    {"lease_epoch", task.epoch}}));
  }
  if (task.previous_worker.empty()) {
    recordWait(work_.spans, task, work_.time.wall());
    announceMove(work_, task, TaskState::queued, TaskState::running, "leased");
  }
}

/// What clients asked for, as the queue told it.
void Dispatcher::Parts::applyFlags(Run& run, const TaskFlags& flags) {
  run.task.flags = flags;
  if (flags.cancel_requested && !run.ending)
    endBecause(run, {TaskState::cancelled, ErrorClass::cancelled, "cancelled on request"});
  if (!flags.pause_requested) run.pause_sent.reset();
}

/// Makes the one next step for a run, if it is not at one.
void Dispatcher::Parts::proceed(Run& run) {
  runs_.moveOn(run);
  for (;;) {
    switch (nextStep(run, draining_, work_.time.steady())) {
      case Step::wait: return;
      case Step::write_finish: return endings_.writeFinish(run);
      case Step::write_release: return endings_.writeRelease(run);
      case Step::hand_back: endings_.handBack(run); break;
      case Step::leave: endings_.leaveScanner(run); break;
      case Step::end: endings_.end(run); break;
      case Step::settle: return remote_.settle(run);
      case Step::launch: return remote_.launch(run);
      case Step::stop: return remote_.stop(run);
      case Step::pause: return remote_.pause(run);
      case Step::resume: return remote_.resume(run);
      case Step::write_state: return remote_.writeState(run);
      case Step::collect: return remote_.collect(run);
      case Step::scan: return local_.scan(run);
    }
  }
}

std::size_t Dispatcher::Parts::drain(std::chrono::milliseconds grace) {
  if (!loop_->started()) return 0;
  beginDrain();
  {
    std::unique_lock lock(drained_mutex_);
    drained_changed_.wait_for(lock, grace, [this] { return drained_; });
  }
  stopThreads();
  return endings_.handedBack();
}

/// What can be done again elsewhere is cut short; a launch is waited for.
void Dispatcher::Parts::letGo() {
  draining_ = true;
  for (Run* run : runs_.all())
    if (!run->isRemote() || run->ended) run->cancel->cancel();
}

void Dispatcher::Parts::stopThreads() {
  loop_->stopTurning();
  runs_.stopping()->cancel();
  for (Run* run : runs_.all()) run->cancel->cancel();
  loop_->joinPools();
}

Dispatcher::Dispatcher(const Work& work, std::string worker)
    : Dispatcher(work, std::move(worker),
                 std::make_unique<ThreadedLoop>(localSlots(*work.scanners.get()))) {}
Dispatcher::Dispatcher(const Work& work, std::string worker, std::unique_ptr<Loop> loop)
    : parts_(std::make_unique<Parts>(work, std::move(worker), std::move(loop))) {}
Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
  parts_->start();
}
void Dispatcher::changed(const QueueChanges& changes) {
  parts_->changed(changes);
}
void Dispatcher::beginDrain() {
  parts_->beginDrain();
}
bool Dispatcher::drained() const {
  return parts_->drained();
}
std::size_t Dispatcher::drain(std::chrono::milliseconds grace) {
  return parts_->drain(grace);
}
std::size_t Dispatcher::activeTasks() const {
  return parts_->activeTasks();
}
std::chrono::steady_clock::time_point Dispatcher::lastTurn() const {
  return parts_->lastTurn();
}

}  // namespace scanhost
