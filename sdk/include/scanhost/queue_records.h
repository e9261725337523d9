// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What crosses the queue interface, as values that own their texts. abi/queue.h says what
/// each means; names are the same. Times of day are microseconds UTC, 0 for "not yet".
///
/// `detail::lend` shows a value as its ABI struct while the value lives, `detail::own` copies one
/// that was borrowed; host and plugins use both.
#ifndef SCANHOST_QUEUE_RECORDS_H
#define SCANHOST_QUEUE_RECORDS_H

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/queue.h"
#include "error.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

enum class TaskState : int {
  queued = SCANHOST_TASK_QUEUED,
  running = SCANHOST_TASK_RUNNING,
  paused = SCANHOST_TASK_PAUSED,
  completed = SCANHOST_TASK_COMPLETED,
  failed = SCANHOST_TASK_FAILED,
  timeout = SCANHOST_TASK_TIMEOUT,
  cancelled = SCANHOST_TASK_CANCELLED,
};

/// "queued", "running", ... as service and logs name them.
inline const char* taskStateName(TaskState state) noexcept {
  static constexpr const char* names[] = {"queued", "running", "paused",   "completed",
                                          "failed", "timeout", "cancelled"};
  return names[static_cast<int>(state)];
}
inline bool isTerminal(TaskState state) noexcept {
  return state >= TaskState::completed;
}

enum class QueueOutcome : int {
  done = SCANHOST_QUEUE_DONE,
  not_found = SCANHOST_QUEUE_NOT_FOUND,
  lease_lost = SCANHOST_QUEUE_LEASE_LOST,
  wrong_state = SCANHOST_QUEUE_WRONG_STATE,
  created = SCANHOST_QUEUE_CREATED,
  replay = SCANHOST_QUEUE_REPLAY,
  conflict = SCANHOST_QUEUE_CONFLICT,
  full = SCANHOST_QUEUE_FULL,
  id_taken = SCANHOST_QUEUE_ID_TAKEN,
};

enum class TaskRequest : int {
  cancel = SCANHOST_REQUEST_CANCEL,
  pause = SCANHOST_REQUEST_PAUSE,
  resume = SCANHOST_REQUEST_RESUME,
};

struct TaskFlags {
  bool dead_letter = false;
  bool cancel_requested = false;
  bool pause_requested = false;
  bool relaunch = false;

  static TaskFlags fromBits(std::uint32_t bits) noexcept {
    return {(bits & SCANHOST_TASK_DEAD_LETTER) != 0, (bits & SCANHOST_TASK_CANCEL_REQUESTED) != 0,
            (bits & SCANHOST_TASK_PAUSE_REQUESTED) != 0, (bits & SCANHOST_TASK_RELAUNCH) != 0};
  }
  std::uint32_t bits() const noexcept {
    return (dead_letter ? SCANHOST_TASK_DEAD_LETTER : 0) |
           (cancel_requested ? SCANHOST_TASK_CANCEL_REQUESTED : 0) |
           (pause_requested ? SCANHOST_TASK_PAUSE_REQUESTED : 0) |
           (relaunch ? SCANHOST_TASK_RELAUNCH : 0);
  }
};

using LeaseToken = std::array<std::uint8_t, 16>;

/// Which grant a write belongs to.
struct Lease {
  std::string id;
  std::uint64_t epoch = 0;
  LeaseToken token{};
};

struct QueuedTask {
  TaskState state = TaskState::queued;
  TaskFlags flags;
  std::optional<ErrorClass> error_class;  ///< of the last failure
  std::string id, trace_id, owner, pool;
  std::string wanted_instance;  ///< empty: any of the pool
  std::string instance;         ///< where it was leased to last
  std::string submission;       ///< the host's JSON, written by submit
  std::string progress;         ///< the host's JSON, written by the lease holder
  std::string reference, run_id, generation, error_message;
  std::int64_t created_us = 0, started_us = 0, completed_us = 0;
  std::chrono::nanoseconds delay{0};  ///< until it may be leased
  int attempt = 1;
  int takeovers = 0;
  std::uint64_t launch = 0;
  std::uint64_t epoch = 0;
  LeaseToken token{};  ///< only in what `lease` gives
  std::chrono::nanoseconds lease_left{0};
  std::string worker, previous_worker;
  std::uint64_t position = 0;
  std::int64_t queued_us = 0;  ///< since when it waits: created, redriven or resumed

  Lease lease() const { return {id, epoch, token}; }
};

