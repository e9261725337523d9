// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/run.h"

#include <algorithm>

namespace scanhost::simulator {

Pace Pace::ofTotal(std::chrono::microseconds total) {
  const auto step = std::min<std::chrono::microseconds>(total / 20, std::chrono::seconds(1));
  return {step, total - step, step};
}

const char* phaseName(Phase phase) {
  switch (phase) {
    case Phase::pending: return "pending";
    case Phase::running: return "running";
    case Phase::pausing: return "pausing";
    case Phase::paused: return "paused";
    case Phase::resuming: return "resuming";
    case Phase::stopping: return "stopping";
    case Phase::canceled: return "canceled";
    case Phase::completed: return "completed";
    case Phase::aborted: return "aborted";
    case Phase::imported: return "imported";
  }
  return "unknown";
}

Run::Run(Identity identity, std::shared_ptr<const Report> report, Pace pace, Timestamp now)
    : identity_(std::move(identity)),
      report_(std::move(report)),
      pace_(pace),
      started_(now),
      since_(now) {}

bool Run::active() const {
  return phase_ != Phase::canceled && phase_ != Phase::completed && phase_ != Phase::aborted &&
         phase_ != Phase::imported;
}

std::optional<Timestamp> Run::ended() const {
  if (active()) return {};
  return since_;
}

void Run::enter(Phase phase, Timestamp at) {
  phase_ = phase;
  since_ = at;
}

void Run::bank(Timestamp now) {
  if (phase_ == Phase::running)
    scanned_micros_ += std::max<std::int64_t>(0, now.micros - since_.micros);
}

void Run::settle(Timestamp now) {
  // Leaves the phase for `next` when it has lasted `length`; false when it goes on.
  const auto passed = [&](std::int64_t length, Phase next) {
    if (now.micros - since_.micros < length) return false;
    const Timestamp end{since_.micros + length};
    bank(end);
    enter(next, end);
    return true;
  };
  for (bool moved = true; moved;) {
    switch (phase_) {
      case Phase::pending: moved = passed(pace_.waiting.count(), Phase::running); break;
      case Phase::running:
        moved = passed(pace_.scanning.count() - scanned_micros_, Phase::completed);
        break;
      case Phase::pausing: moved = passed(pace_.transition.count(), Phase::paused); break;
      case Phase::resuming: moved = passed(pace_.transition.count(), Phase::running); break;
      case Phase::stopping: moved = passed(pace_.transition.count(), Phase::canceled); break;
      default: moved = false;
    }
  }
}

bool Run::pause(Timestamp now) {
  settle(now);
  if (phase_ != Phase::running) return false;
  bank(now);
  enter(Phase::pausing, now);
  return true;
}

bool Run::resume(Timestamp now) {
  settle(now);
  if (phase_ != Phase::paused) return false;
  enter(Phase::resuming, now);
  return true;
}

bool Run::stop(Timestamp now) {
  settle(now);
  if (!active() || phase_ == Phase::stopping) return false;
  bank(now);
  enter(Phase::stopping, now);
  return true;
}

bool Run::kill(Timestamp now) {
  settle(now);
  if (!active()) return false;
  bank(now);
  enter(Phase::canceled, now);
  return true;
}

bool Run::abort(Timestamp now) {
  settle(now);
  if (!active()) return false;
  bank(now);
  enter(Phase::aborted, now);
  return true;
}

bool Run::finish(Timestamp now) {
  settle(now);
  if (!active()) return false;
  scanned_micros_ = pace_.scanning.count();
  enter(Phase::completed, now);
  return true;
}

double Run::fraction(Timestamp now) const {
  if (phase_ == Phase::completed || phase_ == Phase::imported) return 1;
  std::int64_t done = scanned_micros_;
  if (phase_ == Phase::running) done += now.micros - since_.micros;
  const auto all = pace_.scanning.count();
  return all > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(all), 0.0, 1.0) : 0;
}

std::optional<int> Run::hostProgress(std::size_t index, Timestamp now) const {
  const auto hosts = static_cast<double>(report_->hostCount());
  const double done = fraction(now);
  // Hosts are found one after another in the first half and finished so in the second.
  const double found = 0.02 + 0.48 * static_cast<double>(index) / hosts;
  const double finished = 0.5 + 0.5 * static_cast<double>(index + 1) / hosts;
  if (done >= 1 || done >= finished) return 100;
  if (done < found) return {};
  return static_cast<int>(100 * (done - found) / (finished - found));
}

std::size_t Run::finishedHosts(Timestamp now) const {
  std::size_t count = 0;
  while (count < report_->hostCount() && hostProgress(count, now) == 100) ++count;
  return count;
}

}  // namespace scanhost::simulator
