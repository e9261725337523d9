// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Takes tasks from the queue and keeps them: leases, and renews what is held every third of the
/// lease's length. A renewal carries progress out and requests (cancel, pause, resume) in. Of the
/// loop's thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/tasks/endings.h"

namespace scanhost {

class Leases {
 public:
  /// `worker` is unique per process and start.
  Leases(Runs& runs, Endings& endings, std::string worker)
      : runs_(runs),
        endings_(endings),
        worker_(std::move(worker)),
        last_answer_(runs.work().time.steady()) {}

  /// With the instance that it is leased for; null when that is none of this node's.
  using OnGranted = std::function<void(QueuedTask, ScannerPtr)>;
  using OnRenewed = std::function<void(Run&, const TaskFlags&)>;
  void listen(OnGranted on_granted, OnRenewed on_renewed);

  void turn(Runs::Clock::time_point now, bool take_new);
  /// A task waits: asks for it now, or as soon as what is asked for has come.
  void lookNow(Runs::Clock::time_point now);
  /// Whether tasks may be on their way here.
  bool asking() const { return leasing_; }
  const std::string& worker() const { return worker_; }

 private:
  LeaseRequest makeRequest(const Scanners& scanners) const;
  ScannerPtr instanceOf(const QueuedTask& task, const Scanners& asked_for) const;
  void lease(Runs::Clock::time_point now);
  void renew(const std::vector<Run*>& runs);
  void renewalFailed(Run& run, const Renewal& renewal, const Error& error);
  void noteRoom();
  void noteQueue(bool answered);
  std::chrono::nanoseconds timeToRenew() const;
  std::chrono::nanoseconds takeoverGrace() const;

  Runs& runs_;
  Endings& endings_;
  const std::string worker_;
  OnGranted on_granted_;
  OnRenewed on_renewed_;
  Runs::Clock::time_point next_lease_{}, next_renewal_{};
  bool leasing_ = false;
  bool renewing_ = false;
  bool has_room_ = true;  ///< on the disk, for launches

  Runs::Clock::time_point last_answer_;  ///< of the queue
  bool outage_ = false;
  std::chrono::nanoseconds grace_{0};
  Runs::Clock::time_point grace_until_{};
};

}  // namespace scanhost
