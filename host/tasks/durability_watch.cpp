// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/durability_watch.h"

#include <algorithm>
#include <utility>

namespace scanhost {
namespace {

constexpr std::chrono::seconds durability_timeout{10};
constexpr std::chrono::seconds until_told_again{30};  ///< of a trouble that goes on

}  // namespace

DurabilityWatch::DurabilityWatch(const QueueClient& queue, std::string plugin, EventLog& events,
                                 Options options)
    : queue_(queue), plugin_(std::move(plugin)), events_(events), options_(std::move(options)) {}

Status DurabilityWatch::look(std::chrono::nanoseconds timeout) {
  const auto found = queue_.durability({.timeout = timeout});
  if (!found) return tl::unexpected<Error>(found.error());
  keep(*found);
  if (!refuses()) return {};
  return fail(ErrorClass::config,
              "durability is strict, and a task accepted here may not survive the loss of a "
              "machine: " +
                  found->detail,
              ErrorSubject::backend);
}

void DurabilityWatch::start() {
  next_ = std::chrono::steady_clock::now() + options_.interval;
  ticker_.emplace(std::min(options_.interval, options_.after_failure), [this] { turn(); });
}

void DurabilityWatch::noteFailure() {
  failed_ = true;
  doubted_us_ = Timestamp::now().micros;
}

void DurabilityWatch::turn() {
  const auto now = std::chrono::steady_clock::now();
  if (!failed_.exchange(false) && now < next_) return;
  const auto found = queue_.durability({.timeout = durability_timeout});
  const bool is_back = noteTrouble(found ? "" : found.error().message, now);
  if (!found) {
    failed_ = true;
    return;
  }
  next_ = now + options_.interval;
  const bool changed = keep(*found);
  if ((is_back || changed) && options_.on_changed) options_.on_changed();
}

bool DurabilityWatch::noteTrouble(const std::string& reason,
                                  std::chrono::steady_clock::time_point now) {
  std::string before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(trouble_, reason);
  }
  if (reason.empty() && before.empty()) return false;
  if (reason.empty()) {
    events_.emit(Level::info, "node", "queue_available", "", Json::object({{"queue", plugin_}}));
    return true;
  }
  if (before.empty() || now >= tell_again_) {
    tell_again_ = now + until_told_again;
    events_.emit(Level::error, "node", "queue_unavailable", "",
                 Json::object({{"queue", plugin_}, {"error", reason}}));
  }
  return false;
}

std::string DurabilityWatch::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool DurabilityWatch::isSafe(const Durability& found) const {
  if (options_.demand == DurabilityDemand::warn) return found.survives_power;
  return found.survives_machine || (options_.journaled && found.survives_power);
}

/// Remembers what was found, and tells what is new about it.
bool DurabilityWatch::keep(const Durability& found) {
  const bool safe = isSafe(found);
  bool tell, changed;
  {
    const std::lock_guard lock(mutex_);
    changed = found_ && found.detail != found_->detail;
    tell = found_ ? safe != safe_ || (!safe && changed) : !safe;
    found_ = found;
    safe_ = safe;
  }
  if (!tell) return changed;
  const bool refused = !safe && strict();
  events_.emit(safe      ? Level::info
               : refused ? Level::error
                         : Level::warning,
               "node", "queue_durability", "",
               Json::object({{"queue", plugin_},
                             {"demand", strict() ? "strict" : "warn"},
                             {"accepting", !refused},
                             {"survives_power", found.survives_power},
                             {"survives_machine", found.survives_machine},
                             {"detail", found.detail}}));
  return changed;
}

bool DurabilityWatch::refuses() const {
  const std::lock_guard lock(mutex_);
  return strict() && !safe_;
}

ComponentHealth DurabilityWatch::health() const {
  const std::lock_guard lock(mutex_);
  if (!trouble_.empty()) return {"", HealthState::degraded, "not known: " + trouble_};
  if (safe_) return {"", HealthState::ok, ""};
  return {"", strict() ? HealthState::failed : HealthState::degraded, found_ ? found_->detail : ""};
}

}  // namespace scanhost
