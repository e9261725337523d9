// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/reconciler.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "host/tasks/task_documents.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds queue_timeout{5};
constexpr std::chrono::seconds pause_after_failure{1};
constexpr std::size_t adopted_at_once = 5'000;

bool isUnreachable(const Error& error) {
  return error.error_class != ErrorClass::internal;
}

}  // namespace

Reconciler::Reconciler(const QueueClient& queue, AcceptJournal& journal, const TaskEvents& events,
                       Pace pace)
    : queue_(queue),
      journal_(journal),
      events_(events),
      pace_(pace),
      looked_before_(journal.lastLook()) {}

void Reconciler::turn(Clock::time_point now) {
  adopt(now);
  if (all_due_.exchange(false)) {
    due_.clear();
    for (auto watched = watched_.begin(); watched != watched_.end(); ++watched) {
      watched->second.next = now;
      due_.emplace(now, watched->first);
    }
  }
  if (now < not_before_) return;
  for (int looks = 0; looks < pace_.looks_at_once && !due_.empty(); ++looks) {
    const auto next = due_.begin();
    if (next->first > now) break;
    const auto watched = watched_.find(next->second);
    const bool is_current = watched != watched_.end() && watched->second.next == next->first;
    due_.erase(next);
    if (!is_current || lookAt(watched, now)) continue;
    watched->second.next = now;
    due_.emplace(now, watched->first);
    not_before_ = now + pause_after_failure;
    return;
  }
  if (now >= note_next_ && !watched_.empty() && (due_.empty() || due_.begin()->first > now)) {
    note_next_ = now + pace_.note_look;
    journal_.noteLook(Timestamp::now());
  }
}

/// Takes up what was settled since the last turn.
void Reconciler::adopt(Clock::time_point now) {
  const auto settled = journal_.settledAfter(adopted_, adopted_at_once);
  for (const auto& [sequence, id] : settled) {
    adopted_ = sequence;
    const auto entry = journal_.find(id);
    if (!entry) continue;
    Watched watched;
    watched.since = now;
    watched.next = first_ || entry->withdrawn ? now : now + pace_.soon;
    watched.sighted = first_ ? std::max(looked_before_, Timestamp{entry->submission.created_us})
                             : Timestamp::now();
    due_.emplace(watched.next, id);
    watched_.insert_or_assign(id, std::move(watched));
  }
  if (settled.size() < adopted_at_once) first_ = false;
}

void Reconciler::schedule(Watch::iterator watched, Clock::time_point now) {
  Watched& entry = watched->second;
  entry.next = now + (now - entry.since < pace_.young ? pace_.soon : pace_.later);
  if (entry.ended) entry.next = std::min(entry.next, *entry.ended + pace_.settle);
  due_.emplace(entry.next, watched->first);
}

bool Reconciler::lookAt(Watch::iterator watched, Clock::time_point now) {
  const auto entry = journal_.find(watched->first);
  if (!entry) {
    watched_.erase(watched);
    return true;
  }
  if (entry->dropped) {
    journal_.dropAgain(watched->first);
    schedule(watched, now);
    return true;
  }
  const auto found = queue_.get(watched->first, {.timeout = queue_timeout});
  if (!found) {
    if (isUnreachable(found.error())) return false;
    schedule(watched, now);  // its record makes no sense, but it is there
    return true;
  }
  if (*found) watched->second.sighted = Timestamp::now();
  if (entry->withdrawn) return lookAtWithdrawn(watched, *found, now);
  if (!*found)
    return entry->unwanted ? leaveUnwanted(watched, *entry, now) : resubmit(watched, *entry, now);
  if ((*found)->state == TaskState::cancelled || (*found)->flags.cancel_requested)
    journal_.noteUnwanted(watched->first);
  else if (entry->unwanted && !isTerminal((*found)->state) && !cancelAgain(**found))
    return false;
  return noteSeen(watched, **found, now);
}

bool Reconciler::cancelAgain(const QueuedTask& task) {
  const auto asked = queue_.request(task.id, TaskRequest::cancel, Timestamp::now().micros,
                                    {.timeout = queue_timeout});
  if (!asked) return !isUnreachable(asked.error());
  events_.emit(Level::warning, "task_cancelled_again", task,
               Json::object({{"reason", "the queue had lost the request"}}));
  return true;
}

bool Reconciler::leaveUnwanted(Watch::iterator watched, const AcceptJournal::Entry& entry,
                               Clock::time_point now) {
  tell(Level::info, "task_not_resubmitted", entry,
       "the queue does not know it, and its client had cancelled or removed it");
  leave(watched, now);
  return true;
}

