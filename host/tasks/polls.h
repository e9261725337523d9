// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Follows remote scans: one call asks for all of an instance's that are due, and what it tells is
/// written into their runs. So a scan costs a note of when to look next, and no thread. Of the
/// loop's thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/tasks/endings.h"

namespace scanhost {

class Polls {
 public:
  Polls(Runs& runs, Endings& endings) : runs_(runs), endings_(endings) {}

  void turn(Runs::Clock::time_point now);

 private:
  struct Asked {
    std::string id;
    std::uint64_t epoch;
    RemoteScan scan;
  };
  /// Of one answer; borrowed from it.
  using StatesByReference = std::unordered_map<std::string_view, const RemoteState*>;

  static StatesByReference byReference(const std::vector<RemoteState>& states);
  void ask(const ScannerPtr& instance, std::vector<Asked> asked);
  void failed(Run& run, const Error& error);
  void told(Run& run, const StatesByReference& states);
  void takeState(Run& run, const RemoteState& state);
  void takeStatus(Run& run, RemoteStatus status);

  Runs& runs_;
  Endings& endings_;
  std::set<ScannerPtr> asking_;
};

}  // namespace scanhost
