// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The tasks this node holds, and the steps that are made for them.
///
/// A step is a blocking job on a pool whose result comes back to its run, unless the task was given
/// up meanwhile; after it the run is looked at again, for what comes next. So each part of the
/// dispatcher only writes into the run what happened. Of the loop's thread, but for `count`.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/tasks/loop.h"
#include "host/tasks/run.h"
#include "host/tasks/work.h"

namespace scanhost {

class Runs {
 public:
  using Clock = Run::Clock;

  /// `on_change` is called for a run after each step, and whenever somebody asks for it by `look`.
  Runs(const Work& work, Loop& loop, std::function<void(Run&)> on_change)
      : work_(work), loop_(loop), on_change_(std::move(on_change)) {}

  Run& add(QueuedTask task, ScannerPtr instance);
  /// Null when the task is no longer held under this epoch.
  Run* find(const std::string& id, std::uint64_t epoch);
  /// Under whichever epoch.
  Run* find(const std::string& id);
  /// The task is no longer this node's, and what is done for it ends. `run` is gone after it.
  void drop(Run& run);
  /// Hands a run whose instance retired to the one that took its place, if it did.
  void moveOn(Run& run) const;
  /// For a walk; they stay valid while the caller drops none.
  std::vector<Run*> all();
  bool empty() const { return runs_.empty(); }
  /// Any thread.
  std::size_t count() const { return count_.load(); }

  /// Looks for the next thing to do for a run. It may be gone after it.
  void look(Run& run) { on_change_(run); }

  /// Runs `job` on a pool; then, on the loop, `done(run, result)` and a look at the run. `always`
  /// is called before these, also when the run is gone.
  template <class Job, class Done>
  void step(Run& run, Pool pool, Job job, Done done, std::function<void()> always = {}) {
    run.busy = true;
    loop_.offload(pool, std::move(job),
                  [this, id = run.task.id, epoch = run.task.epoch, done = std::move(done),
                   always = std::move(always)](auto result) mutable {
                    if (always) always();
                    Run* found = find(id, epoch);
                    if (!found) return;
                    found->busy = false;
                    done(*found, std::move(result));
                    if ((found = find(id, epoch))) look(*found);
                  });
  }

  /// Moves the gauges of what is held. Costs a walk: once in a turn.
  void showCounts();

  const Work& work() const { return work_; }
  Loop& loop() { return loop_; }
  /// That the run ended here, as it says, for its trace.
  void traceEnd(const Run& run) const;
  /// Cancelled when the node waits no longer for what is under way.
  const std::shared_ptr<CancelSource>& stopping() const { return stopping_; }

 private:
  const Work& work_;
  Loop& loop_;
  const std::function<void(Run&)> on_change_;
  const std::shared_ptr<CancelSource> stopping_ = std::make_shared<CancelSource>();
  std::map<std::string, std::unique_ptr<Run>> runs_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace scanhost
