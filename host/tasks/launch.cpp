// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/launch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/base/fault_points.h"
#include "host/policy/targets.h"
#include "host/tasks/task_id.h"

namespace scanhost {
namespace {

/// The steps of one remote launch, in order; any of them may end it.
class Launch {
 public:
  Launch(const Work& work, const TaskContext& context)
      : work_(work),
        context_(context),
        task_(context.task),
        client_(context.instance->client()),
        is_forgotten_(task_.launch == 0 && context.submission.resubmitted),
        in_doubt_(task_.launch > 0) {}

  LaunchOutcome run() {
    if ((task_.launch > 0 || is_forgotten_) && !adoptOrClear()) return std::move(outcome_);
    if (task_.reference.empty() && !prepare()) return std::move(outcome_);
    if (task_.run_id.empty() && !start()) return std::move(outcome_);
    return finish();
  }

  LaunchOutcome settle() {
    if (task_.reference.empty() && !findOrGiveUp()) return std::move(outcome_);
    if (!task_.reference.empty() && task_.run_id.empty() && !settlePrepared())
      return std::move(outcome_);
    if (task_.reference.empty()) task_.launch = 0;
    return finish();
  }

 private:
  LaunchOutcome finish() {
    conclude();
    return std::move(outcome_);
  }
  bool stop(Error error) {
    outcome_.error = std::move(error);
    conclude();
    return false;
  }
  bool stopLost() {
    outcome_.lease_lost = true;
    conclude();
    return false;
  }
  void conclude() {
    outcome_.task = task_;
    outcome_.in_doubt = in_doubt_ && task_.reference.empty();
  }

  CallOptions scannerCall() const {
    return work_.callFor(task_, Work::scanner_timeout, context_.cancel);
  }

  /// Writes a change under the lease and takes over the task as it is then.
  bool advance(const Change& change) {
    auto answer =
        work_.queue.advance(task_.lease(), change, work_.callFor(task_, Work::queue_timeout));
    if (!answer) {
      outcome_.store_failed = true;
      return stop(storeError(answer.error()));
    }
    if (answer->outcome != QueueOutcome::done || !answer->task) return stopLost();
    const LeaseToken token = task_.token;
    task_ = std::move(*answer->task);
    task_.token = token;
    return true;
  }

  /// A launch was begun before, and its reference never arrived: looks for its scan. Answers false
  /// when the launch must not go on.
  bool adoptOrClear() {
    if (!task_.reference.empty() || isTakenAway("find")) return true;
    if (!context_.instance->can(SCANHOST_SCANNER_FINDS)) {
      if (task_.flags.relaunch) return true;
      return stop(
          {ErrorClass::ambiguous,
           "a launch was begun and its outcome is unknown; this scanner cannot list its scans, "
           "so look there and redrive with relaunch",
           ErrorSubject::task,
           {}});
    }
    return findLaunched();
  }

  bool findLaunched() {
    const auto found = client_.find(markerPrefix(task_.id), scannerCall());
    if (!found) return stop(scannerError(found.error()));
    killPoint("after_find");
    for (const bool own : {true, false})
      for (const RemoteState& state : *found)
        if (isOwnScan(state, task_) == own && !considerFound(state, own)) return false;
    in_doubt_ = false;
    return true;
  }

  /// The same for a task that is to end: a scanner that cannot be asked leaves it in doubt.
  bool findOrGiveUp() {
    if (context_.instance->can(SCANHOST_SCANNER_FINDS)) return findLaunched();
    announceDoubt("a launch was begun and its outcome is unknown; look on the scanner");
    return true;
  }

  /// A remote scan whose run is not known: takes over its run, or removes what never ran.
  bool settlePrepared() {
    const RemoteScan scan = remoteScanOf(task_);
    const auto states = client_.poll(std::span(&scan, 1), scannerCall());
    if (!states) return stop(scannerError(states.error()));
    const auto state = std::find_if(states->begin(), states->end(), [&](const RemoteState& told) {
      return told.reference == scan.reference;
    });
    if (state == states->end())
      return stop({ErrorClass::transient,
                   "the scanner does not say what became of the scan",
                   ErrorSubject::backend,
                   {}});
    if (state->state != RemoteStatus::gone && !state->run_id.empty()) {
      Change change;
      change.run_id = state->run_id;
      return advance(change);
    }
    if (const Status removed = client_.remove(scan, scannerCall()); !removed)
      return stop(scannerError(removed.error()));
    killPoint("after_settled_removed");
    announceRemoved(scan.reference);
    task_.reference.clear();
    return true;
  }

