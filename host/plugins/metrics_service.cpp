// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/metrics_service.h"

#include <scanhost/json.h>
#include <scanhost/text.h>

#include "host/abi/plugin_host.h"

namespace scanhost {
namespace {

constexpr std::uint64_t max_labels = 16;
constexpr std::uint64_t max_bounds = 64;

/// One text for a series; length and quoting keep apart what concatenation would join.
std::string seriesKey(const std::string& plugin, MetricType type, std::string_view name,
                      const MetricLabels& labels) {
  Json key = Json::array({plugin, static_cast<int>(type), name});
  for (const auto& [label, value] : labels) key.push(Json::array({label, value}));
  return key.dump();
}

}  // namespace

MetricsService::MetricsService(Metrics& metrics) : metrics_(metrics) {
  table_.base = {sizeof(scanhost_metrics), SCANHOST_METRICS_REVISION};
  table_.counter = &MetricsService::counter;
  table_.gauge = &MetricsService::gauge;
  table_.histogram = &MetricsService::histogram;
  // A handle of another kind than the function's is a plugin's mistake, and does nothing.
  table_.add = [](void* series, double amount) {
    if (const auto* counter = std::get_if<PluginCounter>(static_cast<Series*>(series)))
      counter->add(amount);
  };
  table_.set = [](void* series, double value) {
    if (const auto* gauge = std::get_if<PluginGauge>(static_cast<Series*>(series)))
      gauge->set(value);
  };
  table_.observe = [](void* series, double value) {
    if (const auto* histogram = std::get_if<PluginHistogram>(static_cast<Series*>(series)))
      histogram->observe(value);
  };
  table_.owner = this;
}

void MetricsService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_METRICS_ID, &table_.base);
}

template <class Make>
scanhost_status MetricsService::find(const scanhost_host* host, MetricType type, scanhost_text name,
                                     scanhost_pairs labels, void** series, Make make) {
  if (labels.count > max_labels) return SCANHOST_ERROR_CONFIG;
  try {
    MetricsService& self = *PluginHost::service<Table>(host, SCANHOST_METRICS_ID)->owner;
    const std::string& plugin = PluginHost::of(host).plugin();
    const MetricLabels own_labels = toPairs(labels);
    const std::string key = seriesKey(plugin, type, toView(name), own_labels);
    const std::lock_guard lock(self.mutex_);
    auto found = self.series_.find(key);
    if (found == self.series_.end()) {
      auto made = make(self.metrics_, plugin, own_labels);
      if (!made) return static_cast<scanhost_status>(made.error().error_class);
      found = self.series_.emplace(key, std::make_unique<Series>(*made)).first;
    }
    *series = found->second.get();
    return SCANHOST_OK;
  } catch (const std::exception&) {
    return SCANHOST_ERROR_INTERNAL;
  }
}

scanhost_status MetricsService::counter(const scanhost_host* host, scanhost_text name,
                                        scanhost_text help, scanhost_pairs labels, void** series) {
  return find(host, MetricType::counter, name, labels, series,
              [&](Metrics& metrics, const std::string& plugin, const MetricLabels& own) {
                return metrics.pluginCounter(plugin, toString(name), toString(help), own);
              });
}

scanhost_status MetricsService::gauge(const scanhost_host* host, scanhost_text name,
                                      scanhost_text help, scanhost_pairs labels, void** series) {
  return find(host, MetricType::gauge, name, labels, series,
              [&](Metrics& metrics, const std::string& plugin, const MetricLabels& own) {
                return metrics.pluginGauge(plugin, toString(name), toString(help), own);
              });
}

scanhost_status MetricsService::histogram(const scanhost_host* host, scanhost_text name,
                                          scanhost_text help, scanhost_pairs labels,
                                          const double* bounds, uint64_t bound_count,
                                          void** series) {
  if (bound_count > max_bounds) return SCANHOST_ERROR_CONFIG;
  return find(host, MetricType::histogram, name, labels, series,
              [&](Metrics& metrics, const std::string& plugin, const MetricLabels& own) {
                return metrics.pluginHistogram(plugin, toString(name), toString(help), own,
                                               std::vector<double>(bounds, bounds + bound_count));
              });
}

}  // namespace scanhost
