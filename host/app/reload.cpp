// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/reload.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "host/base/nearest.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// How long an answer waits for the self-tests of scanners that were in trouble before.
constexpr auto look_again_grace = 2s;

std::string said(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems)
    if (problem.severity == ProblemSeverity::error) lines.push_back(formatProblem(problem));
  return joinNames(lines, "; ");
}

/// "scanners[nessus:one].title" is of "scanners".
bool isOf(std::string_view key, std::string_view section) {
  return key.starts_with(section) &&
         (key.size() == section.size() || key[section.size()] == '[' || key[section.size()] == '.');
}

std::set<std::string> pluginsIn(const Config& config) {
  std::set<std::string> names;
  for (const PluginUse& use : pluginsOf(config)) names.insert(use.entry->plugin);
  return names;
}

Json namesOrNull(const std::vector<std::string>* names) {
  if (!names) return {};
  Json out = Json::array();
  for (const std::string& name : *names) out.push(name);
  return out;
}

}  // namespace

TraceSampling samplingOf(TraceChoice choice) {
  static_assert(static_cast<int>(TraceChoice::never) == static_cast<int>(TraceSampling::never));
  return static_cast<TraceSampling>(choice);
}

Level levelOf(LogThreshold threshold) {
  switch (threshold) {
    case LogThreshold::debug: return Level::debug;
    case LogThreshold::info: return Level::info;
    case LogThreshold::warning: return Level::warning;
    case LogThreshold::error: return Level::error;
  }
  return Level::info;
}

ReloadPlan planReload(const Config& before, const Config& after) {
  ReloadPlan plan;
  plan.changes = changesBetween(before, after);
  for (const std::string& key : plan.changes.changed) {
    plan.scanners = plan.scanners || isOf(key, "scanners") || key == "default_pool";
    plan.exporters = plan.exporters || isOf(key, "exporters");
    plan.queue = plan.queue || isOf(key, "queue.config");
  }
  // The pool of submissions that name none may follow from the scanners.
  plan.scanners = plan.scanners || before.default_pool != after.default_pool;
  return plan;
}

ReloadResult Reload::run(const TraceContext& trace) {
  const std::lock_guard lock(mutex_);
  if (closed_->cancelled())
    return tl::unexpected<ServiceError>(
        ServiceError::invalidState("stopping", "The service is stopping"));
  if (!open_)
    return tl::unexpected<ServiceError>(
        ServiceError::invalidState("starting", "The service is still starting; ask again"));
  const ReloadResult result = tryAll();
  announce(result, trace);
  return result;
}

void Reload::close() {
  closed_->cancel();
  const std::lock_guard lock(mutex_);
  looks_.reset();
}

ReloadResult Reload::tryAll() {
  LoadOutcome read = parts_.read();
  if (!read.config) return tl::unexpected<ServiceError>(invalidConfig(said(read.problems)));
  const auto before = parts_.config.get();
  const auto after = std::make_shared<const Config>(std::move(*read.config));
  ReloadPlan plan = planReload(*before, *after);
  std::set<std::string> upgrades = parts_.fleet.upgrades();
  plan.scanners = plan.scanners || !upgrades.empty();
  const std::set<std::string> of_exporters = parts_.exporters.upgrades();
  plan.exporters = plan.exporters || !of_exporters.empty();
  upgrades.insert(of_exporters.begin(), of_exporters.end());
  if (const auto keys = needRestart(*before, *after, plan); !keys.empty())
    return tl::unexpected<ServiceError>(restartRequired(keys));
  parts_.plugins.check(*after);
  Made made;
  if (!parts_.problems.all().empty() || !make(*before, *after, plan, made))
    return tl::unexpected<ServiceError>(refusal());
  takeOver(*after, std::move(made));
  parts_.config.put(after);
  lookAgain();
  ReloadAnswer answer{plan.changes.changed, {}};
  for (const std::string& plugin : upgrades) answer.changed.push_back("plugin " + plugin);
  for (const std::string& plugin : parts_.plugins.changedFiles(*after))
    answer.restart_required.push_back("plugin " + plugin);
  return answer;
}

