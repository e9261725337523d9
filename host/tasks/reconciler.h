// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Holds what this node accepted against what the queue has, and gives it again what it lost.
///
/// Each entry of the accept journal is looked up from time to time, a young one more often. One
/// that ended, and is still there a while after, is safe and leaves the journal. One that the queue
/// does not know was lost, unless the queue answers that its id is taken: then it was removed on
/// purpose. It is submitted again under its id and its key, marked, so that whoever launches it
/// looks first for a scan that it may have already. Withdrawn entries are cancelled and removed.
/// One that a client cancelled or removed is not given again, and the cancel is repeated where the
/// queue has the task as it was before.
///
/// The queue remembers removed ids for a time (`remembered`). What was not looked at for longer, as
/// when a node was away for days, is put aside and told, not run.
///
/// `turn` belongs to one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "host/base/age_clock.h"
#include "host/plugins/queue_client.h"
#include "host/tasks/accept_journal.h"
#include "host/tasks/task_events.h"

namespace scanhost {

class Reconciler {
 public:
  using Clock = std::chrono::steady_clock;
  struct Pace {
    std::chrono::milliseconds young{120'000};  ///< looked at every `soon` until then
    std::chrono::milliseconds soon{10'000}, later{60'000};
    std::chrono::milliseconds settle{120'000};  ///< from an end, or a no, until it is believed
    std::chrono::milliseconds note_look{600'000};
    std::chrono::hours remembered{70};  ///< queues promise three days
    int looks_at_once = 500;
  };

  /// What is borrowed outlives this.
  Reconciler(const QueueClient& queue, AcceptJournal& journal, const TaskEvents& events, Pace pace);

  /// Looks at what is due.
  void turn(Clock::time_point now);
  /// Makes the next turn look at everything: the queue may be another than before. Any thread.
  void lookAtAll() { all_due_ = true; }

 private:
  struct Watched {
    Clock::time_point since, next;
    std::optional<Clock::time_point> ended;  ///< when it was first seen so
    std::string instance;                    ///< where a launch of it was seen
    Timestamp sighted;                       ///< in the queue
  };
  using Watch = std::map<std::string, Watched>;

  void adopt(Clock::time_point now);
  void schedule(Watch::iterator watched, Clock::time_point now);
  /// False when the queue does not answer.
  bool lookAt(Watch::iterator watched, Clock::time_point now);
  bool lookAtWithdrawn(Watch::iterator watched, const std::optional<QueuedTask>& task,
                       Clock::time_point now);
  bool noteSeen(Watch::iterator watched, const QueuedTask& task, Clock::time_point now);
  bool cancelAgain(const QueuedTask& task);
  bool leaveUnwanted(Watch::iterator watched, const AcceptJournal::Entry& entry,
                     Clock::time_point now);
  bool resubmit(Watch::iterator watched, const AcceptJournal::Entry& entry, Clock::time_point now);
  bool leaveIfRemoved(Watch::iterator watched, Clock::time_point now);
  Submission again(const Watched& watched, const AcceptJournal::Entry& entry) const;
  void leave(Watch::iterator watched, Clock::time_point now);
  void tell(Level level, std::string_view event, const AcceptJournal::Entry& entry,
            std::string_view reason) const;

  const QueueClient& queue_;
  AcceptJournal& journal_;
  const TaskEvents& events_;
  const Pace pace_;
  const AgeClock ages_{TimeSource::system()};
  const Timestamp looked_before_;  ///< by the process before this one

  std::atomic<bool> all_due_{false};
  Watch watched_;
  std::multimap<Clock::time_point, std::string> due_;
  std::uint64_t adopted_ = 0;  ///< sequence of the last entry taken up
  bool first_ = true;
  Clock::time_point not_before_{}, note_next_{};
};

}  // namespace scanhost