/// An outcome, and the task it is about where there is one.
struct TaskAnswer {
  QueueOutcome outcome = QueueOutcome::done;
  std::optional<QueuedTask> task;
};

struct Submission {
  std::string id, trace_id, owner, pool, wanted_instance, submission;
  std::int64_t created_us = 0;
  std::uint64_t cap = 0;  ///< most waiting tasks in the pool
  std::string key, key_hash;
  std::chrono::nanoseconds key_ttl{0};
};

struct LeaseInstance {
  std::string pool, name;
  std::uint32_t limit = 0;  ///< most tasks running or paused on it, over all nodes
};

struct LeaseRequest {
  std::uint32_t max_tasks = 1;
  std::string worker;
  std::chrono::nanoseconds lease{0};
  std::int64_t now_us = 0;
  std::chrono::nanoseconds takeover_grace{0};
  std::vector<LeaseInstance> instances;
};

struct Renewal {
  Lease lease;
  bool good_poll = false;
  std::string progress;  ///< empty: keep
};

struct RenewalOutcome {
  QueueOutcome outcome = QueueOutcome::not_found;
  TaskFlags flags;
  std::uint64_t found_epoch = 0;
};

/// What `advance` sets; what is absent stays.
struct Change {
  bool intent = false;  ///< `launch` grows by one; reference and run id are cleared
  std::optional<std::string> reference, run_id, progress;
  std::optional<TaskState> state;       ///< running to paused and back
  std::optional<std::uint64_t> launch;  ///< the adopted scan's
};

struct Finish {
  TaskState state = TaskState::completed;
  std::optional<ErrorClass> error_class;
  bool dead_letter = false;
  std::int64_t completed_us = 0;
  std::string error_message, generation;
  std::string progress;  ///< empty: keep
};

struct Release {
  bool stay_running = false;
  bool spend_attempt = false;
  std::optional<ErrorClass> error_class;
  std::chrono::nanoseconds delay{0};
  std::string error_message;
};

struct TaskQuery {
  std::optional<TaskState> state;
  std::optional<bool> dead_letter;
  std::string owner, pool;  ///< empty: any
  std::string cursor;       ///< `next` of the page before; empty: from the start
  std::uint32_t limit = 100;
  bool oldest_first = false;
  bool count_total = false;
};

/// A step of a walk: it may hold fewer tasks than asked for, even none, and still have a `next`.
struct TaskPage {
  std::vector<QueuedTask> tasks;
  std::string next;  ///< empty at the end
  std::optional<std::uint64_t> total;
};

struct PoolCounts {
  std::string pool;
  std::uint64_t queued = 0;  ///< delayed and held ones included
  std::uint64_t delayed = 0, running = 0, paused = 0, dead = 0;
  std::int64_t oldest_us = 0;
};

struct InstanceLoad {
  std::string pool, instance;
  std::uint64_t active = 0;  ///< running and paused tasks, over all nodes
};

struct QueueCounts {
  std::vector<PoolCounts> pools;
  std::vector<InstanceLoad> instances;
};

struct InstanceState {
  std::string worker;  ///< told by `instances`; `announce` names it once for all
  std::string pool, name;
  std::uint32_t limit = 0;
  std::string state;  ///< the host's JSON
  std::chrono::nanoseconds ttl{0};
};

struct QueueChange {
  std::uint64_t sequence = 0;
  std::string id;
  std::optional<TaskState> state;  ///< none: deleted
};

struct QueueChanges {
  std::optional<std::uint64_t> gap;  ///< go on from here, after looking at everything anew
  std::vector<QueueChange> changes;
};

struct Durability {
  bool survives_process = false;
  bool survives_power = false;
  bool survives_machine = false;
  std::string detail;
};

