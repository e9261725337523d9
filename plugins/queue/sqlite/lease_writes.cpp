// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "plugins/queue/sqlite/steps.h"

namespace scanhost::queue_sqlite {
namespace {

/// The row that the lease holds, or why it holds none.
struct Holding {
  std::optional<TaskRow> row;
  QueueOutcome outcome = QueueOutcome::done;

  explicit operator bool() const { return outcome == QueueOutcome::done; }
};

Holding find(const Step& step, const Lease& lease) {
  Holding holding{findRow(step.database, lease.id)};
  if (!holding.row)
    holding.outcome = QueueOutcome::not_found;
  else if (!holding.row->heldBy(lease))
    holding.outcome = QueueOutcome::lease_lost;
  return holding;
}

}  // namespace

RenewalOutcome renewLease(const Step& step, const Renewal& renewal,
                          std::chrono::nanoseconds lease) {
  const Holding holding = find(step, renewal.lease);
  if (!holding.row) return {holding.outcome, {}, 0};
  if (!holding) return {holding.outcome, holding.row->flags, holding.row->epoch};
  step.database.execute(
      "UPDATE tasks SET lease_until_ns = ?1, takeovers = iif(?2, 0, takeovers), "
      "progress = iif(?3 = '', progress, ?3) WHERE seq = ?4",
      step.now + lease.count(), renewal.good_poll, renewal.progress, holding.row->seq);
  if (!renewal.progress.empty()) step.note(holding.row->id, holding.row->state);
  return {QueueOutcome::done, holding.row->flags, holding.row->epoch};
}

TaskAnswer advanceTask(const Step& step, const Lease& lease, const Change& change) {
  const Holding holding = find(step, lease);
  if (!holding) return {holding.outcome, std::nullopt};
  TaskRow row = *holding.row;
  if (change.state) {
    if (*change.state != TaskState::running && *change.state != TaskState::paused)
      return {QueueOutcome::wrong_state, loadTask(step.database, row.seq, step.now)};
    row.state = *change.state;
  }
  if (change.intent) {
    ++row.launch;
    row.reference.clear();
    row.run_id.clear();
  }
  if (change.launch) row.launch = *change.launch;
  if (change.reference) row.reference = *change.reference;
  if (change.run_id) row.run_id = *change.run_id;
  if (change.intent || change.launch) row.flags.relaunch = false;  // the permission is spent
  row.bound = row.bound || change.intent || change.launch || change.reference;

  step.database.execute(
      "UPDATE tasks SET state = ?, launch = ?, reference = ?, run_id = ?, flags = ?, bound = ? "
      "WHERE seq = ?",
      row.state, row.launch, row.reference, row.run_id, row.flags.bits(), row.bound, row.seq);
  if (change.progress)
    step.database.execute("UPDATE tasks SET progress = ? WHERE seq = ?", *change.progress, row.seq);
  step.note(row.id, row.state);
  return {QueueOutcome::done, loadTask(step.database, row.seq, step.now)};
}

QueueOutcome finishTask(const Step& step, const Lease& lease, const Finish& finish) {
  if (!isTerminal(finish.state)) return QueueOutcome::wrong_state;
  const Holding holding = find(step, lease);
  if (!holding) return holding.outcome;
  TaskFlags flags = holding.row->flags;
  flags.dead_letter = finish.dead_letter && finish.state == TaskState::failed;
  flags.pause_requested = false;
  flags.relaunch = false;
  step.database.execute(
      "UPDATE tasks SET state = ?1, flags = ?2, error_class = ?3, error_message = ?4, "
      "generation = ?5, completed_us = ?6, progress = iif(?7 = '', progress, ?7), leased = 0, "
      "token = x'', lease_until_ns = 0 WHERE seq = ?8",
      finish.state, flags.bits(), detail::fromErrorClass(finish.error_class), finish.error_message,
      finish.generation, finish.completed_us, finish.progress, holding.row->seq);
  step.note(holding.row->id, finish.state);
  return QueueOutcome::done;
}

namespace {

void leaveRunning(const Step& step, const TaskRow& row, std::int64_t until) {
  step.database.execute(
      "UPDATE tasks SET leased = 0, token = x'', lease_until_ns = ? WHERE seq = ?", until, row.seq);
  step.note(row.id, row.state);
}

/// Back among those that wait. A pause that was asked for takes effect here, and a cancel is not
/// kept waiting by the delay: the next holder sees it.
void putBack(const Step& step, const TaskRow& row, std::int64_t until) {
  TaskFlags flags = row.flags;
  const bool hold = flags.pause_requested && !flags.cancel_requested;
  flags.pause_requested = false;
  const TaskState state = hold ? TaskState::paused : TaskState::queued;
  step.database.execute(
      "UPDATE tasks SET state = ?, held = ?, flags = ?, bound = 0, reference = '', run_id = '', "
      "due_ns = ?, leased = 0, token = x'', lease_until_ns = 0 WHERE seq = ?",
      state, hold, flags.bits(), flags.cancel_requested ? 0 : until, row.seq);
  step.note(row.id, state);
}

}  // namespace

QueueOutcome releaseTask(const Step& step, const Lease& lease, const Release& release) {
  const Holding holding = find(step, lease);
  if (!holding) return holding.outcome;
  const TaskRow& row = *holding.row;
  const std::int64_t until = release.delay.count() > 0 ? step.now + release.delay.count() : 0;
  if (release.stay_running)
    leaveRunning(step, row, until);
  else
    putBack(step, row, until);
  if (release.spend_attempt)
    step.database.execute("UPDATE tasks SET attempt = attempt + 1 WHERE seq = ?", row.seq);
  if (release.error_class)
    step.database.execute("UPDATE tasks SET error_class = ?, error_message = ? WHERE seq = ?",
                          *release.error_class, release.error_message, row.seq);
  return QueueOutcome::done;
}

}  // namespace scanhost::queue_sqlite
