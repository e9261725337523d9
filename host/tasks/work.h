// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the steps of a scan are done with: the stores, the scanners, policy, telemetry.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "host/base/age_clock.h"
#include "host/base/live.h"
#include "host/base/time.h"
#include "host/config/config.h"
#include "host/plugins/queue_client.h"
#include "host/plugins/results_client.h"
#include "host/policy/kill_switch.h"
#include "host/policy/ledger.h"
#include "host/policy/resolver.h"
#include "host/policy/scope.h"
#include "host/tasks/backoff.h"
#include "host/tasks/credentials.h"
#include "host/tasks/disk_space.h"
#include "host/tasks/scan_durations.h"
#include "host/tasks/scanners.h"
#include "host/tasks/task_events.h"
#include "host/tasks/task_trace.h"
#include "host/telemetry/metrics.h"
#include "host/telemetry/spans.h"

namespace scanhost {

/// References to what the node owns; all of it outlives the work. Any thread. What is live a reload
/// may replace at any moment.
struct Work {
  const Live<Config>& config;
  const QueueClient& queue;
  const ResultsClient& results;
  const Live<Scanners>& scanners;
  const Live<Scope>& scope;
  Resolver& resolver;
  const Credentials& credentials;
  const TaskEvents& events;
  Metrics& metrics;
  ScanDurations& durations;
  const DiskSpace& disk;
  /// What differs from run to run; a simulation gives its own.
  const TimeSource& time = TimeSource::system();
  /// For the age of things, where `time` is for stamps and for waiting.
  const AgeClock ages{time};
  SpanLog* spans = nullptr;  ///< takes the spans of what is done for tasks; null: none
  std::function<double()> random_share = randomShare;
  /// What was written to the queue before then it may have forgotten, as after a failover.
  std::function<Timestamp()> queue_doubted = [] { return Timestamp(); };
  Ledger* ledger = nullptr;           ///< null: decisions are not written down, as in a simulation
  KillSwitch* kill_switch = nullptr;  ///< null: there is none

  static constexpr std::chrono::seconds queue_timeout{10};
  static constexpr std::chrono::seconds results_timeout{60};
  static constexpr std::chrono::seconds scanner_timeout{120};

  /// What keeps this node from launching anything: its disk, its ledger, the kill switch. An error
  /// of class busy, of the backend; other nodes may go on.
  Status checkLaunches() const;
  Status checkKillSwitch() const;

  /// On stable storage when it returns; else an error as those of checkLaunches().
  Status writeDown(AuditEntry entry) const;
  /// Not waited for.
  void note(AuditEntry entry) const {
    if (ledger) ledger->note(std::move(entry));
  }

  /// Options of a call made for a task: its attempt in its trace, and a deadline.
  CallOptions callFor(const QueuedTask& task, std::chrono::nanoseconds timeout,
                      std::shared_ptr<const CancelSource> cancel = {}) const {
    CallOptions options;
    options.timeout = timeout;
    options.cancel = std::move(cancel);
    options.trace = attemptTrace(task, spans);
    options.spans = spans;
    return options;
  }
};

}  // namespace scanhost