  void announceDoubt(std::string_view message) {
    work_.events.emit(Level::warning, "launch_ambiguous", task_,
                      Json::object({{"error_class", "ambiguous"}, {"error_message", message}}));
  }
  void announceRemoved(const std::string& reference) {
    work_.events.emit(Level::info, "remote_scan_deleted", task_,
                      Json::object({{"remote_ref", reference}}));
  }

  /// One scan with a marker of this task: adopts it when it is of the last launch and still of use,
  /// else removes it. One that is not its own for sure is never removed. One under another name is
  /// a copy, unless it runs and there is none under its own: then somebody renamed it. Under a
  /// lease that still holds, a newer launch than the queue knows of is one that it has forgotten;
  /// otherwise its maker holds the task now, and the write below is refused.
  bool considerFound(const RemoteState& state, bool own) {
    const auto marker = findMarker(state.marker);
    if (!marker || marker->task_id != task_.id) return true;
    own_seen_ = own_seen_ || own;
    const bool useless = state.state == RemoteStatus::aborted ||
                         state.state == RemoteStatus::stopped || state.state == RemoteStatus::gone;
    Change change;
    if (marker->launch > task_.launch) change.launch = marker->launch;
    if ((marker->launch < task_.launch && !is_forgotten_) || useless || !task_.reference.empty()) {
      if (!own) return true;
      // Who was stopped for a while may hold the task no longer, and what it takes for a leftover
      // is another's: so the queue is asked just before.
      if (!advance(change)) return false;
      removeLeftover(state);
      return true;
    }
    const bool is_copy =
        !own && !state.name.empty() && (own_seen_ || state.state == RemoteStatus::created);
    if (is_copy) return true;
    change.reference = state.reference;
    if (!state.run_id.empty()) change.run_id = state.run_id;
    if (!advance(change)) return false;
    killPoint("after_adoption");
    work_.metrics.recordScanAdopted(task_.pool);
    work_.events.emit(Level::info, "scan_adopted", task_,
                      Json::object({{"remote_ref", state.reference}, {"found_by", "marker"}}));
    return true;
  }

  void removeLeftover(const RemoteState& state) {
    const Status removed =
        client_.remove({state.reference, state.run_id, state.marker}, scannerCall());
    killPoint("after_leftover_removed");
    if (removed) announceRemoved(state.reference);
  }

  bool prepare() {
    auto request =
        makeScanRequest(work_, {task_, context_.submission, context_.instance, context_.cancel});
    if (!request) return stop(request.error());
    killPoint("before_intent");
    if (!writeIntent()) return false;
    killPoint("after_intent");
    request->launch = task_.launch;
    request->marker = makeMarker(task_.id, task_.launch);
    work_.events.emit(Level::info, "launch_intent_recorded", task_,
                      Json::object({{"attempt", task_.attempt}, {"marker", request->marker}}));

    in_doubt_ = true;
    auto reference = client_.prepare(*request, scannerCall());
    if (!reference) return stopAfterPrepare(reference.error());
    killPoint("after_prepare");

    Change change;
    change.reference = *reference;
    if (advance(change)) {
      killPoint("after_reference");
      return true;
    }
    if (outcome_.lease_lost) clearUp({*reference, "", request->marker});
    return false;
  }

  bool writeIntent() {
    if (isTakenAway("intent")) {
      ++task_.launch;
      return true;
    }
    Change intent;
    intent.intent = true;
    return advance(intent);
  }

  /// The loser of a race removes the scan it made, unless the winner may have found it and be at
  /// work on it: that is so while the winner has begun no launch of its own.
  void clearUp(const RemoteScan& made) {
    const CallOptions uncancelled = work_.callFor(task_, Work::scanner_timeout);
    const auto now = work_.queue.get(task_.id, work_.callFor(task_, Work::queue_timeout));
    const bool adoptable =
        !now || (*now && (*now)->launch == task_.launch && !isTerminal((*now)->state));
    std::string kept_because = "its task's new holder may have adopted it";
    killPoint("before_clear_up");
    if (!adoptable) {
      const Status removed = client_.remove(made, uncancelled);
      if (removed) return announceRemoved(made.reference);
      kept_because = removed.error().message;
    }
    work_.events.emit(
        Level::warning, "remote_scan_kept", task_,
        Json::object({{"remote_ref", made.reference}, {"error_message", kept_because}}));
  }

