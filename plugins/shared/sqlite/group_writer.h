// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The one thread that writes to a database. What comes while it waits for the disk is committed
/// together, so that many callers share one fsync; each is told only when its own is done.
#pragma once

#include <scanhost/call.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugins/shared/sqlite/database.h"

namespace scanhost::sqlite {

/// What a commit waits for.
enum class Sync {
  durable,  ///< stable storage, where the store was opened with synchronous FULL
  relaxed,  ///< nothing: a loss of power may undo it
};

class GroupWriter {
 public:
  /// Owns `database` from now on. `full`: durable commits use synchronous FULL, else NORMAL.
  GroupWriter(std::unique_ptr<Database> database, bool full);
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;
  /// Ends after what was handed in.
  ~GroupWriter();

  /// Runs `work` in a transaction and returns once that is committed, after `committed`, which runs
  /// on the writer's thread in order of commits. Throws what `work` threw, and then nothing of it
  /// stays. A call that was cancelled before its turn does nothing.
  void run(const Call& call, Sync sync, const std::function<void(Database&)>& work,
           const std::function<void()>& committed = {});

  /// True after a failure that forbids further writing; every run() then fails.
  bool broken() const { return is_broken_.load(); }

 private:
  struct Job;

  void loop();
  void runBatch(const std::vector<Job*>& batch);
  void runJob(Job& job);
  void setSync(Sync sync);
  void breakDown(std::string why);
  void giveUp(std::exception_ptr error, const std::vector<Job*>& batch);

  std::unique_ptr<Database> database_;
  const bool full_;
  Sync sync_ = Sync::durable;
  /// After a failed fsync the kernel may have dropped what it could not write, and a retry would
  /// succeed falsely: nothing more is written until the store is opened anew.
  std::string broken_;
  std::atomic<bool> is_broken_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace scanhost::sqlite
