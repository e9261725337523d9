// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Gives submissions to the queue as safely as `queue.durability` demands.
///
/// With a journal, that comes first: whatever becomes of the queue afterwards, this node still has
/// what it said yes to. And what it said no to does not run behind the client's back: when the
/// queue's answer was lost, a submission without a key is withdrawn, so that Reconciler cancels it
/// should it turn up; one with a key is left, for the client asks again and is told. Safe from any
/// thread.
#pragma once

#include "host/plugins/queue_client.h"
#include "host/tasks/accept_journal.h"
#include "host/tasks/durability_watch.h"

namespace scanhost {

class Accepting {
 public:
  /// What is borrowed outlives this. `journal` null: none is kept.
  Accepting(const QueueClient& queue, const DurabilityWatch& durability, AcceptJournal* journal,
            EventLog& events)
      : queue_(queue), durability_(durability), journal_(journal), events_(events) {}

  /// False while nothing may be accepted: durability is strict, and the queue is not safe enough.
  bool open() const { return !durability_.refuses(); }
  /// As QueueClient::submit.
  Result<TaskAnswer> submit(const Submission& submission, const CallOptions& options) const;
  /// A client cancelled or removed the task, here or on another node: should the queue forget that,
  /// it is asked for again, and the task is not given back to a queue that lost it.
  void noteUnwanted(const std::string& id) const {
    if (journal_) journal_->noteUnwanted(id);
  }

 private:
  Result<TaskAnswer> settle(const Submission& submission, Result<TaskAnswer> answer) const;
  Status keepReplayed(const Submission& asked, const QueuedTask& known) const;
  void tellFailure(const Submission& submission, const Error& error) const;

  const QueueClient& queue_;
  const DurabilityWatch& durability_;
  AcceptJournal* const journal_;
  EventLog& events_;
};

}  // namespace scanhost
