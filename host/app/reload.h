// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Changes the configuration of a running node, as a whole or not at all.
///
/// The files are read again and held to everything that a start holds them to. Then each part that
/// changed is made anew beside the one that works, and tried; only when all of them are good does
/// anything change: each takes over, and the one before ends when the last call into it has
/// returned. What cannot change while running refuses the whole.
///
/// Any thread; one reload at a time, others wait for it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "host/app/exporters.h"
#include "host/app/first_looks.h"
#include "host/app/scanner_fleet.h"
#include "host/app/stores.h"
#include "host/auth/caller_check.h"
#include "host/base/live.h"
#include "host/operations/reload.h"
#include "host/policy/scope.h"
#include "host/tasks/disk_space.h"

namespace scanhost {

/// What is to be made anew for another configuration.
struct ReloadPlan {
  ConfigChanges changes;
  bool scanners = false, exporters = false, queue = false;
};
ReloadPlan planReload(const Config& before, const Config& after);

class Reload {
 public:
  /// All are borrowed.
  struct Parts {
    std::function<LoadOutcome()> read;  ///< the files, as they are now
    Live<Config>& config;
    Live<Scope>& scope;
    DiskSpace& disk;
    PluginInstances& plugins;
    Stores& stores;
    ScannerFleet& fleet;
    Exporters& exporters;
    Gauges& gauges;
    Metrics& metrics;
    EventLog& events;
    SpanLog& spans;
    StartProblems& problems;
    std::function<void()> queue_moved;          ///< what waits at the queue has to wait anew
    std::function<Status()> renew_certificate;  ///< the listener's; the old one stays if it fails
    std::function<Result<std::shared_ptr<const CallerCheck>>(const Config&)> make_callers;
    std::function<void(std::shared_ptr<const CallerCheck>, const Config&)> take_callers;
  };

  explicit Reload(Parts parts) : parts_(std::move(parts)) {}
  ~Reload() { close(); }

  /// The node is up: from now on it may be changed.
  void open() { open_ = true; }
  ReloadResult run(const TraceContext& trace);
  /// Refuses from now on, and waits for one under way, whose tests it cuts short.
  void close();

 private:
  /// What was made and tried.
  struct Made {
    std::optional<ScannerFleet::Next> scanners;
    std::optional<Exporters::Next> exporters;
    std::shared_ptr<PluginInstance> queue;
    std::shared_ptr<const Scope> scope;
    std::shared_ptr<const CallerCheck> callers;
  };

  ReloadResult tryAll();
  std::vector<std::string> needRestart(const Config& before, const Config& after,
                                       const ReloadPlan& plan) const;
  bool make(const Config& before, const Config& after, const ReloadPlan& plan, Made& made);
  void takeOver(const Config& after, Made made);
  void lookAgain();
  void announce(const ReloadResult& result, const TraceContext& trace);
  ServiceError refusal();

  const Parts parts_;
  std::mutex mutex_;
  std::atomic<bool> open_{false};
  const std::shared_ptr<CancelSource> closed_ = std::make_shared<CancelSource>();
  std::optional<FirstLooks> looks_;
};

/// The level that a threshold of the configuration stands for.
Level levelOf(LogThreshold threshold);
TraceSampling samplingOf(TraceChoice choice);

}  // namespace scanhost
