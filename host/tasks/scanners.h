// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The configured scanner instances, and what this node knows of each: can it be reached, does it
/// let us in, may it launch.
///
/// A scanner's trouble is its own: what fails here suspends the instance or opens its circuit, and
/// is never held against a task. A set never changes; a reload puts another in its place, and an
/// instance that is not among it retires: what is under way there goes on for as long as somebody
/// holds it. The state of an instance may be read and changed from any thread.
#pragma once

#include <scanhost/json.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/time.h"
#include "host/plugins/scanner_client.h"
#include "host/tasks/circuit_breaker.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

enum class ScannerState { ready, read_only, suspended, unreachable, disabled };

/// "ready", "read_only", "suspended", "unreachable", "disabled"
const char* scannerStateName(ScannerState state);

/// What became of a call to a scanner: one that it did not answer in time is trouble of the
/// scanner's. The deadline was the host's, so it is no word about the task.
Error scannerError(Error error);

/// What the configuration says of an instance.
struct ScannerSettings {
  std::string pool, name, title;
  std::string type;  ///< plugin name after "scanner-"
  bool enabled = true;
  std::uint32_t limit = 2;  ///< max_concurrent_scans
  CircuitBreaker::Limits circuit = {};

  std::string key() const { return pool + ":" + name; }
};

class ScannerInstance {
 public:
  struct Condition {
    ScannerState state = ScannerState::ready;
    std::string reason;
    CircuitState circuit = CircuitState::closed;
    int failures = 0;
    std::optional<std::chrono::steady_clock::time_point> retry_at;
  };

  /// `client` is null for a disabled instance. Nothing is told of it before enterService().
  ScannerInstance(ScannerSettings settings, std::shared_ptr<const ScannerClient> client,
                  ScannerDescription description, EventLog& events, Metrics& metrics,
                  const TimeSource& time = TimeSource::system());

  const ScannerSettings& settings() const { return settings_; }
  const ScannerClient& client() const { return *client_; }
  /// For another instance that is served by the same plugin instance.
  const std::shared_ptr<const ScannerClient>& sharedClient() const { return client_; }
  const ScannerDescription& description() const { return description_; }
  bool isRemote() const { return client_ && client_->kind() == ScannerKind::remote; }
  bool can(std::uint64_t capability) const { return (description_.capabilities & capability) != 0; }

  /// Is from now on the one of its name, and shows its state. `before` is the one that it replaces
  /// while the same plugin instance serves both: what is known of that holds for this.
  void enterService(const ScannerInstance* before = nullptr);
  /// Another has taken its place, or none: nothing that is learnt here counts any more, and nothing
  /// new is begun. A scan that runs in a process here may go on until `leave_by`; without one, to
  /// its end.
  void retire(std::optional<std::chrono::steady_clock::time_point> leave_by);
  bool retired() const { return retired_.load(); }
  /// Whether a scan that runs here on this node has had its time after the instance retired.
  bool overstayed(std::chrono::steady_clock::time_point now) const;

  Condition condition() const;
  /// Whether new tasks may be leased for it.
  bool takesWork() const;

  /// How a call went, null for well: only what is the scanner's own trouble counts against it.
  void recordAnswer(const Error* error);
  /// A call that reached the scanner.
  void recordSuccess();
  /// A call that failed by the scanner's fault: unreachable counts against the circuit, a refused
  /// login or settings suspend it.
  void recordFailure(const Error& error);
  /// What a self-test answered.
  void recordHealth(const Result<ScannerHealth>& health);
  /// Whether the caller should self-test now: a probe of an open circuit, or another look at a
  /// suspended or read-only instance.
  bool wantsSelfTest(std::chrono::steady_clock::time_point now);
  /// A self-test is under way: has it taken too long for a probe?
  void watchProbe(std::chrono::steady_clock::time_point now);

 private:
  void changeState(ScannerState state, std::string reason);
  void announceRefusal(const Error& error);
  void announceConnectionFailure(const Error& error);
  void announceCircuit(std::string_view event, Level level);

  const ScannerSettings settings_;
  const std::shared_ptr<const ScannerClient> client_;
  const ScannerDescription description_;
  EventLog& events_;
  Metrics& metrics_;
  const TimeSource& time_;

  std::atomic<bool> retired_{false};
  mutable std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> leave_by_;
  ScannerState state_;
  std::string reason_;
  CircuitBreaker breaker_;
  std::chrono::steady_clock::time_point next_self_test_{};
};

/// Shared by the set and by what is under way at the instance.
using ScannerPtr = std::shared_ptr<ScannerInstance>;

/// Answers are values: the set may be replaced while they are used.
class Scanners {
 public:
  Scanners(std::vector<ScannerPtr> instances, std::string default_pool);

  std::vector<ScannerPtr> all() const { return instances_; }
  /// In order of configuration.
  std::vector<std::string> pools() const { return pools_; }
  bool hasPool(std::string_view pool) const;
  std::string defaultPool() const { return default_pool_; }
  ScannerPtr find(std::string_view pool, std::string_view name) const;
  std::vector<ScannerPtr> enabledIn(std::string_view pool) const;

 private:
  std::vector<ScannerPtr> instances_;
  std::vector<std::string> pools_;
  std::string default_pool_;
};

}  // namespace scanhost
