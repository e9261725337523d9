// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/leases.h"

#include <algorithm>
#include <utility>

#include "host/base/fault_points.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds lease_interval{1};
constexpr std::uint32_t most_at_once = 64;
constexpr std::chrono::seconds notice_return{2};  ///< until any node notices that the queue is back

/// Whether its end is on the way to the queue, or there already: then it is no longer leased, and
/// only the answer to that write tells whether it was lost before.
bool isBeingWritten(const Run& run) {
  return run.busy && run.leaving();
}

}  // namespace

void Leases::listen(OnGranted on_granted, OnRenewed on_renewed) {
  on_granted_ = std::move(on_granted);
  on_renewed_ = std::move(on_renewed);
}

void Leases::turn(Runs::Clock::time_point now, bool take_new) {
  if (take_new && now >= next_lease_) lease(now);
  if (renewing_) return;
  if (now >= next_renewal_) {
    next_renewal_ = now + runs_.work().config->tasks.lease / 3;
    renew(runs_.all());
  } else {
    auto early = runs_.all();
    std::erase_if(early, [](const Run* run) { return !run->renew_soon; });
    renew(early);
  }
}

void Leases::lookNow(Runs::Clock::time_point now) {
  if (leasing_)
    next_lease_ = {};
  else
    lease(now);
}

LeaseRequest Leases::makeRequest(const Scanners& scanners) const {
  const Work& work = runs_.work();
  LeaseRequest request;
  request.worker = worker_;
  request.lease = work.config->tasks.lease;
  request.now_us = work.time.wall().micros;
  request.max_tasks = most_at_once;
  request.takeover_grace = takeoverGrace();
  // Where nothing may be launched nothing new is taken; what runs is, for it has begun already.
  const bool may_launch = work.checkLaunches().has_value();
  // Nor is it for a scanner that takes none; what is under way there needs a holder all the same,
  // or nothing would bound its time and its end.
  for (const ScannerPtr& instance : scanners.all()) {
    const ScannerSettings& settings = instance->settings();
    if (!settings.enabled || !work.config->node.servesPool(settings.pool)) continue;
    const bool takes_new = may_launch && instance->takesWork();
    request.instances.push_back({settings.pool, settings.name, takes_new ? settings.limit : 0});
  }
  return request;
}

/// One that was replaced meanwhile is not forgotten with the set that it was asked for with.
ScannerPtr Leases::instanceOf(const QueuedTask& task, const Scanners& asked_for) const {
  ScannerPtr now = runs_.work().scanners->find(task.pool, task.instance);
  return now && now->settings().enabled ? now : asked_for.find(task.pool, task.instance);
}

void Leases::lease(Runs::Clock::time_point now) {
  next_lease_ = now + lease_interval;
  if (leasing_) return;
  noteRoom();
  const auto scanners = runs_.work().scanners.get();
  LeaseRequest request = makeRequest(*scanners);
  if (request.instances.empty()) return;
  leasing_ = true;
  runs_.loop().offload(
      Pool::queue,
      [&work = runs_.work(), request = std::move(request)] {
        return work.queue.lease(request, {.timeout = Work::queue_timeout});
      },
      [this, scanners](Result<std::vector<QueuedTask>> tasks) {
        killPoint("after_lease");
        leasing_ = false;
        noteQueue(tasks.has_value());
        if (!tasks) return;
        for (QueuedTask& task : *tasks) {
          ScannerPtr instance = instanceOf(task, *scanners);
          on_granted_(std::move(task), std::move(instance));
        }
        if (!tasks->empty()) next_lease_ = {};
      });
}

void Leases::renew(const std::vector<Run*>& runs) {
  if (runs.empty()) return;
  std::vector<Renewal> renewals;
  renewals.reserve(runs.size());
  for (Run* run : runs) {
    Renewal& renewal = renewals.emplace_back();
    renewal.lease = run->task.lease();
    renewal.good_poll = std::exchange(run->good_poll, false);
    if (std::exchange(run->progress_changed, false)) renewal.progress = run->progress.toText();
    run->renew_soon = false;
  }
  renewing_ = true;
  runs_.loop().offload(
      Pool::queue,
      [&work = runs_.work(), renewals] {
        return work.queue.renew(renewals, work.config->tasks.lease,
                                {.timeout = Work::queue_timeout});
      },
      [this, renewals](Result<std::vector<RenewalOutcome>> outcomes) {
        killPoint("after_renewal");
        renewing_ = false;
        noteQueue(outcomes.has_value());
        for (std::size_t i = 0; i < renewals.size(); ++i) {
          Run* run = runs_.find(renewals[i].lease.id, renewals[i].lease.epoch);
          if (!run) continue;
          if (!outcomes)
            renewalFailed(*run, renewals[i], outcomes.error());
          else if ((*outcomes)[i].outcome == QueueOutcome::done)
            on_renewed_(*run, (*outcomes)[i].flags);
          else if (!isBeingWritten(*run))
            endings_.lose(*run, (*outcomes)[i].found_epoch);
        }
      });
}

/// What the renewal carried is carried again by the next.
void Leases::renewalFailed(Run& run, const Renewal& renewal, const Error& error) {
  run.progress_changed = run.progress_changed || !renewal.progress.empty();
  run.good_poll = run.good_poll || renewal.good_poll;
  runs_.work().events.emit(Level::warning, "lease_renewal_failed", run.task,
                           Json::object({{"worker_id", worker_},
                                         {"lease_epoch", run.task.epoch},
                                         {"found_epoch", nullptr},
                                         {"error_message", error.message}}));
}

/// Tells when launches stop for want of room on the disk, and when they go on.
void Leases::noteRoom() {
  const Status room = runs_.work().disk.check();
  if (room.has_value() == has_room_) return;
  has_room_ = room.has_value();
  EventLog& log = runs_.work().events.log();
  if (has_room_)
    log.emit(Level::info, "tasks", "disk_recovered", "");
  else
    log.emit(Level::warning, "tasks", "disk_low", "",
             Json::object({{"error", room.error().message}}));
}

void Leases::noteQueue(bool answered) {
  const auto now = runs_.work().time.steady();
  if (answered && outage_) {
    grace_ = takeoverGrace();
    grace_until_ = now + timeToRenew();
    next_renewal_ = now;  // what is held may have run out, and others wait to take it
  }
  outage_ = !answered;
  if (answered) last_answer_ = now;
}

std::chrono::nanoseconds Leases::timeToRenew() const {
  return runs_.work().config->tasks.lease / 3 + notice_return;
}

/// After an outage of the queue, leases that ended during it are left alone for as long as their
/// holders need to renew them.
std::chrono::nanoseconds Leases::takeoverGrace() const {
  if (isTakenAway("grace")) return std::chrono::nanoseconds(0);
  const auto now = runs_.work().time.steady();
  if (outage_) return now - last_answer_ + timeToRenew();
  return now < grace_until_ ? grace_ : std::chrono::nanoseconds(0);
}

}  // namespace scanhost