ServiceError Reload::refusal() {
  return invalidConfig(said(parts_.problems.take()));
}

/// What of the changes no running node can make.
std::vector<std::string> Reload::needRestart(const Config& before, const Config& after,
                                             const ReloadPlan& plan) const {
  std::vector<std::string> keys = plan.changes.restart_required;
  if (plan.queue && !parts_.stores.sharesQueue()) keys.push_back("queue.config");
  const auto outdated = parts_.plugins.changedFiles(after);
  const auto isOutdated = [&](const std::string& plugin) {
    return std::find(outdated.begin(), outdated.end(), plugin) != outdated.end();
  };
  // The settings were made for the new file, and what is loaded is the old one.
  if (plan.queue && isOutdated(after.queue.plugin)) keys.push_back("plugin " + after.queue.plugin);
  for (const ScannerConfig& scanner : ScannerFleet::needingPlugin(before, after))
    if (isOutdated(scanner.plugin)) keys.push_back("plugin " + scanner.plugin);
  for (const PluginEntry& exporter : after.exporters)
    if (plan.exporters && isOutdated(exporter.plugin)) keys.push_back("plugin " + exporter.plugin);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// False, with the problems told, when something new is not good.
bool Reload::make(const Config& before, const Config& after, const ReloadPlan& plan, Made& made) {
  auto scope = Scope::make(after.policy.allow, after.policy.deny);
  if (!scope) return parts_.problems.add("policy.targets", scope.error().message);
  made.scope = std::make_shared<const Scope>(std::move(*scope));
  auto callers = parts_.make_callers(after);
  if (!callers) return parts_.problems.add("", callers.error().message);
  made.callers = std::move(*callers);
  if (plan.exporters &&
      !(made.exporters = parts_.exporters.prepare(after.exporters, parts_.problems)))
    return false;
  if (plan.queue && !(made.queue = parts_.stores.prepareQueue(after.queue))) return false;
  if (plan.scanners && !(made.scanners = parts_.fleet.prepare(before, after, closed_)))
    return false;
  // Last, since it takes effect at once.
  const Status renewed = parts_.renew_certificate();
  return renewed || parts_.problems.add("", renewed.error().message);
}

void Reload::takeOver(const Config& after, Made made) {
  parts_.events.setLevel(levelOf(after.log.level));
  parts_.spans.setSampling(samplingOf(after.traces.sample));
  parts_.scope.put(std::move(made.scope));
  parts_.take_callers(std::move(made.callers), after);
  parts_.disk.setFloor(after.limits.disk_free);
  if (made.queue) {
    parts_.stores.takeQueue(std::move(made.queue));
    parts_.queue_moved();
  }
  if (made.scanners)
    parts_.gauges.whileStill(
        [&] { parts_.fleet.take(std::move(*made.scanners), after.node.swap_drain); });
  if (made.exporters) parts_.exporters.take(std::move(*made.exporters));
  parts_.metrics.forgetPluginsBut(pluginsIn(after));
}

/// What refused our login or settings before may take them now.
void Reload::lookAgain() {
  std::vector<ScannerPtr> in_trouble = parts_.fleet.scanners()->all();
  std::erase_if(in_trouble, [](const ScannerPtr& one) { return one->takesWork(); });
  looks_.reset();
  looks_.emplace(std::move(in_trouble));
  looks_->wait(look_again_grace);
}

void Reload::announce(const ReloadResult& result, const TraceContext& trace) {
  if (result)
    return parts_.events.emit(
        Level::info, "node", "config_reloaded", trace.uuid(),
        Json::object({{"changed", namesOrNull(&result->changed)},
                      {"restart_required", namesOrNull(&result->restart_required)},
                      {"error", nullptr}}));
  parts_.events.emit(
      Level::error, "node", "config_reload_refused", trace.uuid(),
      Json::object(
          {{"changed", nullptr}, {"error", result.error().error + ": " + result.error().message}}));
}

}  // namespace scanhost
