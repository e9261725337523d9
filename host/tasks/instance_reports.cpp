// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/instance_reports.h"

#include <scanhost/json.h>

#include <algorithm>
#include <array>

#include "host/base/time.h"

namespace scanhost {
namespace {

using Clock = std::chrono::steady_clock;
using Condition = ScannerInstance::Condition;

constexpr std::chrono::seconds look_interval{2};
constexpr std::chrono::seconds look_timeout{2};
constexpr std::chrono::seconds time_to_live{60};
constexpr std::size_t longest_reason = 512;
constexpr std::int64_t second_us = 1'000'000;

/// From the most to the least able.
constexpr std::array states = {ScannerState::ready, ScannerState::unreachable,
                               ScannerState::suspended, ScannerState::read_only,
                               ScannerState::disabled};
constexpr std::array circuits = {CircuitState::closed, CircuitState::half_open, CircuitState::open};

template <class State, std::size_t Count>
std::optional<State> named(const std::array<State, Count>& all, const char* (*name)(State),
                           std::string_view text) {
  for (const State one : all)
    if (name(one) == text) return one;
  return std::nullopt;
}

std::size_t rank(const Condition& condition) {
  const auto state = std::find(states.begin(), states.end(), condition.state) - states.begin();
  const auto circuit =
      std::find(circuits.begin(), circuits.end(), condition.circuit) - circuits.begin();
  return static_cast<std::size_t>(state) * circuits.size() + static_cast<std::size_t>(circuit);
}

}  // namespace

std::string conditionToText(const Condition& condition) {
  Json retry_at;
  if (condition.retry_at) {
    const auto wait =
        std::chrono::duration_cast<std::chrono::microseconds>(*condition.retry_at - Clock::now());
    const std::int64_t when = Timestamp::now().micros + wait.count();
    retry_at = formatTimestamp({when / second_us * second_us});
  }
  return Json::object({{"state", scannerStateName(condition.state)},
                       {"reason", condition.reason.substr(0, longest_reason)},
                       {"circuit", circuitStateName(condition.circuit)},
                       {"failures", condition.failures},
                       {"retry_at", retry_at}})
      .dump();
}

std::optional<Condition> conditionFromText(std::string_view text) {
  const auto json = Json::tryParse(text);
  if (!json) return std::nullopt;
  const auto state = named(states, scannerStateName, (*json)["state"].asString());
  const auto circuit = named(circuits, circuitStateName, (*json)["circuit"].asString());
  if (!state || !circuit) return std::nullopt;
  Condition condition;
  condition.state = *state;
  condition.reason = std::string((*json)["reason"].asString()).substr(0, longest_reason);
  condition.circuit = *circuit;
  condition.failures =
      static_cast<int>(std::clamp<std::int64_t>((*json)["failures"].asInteger(), 0, 1'000'000));
  if (const auto when = parseTimestamp((*json)["retry_at"].asString()))
    condition.retry_at =
        Clock::now() + std::chrono::microseconds(when->micros - Timestamp::now().micros);
  return condition;
}

std::vector<InstanceState> reportInstances(const NodeConfig& node, const Scanners& scanners) {
  std::vector<InstanceState> reports;
  for (const auto& instance : scanners.all()) {
    const ScannerSettings& settings = instance->settings();
    if (!node.servesPool(settings.pool)) continue;
    reports.push_back({"", settings.pool, settings.name, settings.limit,
                       conditionToText(instance->condition()), time_to_live});
  }
  return reports;
}

Condition InstanceReports::conditionOf(const ScannerInstance& instance) const {
  const ScannerSettings& settings = instance.settings();
  const Condition own = instance.condition();
  const bool uses_it = node_.hasRole(NodeRole::worker) && node_.servesPool(settings.pool);
  if (!settings.enabled || uses_it) return own;
  std::optional<Condition> best;
  for (const InstanceState& report : told()) {
    if (report.pool != settings.pool || report.name != settings.name) continue;
    auto condition = conditionFromText(report.state);
    if (condition && (!best || rank(*condition) < rank(*best))) best = std::move(condition);
  }
  return best.value_or(own);
}

bool InstanceReports::couldLaunch(const ScannerInstance& instance) const {
  const ScannerState state = conditionOf(instance).state;
  return state != ScannerState::disabled && state != ScannerState::read_only;
}

bool InstanceReports::isServedElsewhere(std::string_view pool) const {
  const auto reports = told();
  return std::any_of(reports.begin(), reports.end(),
                     [&](const InstanceState& report) { return report.pool == pool; });
}

/// What the queue told last, at most a few seconds ago; it stays when the queue is out of reach.
std::vector<InstanceState> InstanceReports::told() const {
  const std::lock_guard lock(mutex_);
  if (Clock::now() >= next_look_) {
    next_look_ = Clock::now() + look_interval;
    if (auto reports = queue_.instances({.timeout = look_timeout})) told_ = std::move(*reports);
  }
  return told_;
}

}  // namespace scanhost
