// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sees every effect at the servers, in the order in which it happened, and tells what must never
/// have been: a task lost, a stale write taken, a scan started twice.
///
/// It believes neither the queue nor the dispatcher: who holds which lease until when, and what was
/// started and ended, it keeps on its own.
#pragma once

#include <scanhost/queue_records.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace scanhost::simulation {

/// What a task is made for, told by the first word of its name.
enum class Kind {
  plain,          ///< a scan that would complete
  aborts_once,    ///< the scanner gives up on its first scan
  bad_report,     ///< its report is never complete
  kills_worker,   ///< every node that launches or follows it dies
  kills_reader,   ///< every node that reads its report dies of it, after a while
  runs_too_long,  ///< past the timeout
};
const char* kindName(Kind kind);
Kind kindOf(std::string_view scan_name);

/// A remote scan at its server.
struct Scan {
  std::string reference, name, marker, task_id, instance;
  Kind kind = Kind::plain;
  int attempt = 1;
  std::uint64_t launch = 0;
  enum class State { created, running, paused, completed, stopped, aborted } state = State::created;
  std::string run_id;
  bool ours = true;  ///< the newest run was started by a node
  bool removal_asked = false;
  Nanos remaining{0};  ///< of its running time, when it was last looked at
  Nanos since{0};      ///< when it was

  bool active() const { return state == State::running || state == State::paused; }
};

class Checker {
 public:
  Checker(const World& world, int max_takeovers) : world_(world), max_takeovers_(max_takeovers) {}

  // ---- what happens -------------------------------------------------------------------------
  void accepted(const std::string& id, Kind kind, const std::string& owner_and_key);
  void replayed(const std::string& id, const std::string& owner_and_key);
  void granted(const QueuedTask& task, Nanos lease);
  void activeOn(const std::string& instance, std::uint64_t active, std::uint64_t limit);
  void renewed(const Lease& lease, Nanos length);
  void wrote(const Lease& lease, const char* what);
  void intended(const std::string& id, std::uint64_t launch);
  void finished(const Lease& lease, const Finish& finish);
  void released(const Lease& lease, const Release& release);
  void redriven(const std::string& id);
  void cancelAsked(const std::string& id) { tasks_[id].cancel_asked = true; }
  /// Somebody at the scanner did something to the task's scan.
  void disturbed(const std::string& id) { tasks_[id].disturbed = true; }

  /// From now on a task may end by timeout without having run that long.
  void clockSet() { clock_set_ = true; }

  void prepared(const Scan& scan);
  void started(const Scan& scan);
  /// Whether a scan of the task holds a place: a dead letter's goes on without one.
  bool countsAsRunning(const std::string& id) { return !tasks_[id].dead_letter; }
  void runningOn(const std::string& instance, std::uint64_t running, std::uint64_t limit);
  void sealed(const std::string& generation, const std::string& task_id, std::uint64_t epoch) {
    sealed_[generation] = {task_id, epoch};
  }

  // ---- at the end ---------------------------------------------------------------------------
  void ended(const std::map<std::string, QueuedTask>& tasks, const std::vector<const Scan*>& scans);
  void notAllEnded(const std::map<std::string, QueuedTask>& tasks);

  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t tasks() const { return tasks_.size(); }

 private:
  struct Task {
    Kind kind = Kind::plain;
    bool accepted = false, cancel_asked = false, disturbed = false, dead_letter = false;
    std::uint64_t epoch = 0;
    LeaseToken token{};
    bool leased = false;
    Nanos lease_until{0};
    std::string worker;
    int endings = 0;  ///< recorded since it was last queued
    int spent = 0, redrives = 0;
    std::map<int, int> starts_by_attempt;
    std::map<std::uint64_t, std::uint64_t> epoch_of_launch;
    std::set<std::string> late_scans;
  };

  void violate(const std::string& id, const std::string& what);
  void judgeEnd(const std::string& id, const Task& known, const QueuedTask& found);
  void judgeScan(const Scan& scan, const QueuedTask& task);

  const World& world_;
  const int max_takeovers_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> task_of_key_;
  std::map<std::string, std::pair<std::string, std::uint64_t>> sealed_;
  std::vector<std::string> violations_;
  bool clock_set_ = false;
};

}  // namespace scanhost::simulation
