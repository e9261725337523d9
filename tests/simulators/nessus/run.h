// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One run of a scan: its phases and how far it has come, computed from the time alone.
///
/// No thread drives a run. Each call first settles it: phases whose time has passed are gone
/// through with the time at which they ended, so what a client sees does not depend on how often
/// it looks. A run belongs to one scan and is used under the simulator's lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/base/time.h"
#include "tests/simulators/nessus/report.h"

namespace scanhost::simulator {

/// How long the stages last.
struct Pace {
  std::chrono::microseconds waiting{0};     ///< pending, before anything runs
  std::chrono::microseconds scanning{0};    ///< running, pauses not counted
  std::chrono::microseconds transition{0};  ///< pausing, resuming, stopping

  /// A scan that takes this long in all; a twentieth of it, at most a second, is each transition.
  static Pace ofTotal(std::chrono::microseconds total);
};

enum class Phase {
  pending,
  running,
  pausing,
  paused,
  resuming,
  stopping,
  canceled,
  completed,
  aborted,
  imported,
};

/// The text that the API uses: "pending", ...
const char* phaseName(Phase phase);

class Run {
 public:
  /// Who asked for what: `other_targets` says that the launch named targets of its own.
  struct Identity {
    std::int64_t history_id = 0;
    std::string uuid;
    bool other_targets = false;
  };

  Run(Identity identity, std::shared_ptr<const Report> report, Pace pace, Timestamp now);

  std::int64_t historyId() const { return identity_.history_id; }
  const std::string& uuid() const { return identity_.uuid; }
  bool usedOtherTargets() const { return identity_.other_targets; }
  const Report& report() const { return *report_; }
  std::shared_ptr<const Report> sharedReport() const { return report_; }
  Timestamp started() const { return started_; }

  void settle(Timestamp now);
  /// As of the last settle().
  Phase phase() const { return phase_; }
  bool active() const;
  /// When the phase was entered: what last_modification_date shows.
  Timestamp changed() const { return since_; }
  std::optional<Timestamp> ended() const;

  /// Each is false, and changes nothing, when the phase does not allow it.
  bool pause(Timestamp now);
  bool resume(Timestamp now);
  bool stop(Timestamp now);
  /// Stops at once.
  bool kill(Timestamp now);
  /// The scanner failed: what is finished stays.
  bool abort(Timestamp now);
  /// Completes at once, for tests that do not want to wait.
  bool finish(Timestamp now);

  /// 0 to 1, how much of the scanning is done.
  double fraction(Timestamp now) const;
  /// The progress of one host in percent; nothing while it has not been found yet.
  std::optional<int> hostProgress(std::size_t index, Timestamp now) const;
  /// Hosts at 100 percent, which come first in the report.
  std::size_t finishedHosts(Timestamp now) const;

 private:
  void enter(Phase phase, Timestamp at);
  /// Adds the running time up to `now` to what is done, before the phase is left.
  void bank(Timestamp now);

  Identity identity_;
  std::shared_ptr<const Report> report_;
  Pace pace_;
  Timestamp started_;
  Phase phase_ = Phase::pending;
  Timestamp since_;
  std::int64_t scanned_micros_ = 0;  // before since_
};

}  // namespace scanhost::simulator
