// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is asked of remote scanners for one task at a time: launch, stop, pause, resume, results.
/// Of the loop's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "host/tasks/endings.h"
#include "host/tasks/reports.h"

namespace scanhost {

class RemoteScans {
 public:
  RemoteScans(Runs& runs, Endings& endings, Reports& reports)
      : runs_(runs), endings_(endings), reports_(reports) {}

  void launch(Run& run);
  /// Of a task that is to end while its launch is in doubt.
  void settle(Run& run);
  void stop(Run& run);
  void pause(Run& run);
  void resume(Run& run);
  /// Running to paused and back, as the scanner confirmed it.
  void writeState(Run& run);
  void collect(Run& run);

 private:
  using Question = Status (ScannerClient::*)(const RemoteScan&, CallOptions) const;

  /// Requests under way at one instance, so that one that hangs leaves threads for the others.
  struct Requests {
    std::size_t under_way = 0;
    std::deque<std::pair<std::string, std::uint64_t>> waiting;
  };
  /// False when it must wait, see there.
  template <class Job, class Done>
  bool request(Run& run, Job job, Done done);
  void requestEnded(const ScannerInstance* instance);
  /// When a run was asked for something last.
  using Sent = std::optional<Run::Clock::time_point> Run::*;
  /// Sends a request whose effect the next polls tell, and notes in `sent` when. `before` is
  /// written to the queue first.
  void ask(Run& run, Question question, Sent sent, std::optional<Change> before = std::nullopt);
  void launchEnded(Run& run, LaunchOutcome outcome);
  static void forgetScan(Run& run);

  Runs& runs_;
  Endings& endings_;
  Reports& reports_;
  std::map<const ScannerInstance*, Requests> requests_;
};

}  // namespace scanhost