namespace detail {

[[noreturn]] inline void refuseValue(const char* what, std::int64_t found) {
  throw PluginError(ErrorClass::internal, std::string(what) + " " + std::to_string(found) +
                                              " is none that scanhost.queue/1 knows");
}

inline TaskState toTaskState(std::int32_t value) {
  if (value < SCANHOST_TASK_QUEUED || value > SCANHOST_TASK_CANCELLED)
    refuseValue("task state", value);
  return static_cast<TaskState>(value);
}
inline QueueOutcome toQueueOutcome(std::int32_t value) {
  if (value < SCANHOST_QUEUE_DONE || value > SCANHOST_QUEUE_ID_TAKEN) refuseValue("outcome", value);
  return static_cast<QueueOutcome>(value);
}
inline TaskRequest toTaskRequest(std::int32_t value) {
  if (value < SCANHOST_REQUEST_CANCEL || value > SCANHOST_REQUEST_RESUME)
    refuseValue("request", value);
  return static_cast<TaskRequest>(value);
}
/// A class this side does not know counts as internal.
inline std::optional<ErrorClass> toErrorClass(std::int32_t value) noexcept {
  if (value == 0) return std::nullopt;
  if (value < SCANHOST_ERROR_TRANSIENT || value > SCANHOST_ERROR_TIMEOUT)
    return ErrorClass::internal;
  return static_cast<ErrorClass>(value);
}
inline std::int32_t fromErrorClass(const std::optional<ErrorClass>& value) noexcept {
  return value ? static_cast<std::int32_t>(*value) : 0;
}

/// Calls `visit(value_member, abi_member)` for every text that a task has on both sides.
template <class Task, class Abi, class Visit>
void visitTaskTexts(Task& task, Abi& abi, Visit&& visit) {
  visit(task.id, abi.id);
  visit(task.trace_id, abi.trace_id);
  visit(task.owner, abi.owner);
  visit(task.pool, abi.pool);
  visit(task.wanted_instance, abi.wanted_instance);
  visit(task.instance, abi.instance);
  visit(task.submission, abi.submission);
  visit(task.progress, abi.progress);
  visit(task.reference, abi.reference);
  visit(task.run_id, abi.run_id);
  visit(task.generation, abi.generation);
  visit(task.error_message, abi.error_message);
  visit(task.worker, abi.worker);
  visit(task.previous_worker, abi.previous_worker);
}

inline scanhost_task lend(const QueuedTask& task) noexcept {
  scanhost_task abi{};
  abi.struct_size = sizeof abi;
  abi.state = static_cast<std::int32_t>(task.state);
  abi.flags = task.flags.bits();
  abi.error_class = fromErrorClass(task.error_class);
  visitTaskTexts(task, abi, [](const std::string& from, scanhost_text& to) { to = toText(from); });
  abi.created_us = task.created_us;
  abi.started_us = task.started_us;
  abi.completed_us = task.completed_us;
  abi.delay_ns = task.delay.count();
  abi.attempt = task.attempt;
  abi.takeovers = task.takeovers;
  abi.launch = task.launch;
  abi.epoch = task.epoch;
  std::copy(task.token.begin(), task.token.end(), abi.token);
  abi.lease_left_ns = task.lease_left.count();
  abi.position = task.position;
  abi.queued_us = task.queued_us;
  return abi;
}

inline QueuedTask own(const scanhost_task& abi) {
  QueuedTask task;
  task.state = toTaskState(abi.state);
  task.flags = TaskFlags::fromBits(abi.flags);
  task.error_class = toErrorClass(abi.error_class);
  visitTaskTexts(task, abi,
                 [](std::string& to, const scanhost_text& from) { to = toString(from); });
  task.created_us = abi.created_us;
  task.started_us = abi.started_us;
  task.completed_us = abi.completed_us;
  task.delay = std::chrono::nanoseconds(abi.delay_ns);
  task.attempt = abi.attempt;
  task.takeovers = abi.takeovers;
  task.launch = abi.launch;
  task.epoch = abi.epoch;
  std::copy(std::begin(abi.token), std::end(abi.token), task.token.begin());
  task.lease_left = std::chrono::nanoseconds(abi.lease_left_ns);
  task.position = abi.position;
  task.queued_us = abi.queued_us;
  return task;
}

inline scanhost_submission lend(const Submission& submission) noexcept {
  scanhost_submission abi{};
  abi.struct_size = sizeof abi;
  abi.id = toText(submission.id);
  abi.trace_id = toText(submission.trace_id);
  abi.owner = toText(submission.owner);
  abi.pool = toText(submission.pool);
  abi.wanted_instance = toText(submission.wanted_instance);
  abi.submission = toText(submission.submission);
  abi.created_us = submission.created_us;
  abi.cap = submission.cap;
  abi.key = toText(submission.key);
  abi.key_hash = toText(submission.key_hash);
  abi.key_ttl_ns = submission.key_ttl.count();
  return abi;
}

inline Submission own(const scanhost_submission& abi) {
  Submission submission;
  submission.id = toString(abi.id);
  submission.trace_id = toString(abi.trace_id);
  submission.owner = toString(abi.owner);
  submission.pool = toString(abi.pool);
  submission.wanted_instance = toString(abi.wanted_instance);
  submission.submission = toString(abi.submission);
  submission.created_us = abi.created_us;
  submission.cap = abi.cap;
  submission.key = toString(abi.key);
  submission.key_hash = toString(abi.key_hash);
  submission.key_ttl = std::chrono::nanoseconds(abi.key_ttl_ns);
  return submission;
}

inline scanhost_lease_instance lend(const LeaseInstance& instance) noexcept {
  return {sizeof(scanhost_lease_instance), instance.limit, toText(instance.pool),
          toText(instance.name)};
}

inline LeaseRequest own(const scanhost_lease_request& abi) {
  LeaseRequest request;
  request.max_tasks = abi.max_tasks;
  request.worker = toString(abi.worker);
  request.lease = std::chrono::nanoseconds(abi.lease_ns);
  request.now_us = abi.now_us;
  request.takeover_grace = std::chrono::nanoseconds(abi.takeover_grace_ns);
  for (std::uint64_t i = 0; i < abi.instance_count; ++i) {
    const scanhost_lease_instance& instance = *abi.instances[i];
    request.instances.push_back({toString(instance.pool), toString(instance.name), instance.limit});
  }
  return request;
}

inline scanhost_lease lend(const Lease& lease) noexcept {
  scanhost_lease abi{sizeof(scanhost_lease), 0, toText(lease.id), lease.epoch, {}};
  std::copy(lease.token.begin(), lease.token.end(), abi.token);
  return abi;
}

inline Lease own(const scanhost_lease& abi) {
  Lease lease{toString(abi.id), abi.epoch, {}};
  std::copy(std::begin(abi.token), std::end(abi.token), lease.token.begin());
  return lease;
}

inline scanhost_renewal lend(const Renewal& renewal) noexcept {
  return {sizeof(scanhost_renewal), renewal.good_poll ? 1 : 0, lend(renewal.lease),
          toText(renewal.progress)};
}

inline Renewal own(const scanhost_renewal& abi) {
  return {own(abi.lease), abi.good_poll != 0, toString(abi.progress)};
}

inline scanhost_change lend(const Change& change) noexcept {
  scanhost_change abi{};
  abi.struct_size = sizeof abi;
  if (change.intent) abi.fields |= SCANHOST_CHANGE_INTENT;
  const auto set = [&](const std::optional<std::string>& from, std::uint32_t bit,
                       scanhost_text& to) {
    if (!from) return;
    abi.fields |= bit;
    to = toText(*from);
  };
  set(change.reference, SCANHOST_CHANGE_REFERENCE, abi.reference);
  set(change.run_id, SCANHOST_CHANGE_RUN, abi.run_id);
  set(change.progress, SCANHOST_CHANGE_PROGRESS, abi.progress);
  if (change.state) {
    abi.fields |= SCANHOST_CHANGE_STATE;
    abi.state = static_cast<std::int32_t>(*change.state);
  }
  if (change.launch) {
    abi.fields |= SCANHOST_CHANGE_LAUNCH;
    abi.launch = *change.launch;
  }
  return abi;
}

inline Change own(const scanhost_change& abi) {
  Change change;
  change.intent = (abi.fields & SCANHOST_CHANGE_INTENT) != 0;
  if (abi.fields & SCANHOST_CHANGE_REFERENCE) change.reference = toString(abi.reference);
  if (abi.fields & SCANHOST_CHANGE_RUN) change.run_id = toString(abi.run_id);
  if (abi.fields & SCANHOST_CHANGE_PROGRESS) change.progress = toString(abi.progress);
  if (abi.fields & SCANHOST_CHANGE_STATE) change.state = toTaskState(abi.state);
  if (abi.fields & SCANHOST_CHANGE_LAUNCH) change.launch = abi.launch;
  return change;
}

inline scanhost_finish lend(const Finish& finish) noexcept {
  return {sizeof(scanhost_finish),
          static_cast<std::int32_t>(finish.state),
          fromErrorClass(finish.error_class),
          finish.dead_letter ? 1 : 0,
          finish.completed_us,
          toText(finish.error_message),
          toText(finish.generation),
          toText(finish.progress)};
}

inline Finish own(const scanhost_finish& abi) {
  return {toTaskState(abi.state), toErrorClass(abi.error_class), abi.dead_letter != 0,
          abi.completed_us,       toString(abi.error_message),   toString(abi.generation),
          toString(abi.progress)};
}

inline scanhost_release lend(const Release& release) noexcept {
  return {sizeof(scanhost_release),      release.stay_running ? 1 : 0,
          release.spend_attempt ? 1 : 0, fromErrorClass(release.error_class),
          release.delay.count(),         toText(release.error_message)};
}

inline Release own(const scanhost_release& abi) {
  return {abi.stay_running != 0, abi.spend_attempt != 0, toErrorClass(abi.error_class),
          std::chrono::nanoseconds(abi.delay_ns), toString(abi.error_message)};
}

inline scanhost_task_query lend(const TaskQuery& query) noexcept {
  scanhost_task_query abi{};
  abi.struct_size = sizeof abi;
  abi.state = query.state ? static_cast<std::int32_t>(*query.state) : -1;
  abi.dead_letter = query.dead_letter ? (*query.dead_letter ? 1 : 0) : -1;
  abi.limit = query.limit;
  abi.owner = toText(query.owner);
  abi.pool = toText(query.pool);
  abi.cursor = toText(query.cursor);
  abi.oldest_first = query.oldest_first ? 1 : 0;
  abi.count_total = query.count_total ? 1 : 0;
  return abi;
}

inline TaskQuery own(const scanhost_task_query& abi) {
  TaskQuery query;
  if (abi.state >= 0) query.state = toTaskState(abi.state);
  if (abi.dead_letter >= 0) query.dead_letter = abi.dead_letter != 0;
  query.owner = toString(abi.owner);
  query.pool = toString(abi.pool);
  query.cursor = toString(abi.cursor);
  query.limit = abi.limit;
  query.oldest_first = abi.oldest_first != 0;
  query.count_total = abi.count_total != 0;
  return query;
}

inline scanhost_queue_counts lend(const PoolCounts& counts) noexcept {
  return {sizeof(scanhost_queue_counts),
          0,
          counts.queued,
          counts.delayed,
          counts.running,
          counts.paused,
          counts.dead,
          counts.oldest_us};
}

inline PoolCounts own(std::string pool, const scanhost_queue_counts& abi) {
  return {std::move(pool), abi.queued, abi.delayed,  abi.running,
          abi.paused,      abi.dead,   abi.oldest_us};
}

inline scanhost_instance_state lend(const InstanceState& state) noexcept {
  return {sizeof(scanhost_instance_state),
          state.limit,
          toText(state.pool),
          toText(state.name),
          toText(state.state),
          state.ttl.count()};
}

inline InstanceState own(std::string worker, const scanhost_instance_state& abi) {
  return {std::move(worker), toString(abi.pool),  toString(abi.name),
          abi.limit,         toString(abi.state), std::chrono::nanoseconds(abi.ttl_ns)};
}

inline scanhost_queue_change lend(const QueueChange& change) noexcept {
  return {sizeof(scanhost_queue_change),
          change.state ? static_cast<std::int32_t>(*change.state) : -1, change.sequence,
          toText(change.id)};
}

inline QueueChange own(const scanhost_queue_change& abi) {
  QueueChange change{abi.sequence, toString(abi.id), std::nullopt};
  if (abi.state >= 0) change.state = toTaskState(abi.state);
  return change;
}

inline scanhost_durability lend(const Durability& durability) noexcept {
  return {sizeof(scanhost_durability), durability.survives_process ? 1 : 0,
          durability.survives_power ? 1 : 0, durability.survives_machine ? 1 : 0,
          toText(durability.detail)};
}

inline Durability own(const scanhost_durability& abi) {
  return {abi.survives_process != 0, abi.survives_power != 0, abi.survives_machine != 0,
          toString(abi.detail)};
}

/// Lends values as the ABI's array of pointers while both live.
template <class Abi>
class LentRecords {
 public:
  template <class Values>
  explicit LentRecords(const Values& values) {
    records_.reserve(values.size());
    pointers_.reserve(values.size());
    for (const auto& value : values) {
      records_.push_back(lend(value));
      pointers_.push_back(&records_.back());
    }
  }
  LentRecords(const LentRecords&) = delete;
  LentRecords& operator=(const LentRecords&) = delete;

  const Abi* const* data() const noexcept { return pointers_.data(); }
  std::uint64_t size() const noexcept { return pointers_.size(); }

 private:
  std::vector<Abi> records_;
  std::vector<const Abi*> pointers_;
};

}  // namespace detail
}  // namespace v1
}  // namespace scanhost

#endif
