// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/accepting.h"

#include <utility>

#include "host/base/fault_points.h"

namespace scanhost {

Result<TaskAnswer> Accepting::submit(const Submission& submission,
                                     const CallOptions& options) const {
  if (!journal_ || isTakenAway("journal")) return queue_.submit(submission, options);
  if (journal_->find(submission.id)) return TaskAnswer{QueueOutcome::id_taken, std::nullopt};
  if (const Status kept = journal_->keep(submission); !kept) {
    tellFailure(submission, kept.error());
    return tl::unexpected<Error>(kept.error());
  }
  return settle(submission, queue_.submit(submission, options));
}

/// Leaves in the journal what the client is told, before it is told.
Result<TaskAnswer> Accepting::settle(const Submission& submission,
                                     Result<TaskAnswer> answer) const {
  Status settled;
  if (!answer)
    settled =
        submission.key.empty() ? journal_->withdraw(submission.id) : journal_->letGo(submission.id);
  else if (answer->outcome == QueueOutcome::created)
    journal_->settle(submission.id);
  else if (answer->outcome == QueueOutcome::replay && answer->task)
    settled = keepReplayed(submission, *answer->task);
  else
    settled = journal_->drop(submission.id);
  if (settled) return answer;
  tellFailure(submission, settled.error());
  if (!answer && submission.key.empty())
    journal_->withdrawSoon(submission.id);
  else
    journal_->dropSoon(submission.id);
  if (!answer) return answer;
  return tl::unexpected<Error>(settled.error());
}

/// The yes is this node's now, whoever accepted the task before.
Status Accepting::keepReplayed(const Submission& asked, const QueuedTask& known) const {
  if (isTerminal(known.state)) return journal_->drop(asked.id);
  Submission kept = asked;
  kept.id = known.id;
  kept.trace_id = known.trace_id;
  kept.owner = known.owner;
  kept.pool = known.pool;
  kept.wanted_instance = known.wanted_instance;
  kept.submission = known.submission;
  kept.created_us = known.created_us;
  return journal_->replace(asked.id, kept);
}

void Accepting::tellFailure(const Submission& submission, const Error& error) const {
  events_.emit(Level::error, "tasks", "accept_journal_failed", submission.trace_id,
               Json::object({{"task_id", submission.id}, {"error", error.message}}));
}

}  // namespace scanhost
