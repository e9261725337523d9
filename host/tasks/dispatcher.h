// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Leases queued tasks and sees each through: launch, follow, collect, finish.
///
/// All of a task's state lives on one thread, the loop. What may block (a call into the queue, a
/// store or a scanner) runs on a pool and comes back to the loop as a message. So following a
/// remote scan costs no thread: the loop keeps a timer of next polls, and one call polls all due
/// scans of an instance. A local scan holds one thread of a second pool while its program runs.
///
/// Every write carries the lease. When a write says that the lease is lost, the task is dropped
/// here and nothing more is done for it: another worker has it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "host/tasks/loop.h"
#include "host/tasks/work.h"

namespace scanhost {

class Dispatcher {
 public:
  /// `worker` is unique per process and start. Borrows `work`. Has threads of its own.
  Dispatcher(const Work& work, std::string worker);
  /// The same on another loop.
  Dispatcher(const Work& work, std::string worker, std::unique_ptr<Loop> loop);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void start();
  /// What changed in the queue, here or on another node: a task that waits is leased now, and what
  /// was asked for a task held here is learnt soon. Any thread.
  void changed(const QueueChanges& changes);
  /// From now on takes nothing new and hands back what it holds: remote scans go on and are
  /// followed by another worker, local ones are stopped and queued again. Any thread.
  void beginDrain();
  /// Whether nothing is held any more after it. Any thread.
  bool drained() const;
  /// Drains, and ends its threads within about `grace`. Answers how many tasks were handed back.
  std::size_t drain(std::chrono::milliseconds grace);

  /// Tasks this node holds a lease for. Any thread.
  std::size_t activeTasks() const;
  /// When the loop last came round, on the steady clock: for liveness. Any thread.
  std::chrono::steady_clock::time_point lastTurn() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace scanhost
