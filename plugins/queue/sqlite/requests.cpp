// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/steps.h"

namespace scanhost::queue_sqlite {
namespace {

TaskAnswer answer(const Step& step, QueueOutcome outcome, const TaskRow& row) {
  return {outcome, loadPlacedTask(step.database, row.seq, step.now)};
}

void setFlags(const Step& step, const TaskRow& row, const TaskFlags& flags) {
  if (flags.bits() == row.flags.bits()) return;
  step.database.execute("UPDATE tasks SET flags = ? WHERE seq = ?", flags.bits(), row.seq);
  step.note(row.id, row.state);
}

QueueOutcome cancel(const Step& step, const TaskRow& row, std::int64_t now_us) {
  if (row.state == TaskState::cancelled) return QueueOutcome::done;
  if (isTerminal(row.state)) return QueueOutcome::wrong_state;
  TaskFlags flags = row.flags;
  flags.cancel_requested = true;
  if (row.underWay()) {
    setFlags(step, row, flags);
    return QueueOutcome::done;
  }
  step.database.execute(
      "UPDATE tasks SET state = ?, held = 0, flags = ?, completed_us = ?, due_ns = 0 WHERE seq = ?",
      TaskState::cancelled, flags.bits(), now_us, row.seq);
  step.note(row.id, TaskState::cancelled);
  return QueueOutcome::done;
}

QueueOutcome pause(const Step& step, const TaskRow& row) {
  if (isTerminal(row.state)) return QueueOutcome::wrong_state;
  if (row.underWay()) {
    TaskFlags flags = row.flags;
    flags.pause_requested = true;
    setFlags(step, row, flags);
  } else if (!row.held) {
    step.database.execute("UPDATE tasks SET state = ?, held = 1 WHERE seq = ?", TaskState::paused,
                          row.seq);
    step.note(row.id, TaskState::paused);
  }
  return QueueOutcome::done;
}

QueueOutcome resume(const Step& step, const TaskRow& row, std::int64_t now_us) {
  if (isTerminal(row.state)) return QueueOutcome::wrong_state;
  if (row.underWay()) {
    TaskFlags flags = row.flags;
    flags.pause_requested = false;
    setFlags(step, row, flags);
  } else if (row.held) {
    step.database.execute("UPDATE tasks SET state = ?, held = 0, queued_us = ? WHERE seq = ?",
                          TaskState::queued, now_us, row.seq);
    step.note(row.id, TaskState::queued);
  }
  return QueueOutcome::done;
}

void removeRow(const Step& step, std::int64_t seq, const std::string& id) {
  step.database.execute("DELETE FROM tasks WHERE seq = ?", seq);
  step.note(id, std::nullopt);
}

void expireBy(const Step& step, std::string_view sql, std::int64_t before_us, std::uint32_t limit,
              std::vector<QueuedTask>& gone) {
  if (gone.size() >= limit) return;
  std::vector<std::int64_t> rows;
  {
    auto found = step.database.query(sql, before_us, limit - gone.size());
    while (found.step()) rows.push_back(found.integer(0));
  }
  for (const std::int64_t seq : rows) {
    gone.push_back(loadTask(step.database, seq, step.now));
    removeRow(step, seq, gone.back().id);
  }
}

}  // namespace

TaskAnswer redriveTask(const Step& step, const std::string& id, bool relaunch,
                       std::int64_t wall_us) {
  const auto row = findRow(step.database, id);
  if (!row) return {QueueOutcome::not_found, std::nullopt};
  if (row->state != TaskState::failed) return answer(step, QueueOutcome::wrong_state, *row);
  TaskFlags flags;
  flags.relaunch = relaunch;
  // A launch in doubt binds the task to its instance until someone allows another.
  const bool bound = row->bound && !(relaunch && row->reference.empty());
  step.database.execute(
      "UPDATE tasks SET state = ?, flags = ?, bound = ?, attempt = attempt + 1, takeovers = 0, "
      "completed_us = 0, due_ns = 0, queued_us = ?, reference = iif(?, '', reference), "
      "run_id = iif(?, '', run_id) WHERE seq = ?",
      TaskState::queued, flags.bits(), bound, wall_us, relaunch, relaunch, row->seq);
  step.note(id, TaskState::queued);
  return answer(step, QueueOutcome::done, *row);
}

TaskAnswer requestChange(const Step& step, const std::string& id, TaskRequest what,
                         std::int64_t now_us) {
  const auto row = findRow(step.database, id);
  if (!row) return {QueueOutcome::not_found, std::nullopt};
  const QueueOutcome outcome = what == TaskRequest::cancel  ? cancel(step, *row, now_us)
                               : what == TaskRequest::pause ? pause(step, *row)
                                                            : resume(step, *row, now_us);
  return answer(step, outcome, *row);
}

QueueOutcome removeTask(const Step& step, const std::string& id) {
  const auto row = findRow(step.database, id);
  if (!row) return QueueOutcome::not_found;
  if (!isTerminal(row->state)) return QueueOutcome::wrong_state;
  removeRow(step, row->seq, id);
  return QueueOutcome::done;
}

std::vector<QueuedTask> expireTasks(const Step& step, std::int64_t completed_before_us,
                                    std::int64_t failed_before_us, std::uint32_t limit) {
  std::vector<QueuedTask> gone;
  expireBy(step,
           "SELECT seq FROM tasks WHERE state = 3 AND completed_us < ? ORDER BY completed_us "
           "LIMIT ?",
           completed_before_us, limit, gone);
  expireBy(step,
           "SELECT seq FROM tasks WHERE state > 3 AND completed_us < ? ORDER BY completed_us "
           "LIMIT ?",
           failed_before_us, limit, gone);
  return gone;
}

QueueOutcome timeOutTask(const Step& step, const std::string& id, std::uint64_t epoch,
                         std::int64_t now_us, const std::string& error_message) {
  const auto row = findRow(step.database, id);
  if (!row) return QueueOutcome::not_found;
  if (isTerminal(row->state) || row->held) return QueueOutcome::wrong_state;
  if (row->epoch != epoch || row->leaseLives(step.now)) return QueueOutcome::lease_lost;
  TaskFlags flags = row->flags;
  flags.pause_requested = false;
  flags.relaunch = false;
  step.database.execute(
      "UPDATE tasks SET state = ?, flags = ?, error_class = ?, error_message = ?, completed_us = "
      "?, "
      "due_ns = 0, leased = 0, token = x'', lease_until_ns = 0 WHERE seq = ?",
      TaskState::timeout, flags.bits(), detail::fromErrorClass(ErrorClass::timeout), error_message,
      now_us, row->seq);
  step.note(id, TaskState::timeout);
  return QueueOutcome::done;
}

}  // namespace scanhost::queue_sqlite
