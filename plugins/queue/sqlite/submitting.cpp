// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/steps.h"

namespace scanhost::queue_sqlite {
namespace {

constexpr int keys_forgotten_at_once = 8;

void forgetKeys(sqlite::Database& database, std::int64_t wall_us) {
  database.execute(
      "DELETE FROM keys WHERE (owner, key) IN (SELECT owner, key FROM keys WHERE expires_us <= ? "
      "LIMIT ?)",
      wall_us, keys_forgotten_at_once);
}

/// What the key already stands for, if anything.
std::optional<TaskAnswer> answerByKey(const Step& step, const Submission& submission,
                                      std::int64_t wall_us) {
  auto found = step.database.query(
      "SELECT hash, seq FROM keys WHERE owner = ? AND key = ? AND expires_us > ?", submission.owner,
      submission.key, wall_us);
  if (!found.step()) return std::nullopt;
  if (found.view(0) != submission.key_hash) return TaskAnswer{QueueOutcome::conflict, std::nullopt};
  return TaskAnswer{QueueOutcome::replay,
                    loadPlacedTask(step.database, found.integer(1), step.now)};
}

bool poolIsFull(sqlite::Database& database, const Submission& submission) {
  auto waiting = database.query(
      "SELECT coalesce(sum(n), 0) FROM pool_totals WHERE pool = ? AND (state = 0 OR held <> 0)",
      submission.pool);
  waiting.step();
  return static_cast<std::uint64_t>(waiting.integer(0)) >= submission.cap;
}

void keepKey(sqlite::Database& database, const Submission& submission, std::int64_t seq,
             std::int64_t wall_us) {
  const auto ttl = std::chrono::duration_cast<std::chrono::microseconds>(submission.key_ttl);
  database.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)", submission.owner,
                   submission.key, submission.key_hash, seq, wall_us + ttl.count());
}

}  // namespace

TaskAnswer submitTask(const Step& step, const Submission& submission, std::int64_t wall_us) {
  sqlite::Database& database = step.database;
  forgetKeys(database, wall_us);
  if (!submission.key.empty())
    if (auto answer = answerByKey(step, submission, wall_us)) return *answer;
  if (findRow(database, submission.id)) return {QueueOutcome::id_taken, std::nullopt};
  if (poolIsFull(database, submission)) return {QueueOutcome::full, std::nullopt};

  database.execute(
      "INSERT INTO tasks (id, trace_id, owner, pool, wanted, created_us, queued_us) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
      submission.id, submission.trace_id, submission.owner, submission.pool,
      submission.wanted_instance, submission.created_us);
  const std::int64_t seq = database.lastRowId();
  database.execute("INSERT INTO submissions VALUES (?, ?)", seq, submission.submission);
  if (!submission.key.empty()) keepKey(database, submission, seq, wall_us);
  step.note(submission.id, TaskState::queued);
  return {QueueOutcome::created, loadNewTask(database, seq, step.now)};
}

}  // namespace scanhost::queue_sqlite
