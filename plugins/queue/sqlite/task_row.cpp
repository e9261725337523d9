// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/task_row.h"

#include <algorithm>

namespace scanhost::queue_sqlite {
namespace {

[[noreturn]] void refuseRecord(const sqlite::Database& database, std::string_view id,
                               const std::string& what) {
  throw PluginError(ErrorClass::internal,
                    database.path() + ": the record of task " + std::string(id) + " is damaged (" +
                        what + "); stop scanhost and mend or remove it with sqlite3",
                    ErrorSubject::backend);
}

TaskState readState(const sqlite::Database& database, std::string_view id, std::int64_t value) {
  if (value < 0 || value > static_cast<std::int64_t>(TaskState::cancelled))
    refuseRecord(database, id, "state " + std::to_string(value));
  return static_cast<TaskState>(value);
}

std::chrono::nanoseconds delayOf(const QueuedTask& task, bool leased, std::int64_t due,
                                 std::int64_t lease_until, std::int64_t now) {
  if (task.state == TaskState::queued)
    return std::chrono::nanoseconds(std::max<std::int64_t>(0, due - now));
  const bool released = task.state == TaskState::running || task.state == TaskState::paused;
  if (!released || leased) return {};
  return std::chrono::nanoseconds(std::max<std::int64_t>(0, lease_until - now));
}

}  // namespace

std::optional<TaskRow> findRow(sqlite::Database& database, const std::string& id) {
  auto found = database.query(
      "SELECT seq, id, pool, state, held, bound, flags, epoch, launch, token, leased, reference, "
      "run_id, lease_until_ns FROM tasks WHERE id = ?",
      id);
  if (!found.step()) return std::nullopt;
  TaskRow row;
  row.seq = found.integer(0);
  row.id = found.text(1);
  row.pool = found.text(2);
  row.state = readState(database, row.id, found.integer(3));
  row.held = found.integer(4) != 0;
  row.bound = found.integer(5) != 0;
  row.flags = TaskFlags::fromBits(static_cast<std::uint32_t>(found.integer(6)));
  row.epoch = static_cast<std::uint64_t>(found.integer(7));
  row.launch = static_cast<std::uint64_t>(found.integer(8));
  const std::string_view token = found.view(9);
  row.leased = found.integer(10) != 0;
  if (row.leased && token.size() != row.token.size())
    refuseRecord(database, row.id, "a lease token of " + std::to_string(token.size()) + " bytes");
  std::copy_n(token.begin(), std::min(token.size(), row.token.size()), row.token.begin());
  row.reference = found.text(11);
  row.run_id = found.text(12);
  row.lease_until_ns = found.integer(13);
  return row;
}

QueuedTask loadTask(sqlite::Database& database, std::int64_t seq, std::int64_t now) {
  auto row = database.query(
      "SELECT id, trace_id, owner, pool, wanted, instance, state, flags, error_class, "
      "error_message, progress, reference, run_id, generation, created_us, queued_us, started_us, "
      "completed_us, due_ns, attempt, takeovers, launch, epoch, leased, lease_until_ns, worker, "
      "submission FROM tasks LEFT JOIN submissions USING (seq) WHERE seq = ?",
      seq);
  if (!row.step())
    throw PluginError(ErrorClass::internal,
                      database.path() + ": task row " + std::to_string(seq) +
                          " is in an index but not in the table; run `sqlite3 FILE .recover`",
                      ErrorSubject::backend);
  QueuedTask task;
  int column = 0;
  task.id = row.text(column++);
  task.trace_id = row.text(column++);
  task.owner = row.text(column++);
  task.pool = row.text(column++);
  task.wanted_instance = row.text(column++);
  task.instance = row.text(column++);
  task.state = readState(database, task.id, row.integer(column++));
  task.flags = TaskFlags::fromBits(static_cast<std::uint32_t>(row.integer(column++)));
  task.error_class = detail::toErrorClass(static_cast<std::int32_t>(row.integer(column++)));
  task.error_message = row.text(column++);
  task.progress = row.text(column++);
  task.reference = row.text(column++);
  task.run_id = row.text(column++);
  task.generation = row.text(column++);
  task.created_us = row.integer(column++);
  task.queued_us = row.integer(column++);
  task.started_us = row.integer(column++);
  task.completed_us = row.integer(column++);
  const std::int64_t due = row.integer(column++);
  task.attempt = static_cast<int>(row.integer(column++));
  task.takeovers = static_cast<int>(row.integer(column++));
  task.launch = static_cast<std::uint64_t>(row.integer(column++));
  task.epoch = static_cast<std::uint64_t>(row.integer(column++));
  const bool leased = row.integer(column++) != 0;
  const std::int64_t lease_until = row.integer(column++);
  task.worker = row.text(column++);
  if (row.isNull(column)) refuseRecord(database, task.id, "its submission is missing");
  task.submission = row.text(column);
  task.delay = delayOf(task, leased, due, lease_until, now);
  if (leased) task.lease_left = std::chrono::nanoseconds(lease_until - now);
  return task;
}

QueuedTask loadPlacedTask(sqlite::Database& database, std::int64_t seq, std::int64_t now) {
  QueuedTask task = loadTask(database, seq, now);
  if (task.state != TaskState::queued) return task;
  auto before = database.query(
      "SELECT count(*) FROM tasks INDEXED BY tasks_waiting WHERE state = 0 AND pool = ? AND "
      "(created_us, seq) <= (?, ?)",
      task.pool, task.created_us, seq);
  before.step();
  task.position = static_cast<std::uint64_t>(before.integer(0));
  return task;
}

QueuedTask loadNewTask(sqlite::Database& database, std::int64_t seq, std::int64_t now) {
  QueuedTask task = loadTask(database, seq, now);
  auto waiting = database.query(
      "SELECT (SELECT coalesce(sum(n), 0) FROM pool_totals WHERE pool = ?1 AND state = 0) - "
      "(SELECT count(*) FROM tasks INDEXED BY tasks_waiting WHERE state = 0 AND pool = ?1 AND "
      "(created_us, seq) > (?2, ?3))",
      task.pool, task.created_us, seq);
  waiting.step();
  task.position = static_cast<std::uint64_t>(waiting.integer(0));
  return task;
}

}  // namespace scanhost::queue_sqlite