  bool stopAfterPrepare(Error error) {
    const bool in_doubt = error.error_class == ErrorClass::ambiguous ||
                          error.error_class == ErrorClass::timeout ||
                          error.error_class == ErrorClass::cancelled;
    if (!in_doubt) return settleRefused() && stop(std::move(error));
    if (!context_.instance->can(SCANHOST_SCANNER_FINDS)) {
      error.error_class = ErrorClass::ambiguous;
      return stop(std::move(error));
    }
    // A reply that never came may belong to a scan that exists. One that can be found by its marker
    // is found at the next try, so the doubt costs no more than a retry, and no attempt: it is the
    // scanner that did not answer.
    announceDoubt(error.message);
    error.error_class = ErrorClass::transient;
    error.subject = ErrorSubject::backend;
    return stop(std::move(error));
  }

  /// The scanner said no, so this intent left nothing behind. For one whose scans cannot be listed
  /// that is written down, or the next attempt would take the launch for one in doubt.
  bool settleRefused() {
    in_doubt_ = false;
    if (context_.instance->can(SCANHOST_SCANNER_FINDS)) return true;
    Change change;
    change.launch = 0;
    return advance(change);
  }

  bool start() {
    if (const Status open = work_.checkKillSwitch(); !open) return stop(open.error());
    auto run_id = client_.start(remoteScanOf(task_), scannerCall());
    killPoint("after_start");
    if (!run_id && (run_id.error().error_class == ErrorClass::ambiguous ||
                    run_id.error().error_class == ErrorClass::timeout)) {
      auto looked_up = runThatStarted();
      if (!looked_up) return stop(looked_up.error());
      run_id = std::move(*looked_up);
    }
    if (!run_id) return stop(run_id.error());
    Change change;
    change.run_id = *run_id;
    if (!advance(change)) return false;
    killPoint("after_run_id");
    work_.events.emit(Level::info, "scan_launched", task_,
                      Json::object({{"remote_ref", task_.reference}}));
    return true;
  }

  /// After a start whose reply was lost: the run it made, if it made one.
  Result<std::string> runThatStarted() {
    const RemoteScan scan = remoteScanOf(task_);
    const auto states = client_.poll(std::span(&scan, 1), scannerCall());
    if (!states) return tl::unexpected<Error>(scannerError(states.error()));
    for (const RemoteState& state : *states)
      if (state.reference == scan.reference && !state.run_id.empty()) return state.run_id;
    return fail(ErrorClass::transient, "the scan was told to start and did not; it is asked again",
                ErrorSubject::backend);
  }

