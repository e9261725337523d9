// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One round of the driver: a fresh cluster, clients, so many faults of one kind, then quiet, and
/// the verdict on all of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/checker.h"
#include "tests/faults/kinds.h"

namespace scanhost::faults {

struct RoundPlan {
  Kind kind = Kind::kill;
  int faults = 20;
  int nodes = 4;
  int tasks = 50;  ///< in flight
  std::uint64_t seed = 1;
  double scan_seconds = 2.5;
  std::chrono::milliseconds every{0};         ///< between two swaps
  std::chrono::milliseconds redis_outage{0};  ///< of a restart; 0: by seed
  std::vector<std::string> points = {};       ///< to die at; empty: all of them
  std::string failover_way = {};              ///< how the master goes; empty: by seed
  std::string scan_name = "faults";           ///< marks in it ask the simulator for special reports
  std::string without = {};                   ///< protections to take away, separated by spaces
  std::string plugin_dir = {};                ///< empty: where the build has them
  std::filesystem::path history = {};         ///< empty: in memory alone
};

struct RoundResult {
  Verdict verdict;
  std::map<std::string, int> faults;  ///< how many of each
  std::vector<std::string> notes;     ///< what could not be done here
  /// Calls of clients that brought no answer, and of nodes that their events tell of. Where nodes
  /// only swap there is no reason for any.
  std::vector<std::string> failed_calls;
  std::vector<Event> events;
};

/// Throws std::runtime_error when the cluster cannot be brought up.
RoundResult runRound(const RoundPlan& plan);

}  // namespace scanhost::faults