bool Reconciler::lookAtWithdrawn(Watch::iterator watched, const std::optional<QueuedTask>& task,
                                 Clock::time_point now) {
  if (!task) {
    if (now - watched->second.since >= pace_.settle)
      leave(watched, now);
    else
      schedule(watched, now);
    return true;
  }
  Result<QueueOutcome> done = QueueOutcome::done;
  if (isTerminal(task->state)) {
    done = queue_.remove(task->id, {.timeout = queue_timeout});
    if (done)
      events_.emit(Level::warning, "accept_withdrawn", *task,
                   Json::object({{"reason", "its client was told that it was not accepted"}}));
  } else {
    const auto asked = queue_.request(task->id, TaskRequest::cancel, Timestamp::now().micros,
                                      {.timeout = queue_timeout});
    if (!asked) done = tl::unexpected<Error>(asked.error());
  }
  if (!done && isUnreachable(done.error())) return false;
  schedule(watched, now);
  return true;
}

bool Reconciler::noteSeen(Watch::iterator watched, const QueuedTask& task, Clock::time_point now) {
  Watched& entry = watched->second;
  if (task.launch > 0) entry.instance = task.instance;
  if (!isTerminal(task.state)) {
    entry.ended.reset();
  } else if (!entry.ended) {
    entry.ended = now;
  } else if (now - *entry.ended >= pace_.settle) {
    leave(watched, now);
    return true;
  }
  schedule(watched, now);
  return true;
}

bool Reconciler::resubmit(Watch::iterator watched, const AcceptJournal::Entry& entry,
                          Clock::time_point now) {
  const std::chrono::microseconds unseen(ages_.now().micros - watched->second.sighted.micros);
  if (unseen > pace_.remembered) {
    if (!journal_.setAside(watched->first)) return false;
    tell(Level::error, "accept_set_aside", entry,
         "the queue does not know it, and it was not looked after for so long that it may have "
         "been removed on purpose; it stands in accepts.aside");
    watched_.erase(watched);
    return true;
  }
  Submission submission = again(watched->second, entry);
  auto answer = queue_.submit(submission, {.timeout = queue_timeout});
  if (answer && answer->outcome == QueueOutcome::conflict) {  // the key serves another task by now
    submission.key.clear();
    answer = queue_.submit(submission, {.timeout = queue_timeout});
  }
  if (!answer) {
    if (isUnreachable(answer.error())) return false;
    schedule(watched, now);
    return true;
  }
  switch (answer->outcome) {
    case QueueOutcome::created:
      tell(Level::warning, "task_resubmitted", entry, "the queue had lost it");
      watched->second.since = now;
      schedule(watched, now);
      return true;
    case QueueOutcome::replay:
      if (answer->task && answer->task->id != watched->first) {
        tell(Level::warning, "accept_superseded", entry,
             "its client asked again, and the queue knows it as " + answer->task->id);
        leave(watched, now);
        return true;
      }
      schedule(watched, now);
      return true;
    case QueueOutcome::id_taken: return leaveIfRemoved(watched, now);
    default: schedule(watched, now); return true;
  }
}

/// Its id is taken: it is there after all, or was removed on purpose.
bool Reconciler::leaveIfRemoved(Watch::iterator watched, Clock::time_point now) {
  const auto found = queue_.get(watched->first, {.timeout = queue_timeout});
  if (!found && isUnreachable(found.error())) return false;
  if (found && !*found)
    leave(watched, now);
  else
    schedule(watched, now);
  return true;
}

/// What was accepted, with no cap, what is left of its key's time, and a mark.
Submission Reconciler::again(const Watched& watched, const AcceptJournal::Entry& entry) const {
  Submission submission = entry.submission;
  submission.cap = std::numeric_limits<std::int64_t>::max();
  submission.key_ttl -= std::chrono::microseconds(ages_.now().micros - submission.created_us);
  if (submission.key_ttl <= std::chrono::seconds(1)) submission.key.clear();
  if (!watched.instance.empty()) submission.wanted_instance = watched.instance;
  if (auto document = SubmissionDocument::parse(submission.submission, submission.id)) {
    document->resubmitted = true;
    submission.submission = document->toText();
  }
  return submission;
}

/// Looked at once more, for the disk may refuse.
void Reconciler::leave(Watch::iterator watched, Clock::time_point now) {
  journal_.dropSoon(watched->first);
  watched->second.ended.reset();
  schedule(watched, now);
}

void Reconciler::tell(Level level, std::string_view event, const AcceptJournal::Entry& entry,
                      std::string_view reason) const {
  QueuedTask task;
  task.id = entry.submission.id;
  task.trace_id = entry.submission.trace_id;
  task.pool = entry.submission.pool;
  task.instance = entry.submission.wanted_instance;
  events_.emit(level, event, task, Json::object({{"reason", reason}}));
}

}  // namespace scanhost
