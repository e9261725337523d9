// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/scanner_fleet.h"

#include <map>
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

}  // namespace

std::unique_ptr<ScannerFleet> ScannerFleet::start(const Config& config, PluginInstances& plugins,
                                                  Metrics& metrics, EventLog& events,
                                                  StartProblems& problems) {
  std::unique_ptr<ScannerFleet> fleet(new ScannerFleet(config, plugins, metrics, events, problems));
  fleet->declarePools();
  if (!fleet->startAll()) return nullptr;
  return fleet;
}

bool ScannerFleet::startAll() {
  std::vector<std::unique_ptr<ScannerInstance>> made;
  for (const ScannerConfig& scanner : config_.scanners) {
    auto instance = make(scanner);
    if (!instance) return false;
    made.push_back(std::move(instance));
  }
  scanners_.emplace(std::move(made), config_.default_pool);
  return true;
}

std::unique_ptr<ScannerInstance> ScannerFleet::make(const ScannerConfig& scanner) {
  if (!scanner.enabled)
    return std::make_unique<ScannerInstance>(settingsOf(scanner), nullptr, ScannerDescription{},
                                             events_, metrics_);
  const auto manifest = plugins_.inspect(scanner.plugin);
  if (!manifest) {
    problems_.add(scanner, manifest.error().message);
    return nullptr;
  }
  const ScannerKind kind = kindOf(*manifest);
  auto instance = plugins_.start(scanner, ScannerClient::interfaceId(kind), scanner.instanceKey());
  if (!instance) return nullptr;
  auto client = std::make_shared<ScannerClient>(
      scanner.plugin, &instance->table<scanhost_interface>(), instance->self(), kind,
      [&metrics = metrics_, pool = scanner.pool, name = scanner.name](std::string_view operation,
                                                                      bool ok, double seconds) {
        metrics.observeScannerRequest(pool, name, operation, ok, Metrics::Seconds(seconds));
      },
      instance->events());
  auto description = client->describe();
  if (!description) {
    problems_.add(scanner, description.error().message);
    return nullptr;
  }
  instances_.push_back(std::move(instance));
  return std::make_unique<ScannerInstance>(settingsOf(scanner), client, *description, events_,
                                           metrics_);
}

/// A disabled scanner's plugin may be missing; its calls are not timed then.
void ScannerFleet::declarePools() {
  std::map<std::string, PoolSeries> pools;
  std::map<std::pair<std::string, bool>, std::int64_t> counted;
  for (const ScannerConfig& scanner : config_.scanners) {
    const auto manifest = plugins_.inspect(scanner.plugin);
    std::vector<std::string> timed;
    if (manifest) timed = ScannerClient::operations(kindOf(*manifest));
    PoolSeries& pool = pools[scanner.pool];
    pool.name = scanner.pool;
    pool.scanner_type = kindless(scanner.plugin);
    pool.instances.push_back({scanner.name, scanner.enabled, std::move(timed)});
    ++counted[{pool.scanner_type, scanner.enabled}];
    counted.try_emplace({pool.scanner_type, !scanner.enabled}, 0);
  }
  std::vector<PoolSeries> series;
  for (auto& [name, pool] : pools) series.push_back(std::move(pool));
  metrics_.declarePools(series);
  for (const auto& [key, count] : counted)
    metrics_.updateScannerInstancesMetric(key.first, key.second, count);
}

}  // namespace scanhost
