// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Judges a history. Knows nothing of how scanhost works inside, only what it promises.
///
/// - lost: an accepted task whose client never learnt of an end, that has none in the queue at the
///   end, or that ended later than allowed after the last fault.
/// - duplicated: two launches in one attempt of a task, two remote scans under one marker, two ends
///   of one task, or two tasks for one key.
/// - stale: a write that the queue took under a lease other than the last one it had granted.
/// - orphaned: a remote scan with our marker, running or never started, that no task refers to at
///   the end.
/// - usurped: a lease taken from a node to which nothing had been done.
/// - mixed: findings served that are more or fewer than one whole report.
/// - failed: a task that ended otherwise than completed, or cancelled when that was asked for;
/// told, for the operator would have to act,
///   and no breach by itself.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/history.h"

namespace scanhost::faults {

struct Verdict {
  // Each line names a task or scan and what is wrong with it.
  std::vector<std::string> lost;
  std::vector<std::string> duplicated;
  std::vector<std::string> stale;
  std::vector<std::string> orphaned;
  std::vector<std::string> usurped;
  std::vector<std::string> mixed;
  std::vector<std::string> failed;

  std::size_t accepted = 0;
  std::size_t completed = 0;
  /// Remote scans that are over and that no task refers to: housekeeping's to remove.
  std::size_t remains = 0;
  std::size_t cancelled = 0;  ///< as their clients asked
  /// Accepted tasks that the queue forgot, and got again.
  std::size_t restored = 0;
  /// By what was done: how long until every task its victim held was held again or had ended.
  std::map<std::string, std::vector<std::chrono::milliseconds>> recoveries;

  /// Nothing lost, duplicated, stale, orphaned or mixed.
  bool isClean() const;
  /// Every line, after the name of its verdict.
  std::string text() const;
};

/// `slowest_end`: how long after the last fault a task may end.
/// `findings`: how many a whole report has; 0 where that is not known.
struct Rules {
  std::chrono::milliseconds slowest_end = std::chrono::seconds(16);
  std::uint64_t findings = 0;
};

/// `events` are in order of time.
Verdict check(const std::vector<Event>& events, const Rules& rules = {});

}  // namespace scanhost::faults