  const Work& work_;
  const TaskContext& context_;
  QueuedTask task_;
  const ScannerClient& client_;
  /// The queue may have lost the number of its last launch, should there be one.
  const bool is_forgotten_;
  bool own_seen_ = false;  ///< a scan under the name we gave it
  bool in_doubt_;          ///< whether there may be a scan whose reference is not known
  LaunchOutcome outcome_;
};

Result<Json> scanSettings(const Work& work, const TaskContext& context) {
  const SubmissionDocument& submission = context.submission;
  if (!submission.sealed_settings.empty())
    return work.credentials.openSettings(context.task.id, submission.sealed_settings);
  if (submission.scan_template.empty()) return Json::object();
  // Of a version that wrote down the name alone.
  const auto config = work.config.get();
  for (const ScanTemplate& entry : config->scan_templates)
    if (entry.name == submission.scan_template) return entry.config;
  return fail(ErrorClass::unsupported, "its scan_template '" + submission.scan_template +
                                           "' is not configured here any more");
}

/// Nothing is launched that the ledger does not tell of.
Status writeDown(const Work& work, const TaskContext& context, const Decision& decision) {
  AuditEntry entry = policyEntry(decision, context.submission.targets, "launch");
  entry.caller = context.task.owner;
  entry.trace_id = context.task.trace_id;
  entry.task_id = context.task.id;
  entry.facts["scan_type"] = context.submission.scan_type;
  entry.facts["scanner_pool"] = context.task.pool;
  entry.facts["scanner_instance"] = context.task.instance;
  entry.facts["attempt"] = context.task.attempt;
  if (!decision.allowed) {
    work.note(std::move(entry));
    return {};
  }
  return work.writeDown(std::move(entry));
}

Result<std::vector<Target>> pinTargets(const Work& work, const TaskContext& context) {
  const TargetLimits limits{static_cast<std::size_t>(work.config->limits.target_entries),
                            static_cast<std::uint64_t>(work.config->limits.target_addresses)};
  const auto entries = parseTargets(context.submission.targets, limits);
  if (!entries) return tl::unexpected<Error>(entries.error());
  const Decision decision = work.scope->check(*entries, work.resolver);
  work.metrics.recordPolicyDecision(decision.allowed ? "allow" : "deny", "launch");
  work.events.emit(decision.allowed ? Level::info : Level::warning, "policy_decision", context.task,
                   Json::object({{"decision", decision.allowed ? "allow" : "deny"},
                                 {"rule", decision.rule},
                                 {"stage", "launch"},
                                 {"caller", context.task.owner}}));
  if (const Status written = writeDown(work, context, decision); !written)
    return tl::unexpected(written.error());
  if (!decision.allowed)
    return fail(ErrorClass::target, "denied by policy at launch: " + decision.message);

  std::vector<Target> targets;
  for (const PinnedTarget& pinned : decision.pinned)
    targets.push_back({pinned.given, pinned.addresses, pinned.kind == TargetKind::name});
  return targets;
}

/// What other nodes can open: without its key the task waits for one of them, and this one, which
/// may lease it again, leaves them time.
Status checkSealKey(const Work& work, const TaskContext& context) {
  constexpr std::chrono::seconds leave_to_others{5};
  constexpr std::string_view remedy = "give all nodes of the queue the same node.key_file";
  const auto key = work.credentials.missingKey(context.submission);
  if (!key) return {};
  work.events.emit(Level::warning, "login_key_missing", context.task,
                   Json::object({{"key_id", *key}, {"remedy", remedy}}));
  return tl::unexpected(Error{
      ErrorClass::busy,
      std::string(context.submission.sealed_login.empty() ? "its settings are" : "its login is") +
          " sealed with the key " + *key + ", which the node that took it does not have; " +
          std::string(remedy),
      ErrorSubject::backend, leave_to_others});
}

}  // namespace

RemoteScan remoteScanOf(const QueuedTask& task) {
  return {task.reference, task.run_id, makeMarker(task.id, task.launch)};
}

bool isOwnScan(const RemoteState& scan, const QueuedTask& task) {
  if (!task.reference.empty() && scan.reference == task.reference) return true;
  const auto submission = SubmissionDocument::parse(task.submission, task.id);
  return submission && !scan.name.empty() && scan.name == submission->name;
}

Result<ScanRequest> makeScanRequest(const Work& work, const TaskContext& context) {
  if (const Status open = work.checkLaunches(); !open) return tl::unexpected(open.error());
  auto targets = pinTargets(work, context);
  if (!targets) return tl::unexpected<Error>(targets.error());
  const bool names = std::any_of(targets->begin(), targets->end(),
                                 [](const Target& target) { return target.is_name; });
  if (names && !context.instance->can(SCANHOST_SCANNER_PINS_NAMES))
    return fail(ErrorClass::unsupported,
                "this scanner resolves names itself, past the scope check; give addresses instead");
  if (const Status key = checkSealKey(work, context); !key) return tl::unexpected(key.error());
  auto credential = work.credentials.forTask(context.task.id, context.submission);
  if (!credential) return tl::unexpected<Error>(credential.error());
  auto settings = scanSettings(work, context);
  if (!settings) return tl::unexpected<Error>(settings.error());

  ScanRequest request;
  request.task_id = context.task.id;
  request.attempt = context.task.attempt;
  request.launch = context.task.launch;
  request.marker = makeMarker(context.task.id, context.task.launch);
  request.name = context.submission.name;
  request.description = context.submission.description;
  request.scan_type = context.submission.scan_type;
  request.settings = std::move(*settings);
  request.targets = std::move(*targets);
  request.credential = std::move(*credential);
  return request;
}

Error storeError(Error error) {
  if (error.error_class == ErrorClass::transient || error.error_class == ErrorClass::busy ||
      error.error_class == ErrorClass::timeout || error.error_class == ErrorClass::cancelled) {
    error.error_class = ErrorClass::transient;
    error.subject = ErrorSubject::backend;
  } else {
    error.error_class = ErrorClass::internal;
    error.subject = ErrorSubject::task;
  }
  return error;
}

LaunchOutcome settleLaunch(const Work& work, const TaskContext& context) {
  return Launch(work, context).settle();
}

LaunchOutcome launchRemote(const Work& work, const TaskContext& context) {
  return Launch(work, context).run();
}

}  // namespace scanhost
