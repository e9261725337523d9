// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a task leaves this node: finished, given back, or lost. Of the loop's thread.
///
/// The first three only say so in the run; the queue is told by the next step, again and again
/// until it answers, and only then is the task's end announced.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "host/tasks/runs.h"

namespace scanhost {

class Endings {
 public:
  explicit Endings(Runs& runs) : runs_(runs) {}

  struct Outcome {
    TaskState state = TaskState::completed;
    std::optional<ErrorClass> error_class = std::nullopt;
    std::string message = {};
    bool dead_letter = false;
    std::string generation = {};
  };
  void finish(Run& run, Outcome outcome);
  /// As its `ending` says.
  void end(Run& run, std::string generation = {});
  /// After something stood in the way of its end: ends it all the same when that has been so for
  /// tasks.scanner_outage, and says what may run on. False while there is time to try again.
  bool endInSpiteOf(Run& run, std::string_view trouble);
  /// After a failure, as its class decides.
  void fail(Run& run, const Error& error, std::string generation = {});
  void giveBack(Run& run, Release release);
  /// It is not launched yet, and its scanner takes no work at present: another may have it, or this
  /// one later.
  void waitForScanner(Run& run);
  /// At shutdown: a remote scan goes on and is followed by whoever leases the task next; a local
  /// one, stopped before, is queued again. Neither costs an attempt.
  void handBack(Run& run);
  /// Its instance retired, and no other took its place, or a scan ran on there for too long: queued
  /// again as far as another instance could go on with it. Costs no attempt.
  void leaveScanner(Run& run);
  /// Another worker has it, or nobody may: nothing more is done for it here. `run` is gone after.
  void lose(Run& run, std::optional<std::uint64_t> found_epoch = std::nullopt);

  void writeFinish(Run& run);
  void writeRelease(Run& run);

  /// Tasks of which the queue knows that they were handed back.
  std::size_t handedBack() const { return handed_back_; }

 private:
  void stopRemains(const QueuedTask& task);
  void endLater(Run& run, const Error& error, std::chrono::nanoseconds delay);
  void announceEnd(const Run& run);
  void announceSuccess(const Run& run);
  bool written(Run& run, const Result<QueueOutcome>& outcome);

  Runs& runs_;
  std::size_t handed_back_ = 0;
};

/// Since the task began for the first time.
double secondsSinceStart(const Work& work, const QueuedTask& task);

/// The event that a task moved.
void announceMove(const Work& work, const QueuedTask& task, TaskState from, TaskState to,
                  std::string_view reason);

}  // namespace scanhost
