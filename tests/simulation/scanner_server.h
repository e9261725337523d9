// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A remote scanner of a run: scans that take simulated time, a mood, and strangers who meddle.
#pragma once

#include <scanhost/scanner.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/checker.h"
#include "tests/simulation/protections.h"
#include "tests/simulation/world.h"

namespace scanhost::simulation {

class ScannerServer {
 public:
  enum class Mood {
    well,
    refuses_login,  ///< 401
    overloaded,     ///< 429, with a time to wait
    fails_before,   ///< 5xx, nothing done
    fails_after,    ///< 5xx, done all the same
  };

  ScannerServer(World& world, Checker& checker, Protection removed, std::string name,
                std::uint32_t limit)
      : world_(world),
        checker_(checker),
        removed_(removed),
        name_(std::move(name)),
        limit_(limit) {}

  const std::string& name() const { return name_; }
  std::uint32_t limit() const { return limit_; }
  void setMood(Mood mood) { mood_ = mood; }
  /// Hears of each request made for a task that kills its worker, and how long that takes.
  void onDeadlyRequest(std::function<void(const std::string& task_id, Nanos after)> heard) {
    on_deadly_request_ = std::move(heard);
  }

  std::string prepare(const ScanRequest& request);
  std::string start(const RemoteScan& scan);
  std::vector<RemoteState> find(const std::string& marker_prefix);
  std::vector<RemoteState> poll(const std::vector<RemoteScan>& scans);
  bool pause(const RemoteScan& scan);
  bool resume(const RemoteScan& scan);
  bool stop(const RemoteScan& scan);
  Summary collect(const RemoteScan& scan);
  bool remove(const RemoteScan& scan);
  /// A node wants it gone, whether its request gets here or not.
  void noteRemoval(const std::string& reference);
  bool selfTest();

  /// Somebody deletes, stops or starts anew one of the scans that run; false when none runs.
  bool meddle();

  std::vector<const Scan*> scans() const;

 private:
  template <class Work>
  auto answer(Work&& work);
  /// The scan, as it is now; null when it is gone or carries another marker.
  Scan* find(const RemoteScan& scan);
  Scan& own(const RemoteScan& scan);
  void look(Scan& scan);
  void run(Scan& scan, bool ours);
  void rest(Scan& scan, Scan::State state);
  RemoteState tell(Scan& scan);
  void danger(const Scan& scan);

  World& world_;
  Checker& checker_;
  const Protection removed_;
  const std::string name_;
  const std::uint32_t limit_;
  Mood mood_ = Mood::well;
  std::function<void(const std::string&, Nanos)> on_deadly_request_;
  std::map<std::string, Scan> scans_;
  int numbers_ = 0;
  int runs_ = 0;
};

}  // namespace scanhost::simulation
