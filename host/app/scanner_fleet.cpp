// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/scanner_fleet.h"

#include <algorithm>
#include <future>
#include <map>
#include <tuple>
#include <utility>

namespace scanhost {
namespace {

ScannerSettings settingsOf(const ScannerConfig& scanner) {
  ScannerSettings settings;
  settings.pool = scanner.pool;
  settings.name = scanner.name;
  settings.title = scanner.title;
  settings.type = kindless(scanner.plugin);
  settings.enabled = scanner.enabled;
  settings.limit = static_cast<std::uint32_t>(scanner.max_concurrent_scans);
  settings.circuit = {static_cast<int>(scanner.circuit.failures), scanner.circuit.open_for,
                      scanner.circuit.probe_deadline};
  return settings;
}

/// What a new instance has at least for its self-test: a probe may be short, for it comes again,
/// and this one decides over the whole reload.
constexpr std::chrono::milliseconds least_test{10'000};

const ScannerConfig* entryOf(const Config& config, const std::string& key) {
  for (const ScannerConfig& scanner : config.scanners)
    if (scanner.instanceKey() == key) return &scanner;
  return nullptr;
}

/// A client that holds the instance it calls.
struct OwningClient {
  std::shared_ptr<PluginInstance> instance;
  ScannerClient client;
};

}  // namespace

ScannerChange changeOf(const ScannerConfig& before, const ScannerConfig& after) {
  const bool same_plugin = before.plugin == after.plugin && before.config == after.config &&
                           before.isolation == after.isolation;
  const auto ofHost = [](const ScannerConfig& entry) {
    return std::tie(entry.title, entry.enabled, entry.max_concurrent_scans, entry.circuit.failures,
                    entry.circuit.open_for, entry.circuit.probe_deadline);
  };
  if (same_plugin && ofHost(before) == ofHost(after)) return ScannerChange::none;
  return same_plugin && before.enabled && after.enabled ? ScannerChange::of_host
                                                        : ScannerChange::of_plugin;
}

std::unique_ptr<ScannerFleet> ScannerFleet::start(const Config& config, PluginInstances& plugins,
                                                  InstanceReaper& reaper, Metrics& metrics,
                                                  EventLog& events, StartProblems& problems) {
  std::unique_ptr<ScannerFleet> fleet(new ScannerFleet(plugins, reaper, metrics, events, problems));
  Next first{{}, config.default_pool, fleet->seriesOf(config), {}, {}};
  for (const ScannerConfig& scanner : config.scanners) {
    ScannerPtr instance = fleet->make(scanner, first.plugins);
    if (!instance) return nullptr;
    first.instances.push_back(instance);
    first.entering.push_back({std::move(instance), nullptr, std::nullopt});
  }
  fleet->take(std::move(first), {});
  return fleet;
}

std::vector<ScannerConfig> ScannerFleet::needingPlugin(const Config& before, const Config& after) {
  std::vector<ScannerConfig> needing;
  for (const ScannerConfig& scanner : after.scanners) {
    const ScannerConfig* known = entryOf(before, scanner.instanceKey());
    if (scanner.enabled && (!known || changeOf(*known, scanner) == ScannerChange::of_plugin))
      needing.push_back(scanner);
  }
  return needing;
}

std::optional<ScannerFleet::Next> ScannerFleet::prepare(
    const Config& before, const Config& after, const std::shared_ptr<const CancelSource>& cancel) {
  Next next{{}, after.default_pool, seriesOf(after), {}, {}};
  for (const ScannerConfig& scanner : after.scanners) {
    const ScannerConfig* known = entryOf(before, scanner.instanceKey());
    ScannerPtr current = scanners_->find(scanner.pool, scanner.name);
    const ScannerChange change = changeTo(known, scanner);
    if (const auto running = running_.find(scanner.instanceKey());
        change != ScannerChange::of_plugin && running != running_.end())
      next.plugins.insert(*running);
    if (change == ScannerChange::none) {
      next.instances.push_back(std::move(current));
      continue;
    }
    ScannerPtr made =
        change == ScannerChange::of_host
            ? std::make_shared<ScannerInstance>(settingsOf(scanner), current->sharedClient(),
                                                current->description(), events_, metrics_)
            : make(scanner, next.plugins);
    if (!made) return std::nullopt;
    if (change == ScannerChange::of_plugin) current.reset();
    next.instances.push_back(made);
    next.entering.push_back({std::move(made), std::move(current), std::nullopt});
  }
  if (!testAll(next.entering, after.scanners, cancel)) return std::nullopt;
  return next;
}

ScannerChange ScannerFleet::changeTo(const ScannerConfig* before,
                                     const ScannerConfig& after) const {
  if (!before) return ScannerChange::of_plugin;
  const ScannerChange change = changeOf(*before, after);
  const auto running = running_.find(after.instanceKey());
  const bool upgrade = running != running_.end() && plugins_.wantsUpgrade(*running->second);
  return upgrade ? ScannerChange::of_plugin : change;
}

std::set<std::string> ScannerFleet::upgrades() const {
  std::set<std::string> names;
  for (const auto& [key, instance] : running_)
    if (plugins_.wantsUpgrade(*instance)) names.insert(instance->plugin().name());
  return names;
}

/// All at once: one that does not answer takes its whole deadline.
bool ScannerFleet::testAll(std::vector<Next::Entering>& entering,
                           const std::vector<ScannerConfig>& all,
                           const std::shared_ptr<const CancelSource>& cancel) {
  std::vector<std::pair<Next::Entering*, std::future<Result<ScannerHealth>>>> tests;
  for (Next::Entering& one : entering)
    if (one.instance->settings().enabled && !one.before)
      tests.emplace_back(&one, std::async(std::launch::async, [&scanner = *one.instance, cancel] {
        return scanner.client().selfTest(
            {.timeout = std::max(scanner.settings().circuit.probe_deadline, least_test),
             .cancel = cancel});
      }));
  bool good = true;
  for (auto& [one, test] : tests) {
    auto health = test.get();
    if (health) {
      one->health = std::move(*health);
      continue;
    }
    const std::string key = one->instance->settings().key();
    const auto entry = std::find_if(all.begin(), all.end(), [&](const ScannerConfig& scanner) {
      return scanner.instanceKey() == key;
    });
    good = problems_.add(*entry, key + ": " + health.error().message);
  }
  return good;
}

void ScannerFleet::take(Next next, std::chrono::milliseconds drain) {
  const auto before =
      scanners_.put(std::make_shared<const Scanners>(next.instances, std::move(next.default_pool)));
  running_ = std::move(next.plugins);
  metrics_.declarePools(next.series);
  countInstances(next.instances);
  const auto leave_by = std::chrono::steady_clock::now() + drain;
  for (const ScannerPtr& old : before->all()) {
    if (std::find(next.instances.begin(), next.instances.end(), old) != next.instances.end())
      continue;
    const bool plugin_stays =
        std::any_of(next.entering.begin(), next.entering.end(),
                    [&](const Next::Entering& one) { return one.before == old; });
    old->retire(plugin_stays ? std::nullopt : std::optional(leave_by));
  }
  for (const Next::Entering& one : next.entering) {
    one.instance->enterService(one.before.get());
    if (one.health) one.instance->recordHealth(*one.health);
  }
}

void ScannerFleet::countInstances(const std::vector<ScannerPtr>& instances) {
  std::map<std::pair<std::string, bool>, std::int64_t> counted;
  for (const ScannerPtr& instance : instances) {
    const ScannerSettings& settings = instance->settings();
    ++counted[{settings.type, settings.enabled}];
    counted.try_emplace({settings.type, !settings.enabled}, 0);
  }
  for (const auto& [key, count] : counted)
    metrics_.updateScannerInstancesMetric(key.first, key.second, count);
}

ScannerPtr ScannerFleet::makeDisabled(const ScannerConfig& scanner) {
  return std::make_shared<ScannerInstance>(settingsOf(scanner), nullptr, ScannerDescription{},
                                           events_, metrics_);
}

/// Null, and a problem, when its plugin does not start or tell what it is.
ScannerPtr ScannerFleet::make(const ScannerConfig& scanner, PluginsByKey& plugins) {
  if (!scanner.enabled) return makeDisabled(scanner);
  const auto manifest = plugins_.inspect(scanner.plugin);
  if (!manifest) {
    problems_.add(scanner, manifest.error().message);
    return nullptr;
  }
  const ScannerKind kind = kindOf(*manifest);
  auto started = plugins_.start(scanner, ScannerClient::interfaceId(kind), scanner.instanceKey());
  if (!started) return nullptr;
  const std::shared_ptr<PluginInstance> instance = reaper_.own(std::move(started));
  const auto owning = std::make_shared<const OwningClient>(OwningClient{
      instance, ScannerClient(
                    scanner.plugin, &instance->table<scanhost_interface>(), instance->self(), kind,
                    [&metrics = metrics_, pool = scanner.pool, name = scanner.name](
                        std::string_view operation, bool ok, double seconds) {
                      metrics.observeScannerRequest(pool, name, operation, ok,
                                                    Metrics::Seconds(seconds));
                    },
                    instance->events())});
  auto description = owning->client.describe();
  if (!description) {
    problems_.add(scanner, description.error().message);
    return nullptr;
  }
  plugins[scanner.instanceKey()] = instance;
  return std::make_shared<ScannerInstance>(
      settingsOf(scanner), std::shared_ptr<const ScannerClient>(owning, &owning->client),
      std::move(*description), events_, metrics_);
}

/// A disabled scanner's plugin may be missing; its calls are not timed then.
std::vector<PoolSeries> ScannerFleet::seriesOf(const Config& config) {
  std::map<std::string, PoolSeries> pools;
  for (const ScannerConfig& scanner : config.scanners) {
    const auto manifest = plugins_.inspect(scanner.plugin);
    std::vector<std::string> timed;
    if (manifest) timed = ScannerClient::operations(kindOf(*manifest));
    PoolSeries& pool = pools[scanner.pool];
    pool.name = scanner.pool;
    pool.scanner_type = kindless(scanner.plugin);
    pool.instances.push_back({scanner.name, scanner.enabled, std::move(timed)});
  }
  std::vector<PoolSeries> series;
  for (auto& [name, pool] : pools) series.push_back(std::move(pool));
  return series;
}

}  // namespace scanhost
