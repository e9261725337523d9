// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/scanners.h"

#include <algorithm>
#include <utility>

#include "host/base/time.h"

namespace scanhost {
namespace {

/// How often an instance that is suspended or read-only is looked at again.
constexpr std::chrono::seconds self_test_interval{30};

CircuitGauge gaugeOf(CircuitState state) {
  switch (state) {
    case CircuitState::closed: return CircuitGauge::closed;
    case CircuitState::open: return CircuitGauge::open;
    case CircuitState::half_open: return CircuitGauge::half_open;
  }
  return CircuitGauge::closed;
}

/// A refusal that only an operator can end, in contrast to trouble that passes.
bool isRefusal(const Error& error) {
  return error.error_class == ErrorClass::auth || error.error_class == ErrorClass::config ||
         error.error_class == ErrorClass::unsupported;
}

}  // namespace

const char* scannerStateName(ScannerState state) {
  switch (state) {
    case ScannerState::ready: return "ready";
    case ScannerState::read_only: return "read_only";
    case ScannerState::suspended: return "suspended";
    case ScannerState::unreachable: return "unreachable";
    case ScannerState::disabled: return "disabled";
  }
  return "disabled";
}

Error scannerError(Error error) {
  if (error.error_class != ErrorClass::timeout) return error;
  error.error_class = ErrorClass::transient;
  error.subject = ErrorSubject::backend;
  return error;
}

ScannerInstance::ScannerInstance(ScannerSettings settings,
                                 std::shared_ptr<const ScannerClient> client,
                                 ScannerDescription description, EventLog& events, Metrics& metrics,
                                 const TimeSource& time)
    : settings_(std::move(settings)),
      client_(std::move(client)),
      description_(std::move(description)),
      events_(events),
      metrics_(metrics),
      time_(time),
      state_(settings_.enabled ? ScannerState::ready : ScannerState::disabled),
      reason_(settings_.enabled ? "" : "disabled in the configuration"),
      breaker_(settings_.circuit) {}

void ScannerInstance::enterService(const ScannerInstance* before) {
  const std::lock_guard lock(mutex_);
  if (before) {
    const std::lock_guard other(before->mutex_);
    state_ = before->state_;
    reason_ = before->reason_;
    breaker_.goOnFrom(before->breaker_);
  }
  metrics_.updateScannerState(settings_.pool, settings_.name, scannerStateName(state_));
  metrics_.updateCircuit(settings_.pool, settings_.name, gaugeOf(breaker_.state()));
}

void ScannerInstance::retire(std::optional<std::chrono::steady_clock::time_point> leave_by) {
  const std::lock_guard lock(mutex_);
  leave_by_ = leave_by;
  retired_ = true;
}

bool ScannerInstance::overstayed(std::chrono::steady_clock::time_point now) const {
  if (!retired_) return false;
  const std::lock_guard lock(mutex_);
  return leave_by_ && now >= *leave_by_;
}

ScannerInstance::Condition ScannerInstance::condition() const {
  const std::lock_guard lock(mutex_);
  Condition condition{state_, reason_, breaker_.state(), breaker_.failures(), std::nullopt};
  if (breaker_.state() != CircuitState::closed) condition.retry_at = breaker_.retryAt();
  return condition;
}

bool ScannerInstance::takesWork() const {
  const std::lock_guard lock(mutex_);
  return state_ == ScannerState::ready && breaker_.takesWork();
}

void ScannerInstance::recordAnswer(const Error* error) {
  if (!error) return recordSuccess();
  if (error->subject == ErrorSubject::backend && error->error_class != ErrorClass::busy &&
      error->error_class != ErrorClass::cancelled)
    recordFailure(*error);
}

void ScannerInstance::recordSuccess() {
  const std::lock_guard lock(mutex_);
  if (retired_) return;
  if (breaker_.recordSuccess()) announceCircuit("circuit_closed", Level::info);
  if (state_ == ScannerState::unreachable) changeState(ScannerState::ready, "");
}

void ScannerInstance::recordFailure(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (retired_) return;
  if (isRefusal(error)) {
    // It answered: what a probe wanted to know is known, and the self-tests go on from here.
    if (breaker_.recordSuccess()) announceCircuit("circuit_closed", Level::info);
    if (state_ != ScannerState::suspended) announceRefusal(error);
    changeState(ScannerState::suspended, error.message);
    next_self_test_ = time_.steady() + self_test_interval;
    return;
  }
  metrics_.recordCircuitFailure(settings_.pool, settings_.name);
  announceConnectionFailure(error);
  if (breaker_.recordFailure(time_.steady())) {
    metrics_.recordCircuitOpening(settings_.pool, settings_.name);
    announceCircuit("circuit_opened", Level::warning);
    changeState(ScannerState::unreachable, error.message);
  }
}

/// A refused login by its own name; other refusals, such as a certificate, are of the connection.
void ScannerInstance::announceRefusal(const Error& error) {
  if (error.error_class != ErrorClass::auth) return announceConnectionFailure(error);
  events_.emit(Level::error, "scanners", "authentication_failed", "",
               Json::object({{"scanner_type", settings_.type},
                             {"scanner_pool", settings_.pool},
                             {"scanner_instance", settings_.name},
                             {"error_code", errorClassName(error.error_class)},
                             {"error_message", error.message}}));
}

void ScannerInstance::announceConnectionFailure(const Error& error) {
  events_.emit(Level::error, "scanners", "scanner_connection_failed", "",
               Json::object({{"scanner_type", settings_.type},
                             {"scanner_pool", settings_.pool},
                             {"scanner_instance", settings_.name},
                             {"scanner_url", description_.url},
                             {"error", error.message},
                             {"retry_attempt", breaker_.failures() + 1},
                             {"max_retries", settings_.circuit.failures}}));
}

void ScannerInstance::recordHealth(const Result<ScannerHealth>& health) {
  if (!health) return recordFailure(health.error());
  const std::lock_guard lock(mutex_);
  if (retired_) return;
  if (breaker_.recordSuccess()) announceCircuit("circuit_closed", Level::info);
  if (health->read_only)
    changeState(ScannerState::read_only, health->reason);
  else
    changeState(ScannerState::ready, "");
  next_self_test_ = time_.steady() + self_test_interval;
}

bool ScannerInstance::wantsSelfTest(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (state_ == ScannerState::disabled || retired_) return false;
  if (breaker_.state() != CircuitState::closed) {
    if (!breaker_.beginProbe(now)) return false;
    announceCircuit("circuit_half_open", Level::info);
    return true;
  }
  if (state_ == ScannerState::ready || now < next_self_test_) return false;
  next_self_test_ = now + self_test_interval;
  return true;
}

void ScannerInstance::watchProbe(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (retired_ || !breaker_.expireProbe(now)) return;
  metrics_.recordCircuitFailure(settings_.pool, settings_.name);
  metrics_.recordCircuitOpening(settings_.pool, settings_.name);
  announceCircuit("circuit_opened", Level::warning);
}

void ScannerInstance::changeState(ScannerState state, std::string reason) {
  reason_ = std::move(reason);
  if (state_ == state) return;
  state_ = state;
  metrics_.updateScannerState(settings_.pool, settings_.name, scannerStateName(state));
  events_.emit(state == ScannerState::ready ? Level::info : Level::warning, "scanners",
               "scanner_state_changed", "",
               Json::object({{"scanner_pool", settings_.pool},
                             {"scanner_instance", settings_.name},
                             {"state", scannerStateName(state)},
                             {"reason", reason_}}));
}

void ScannerInstance::announceCircuit(std::string_view event, Level level) {
  metrics_.updateCircuit(settings_.pool, settings_.name, gaugeOf(breaker_.state()));
  Json retry_at;
  if (breaker_.state() != CircuitState::closed) {
    const auto wait =
        std::chrono::duration_cast<std::chrono::microseconds>(breaker_.retryAt() - time_.steady());
    retry_at = formatTimestamp({time_.wall().micros + wait.count()});
  }
  events_.emit(level, "scanners", event, "",
               Json::object({{"scanner_pool", settings_.pool},
                             {"scanner_instance", settings_.name},
                             {"failures", breaker_.failures()},
                             {"retry_at", retry_at}}));
}

Scanners::Scanners(std::vector<ScannerPtr> instances, std::string default_pool)
    : instances_(std::move(instances)), default_pool_(std::move(default_pool)) {
  for (const auto& instance : instances_)
    if (!hasPool(instance->settings().pool)) pools_.push_back(instance->settings().pool);
}

bool Scanners::hasPool(std::string_view pool) const {
  return std::find(pools_.begin(), pools_.end(), pool) != pools_.end();
}

ScannerPtr Scanners::find(std::string_view pool, std::string_view name) const {
  for (const ScannerPtr& instance : instances_)
    if (instance->settings().pool == pool && instance->settings().name == name) return instance;
  return nullptr;
}

std::vector<ScannerPtr> Scanners::enabledIn(std::string_view pool) const {
  std::vector<ScannerPtr> out;
  for (const ScannerPtr& instance : instances_)
    if (instance->settings().pool == pool && instance->settings().enabled) out.push_back(instance);
  return out;
}

}  // namespace scanhost
