// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A series of a plugin's own in the host's metrics, through scanhost.host.metrics/1.
#pragma once

#include <scanhost/abi/services.h>
#include <scanhost/host.h>

#include <string>
#include <utility>
#include <vector>

namespace scanhost {

/// There from the moment it is made, at zero. A copyable handle; any thread may use it. A counter
/// is added to, a gauge set.
class MetricSeries {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// Throw PluginError when the host has no metrics or refuses the name.
  static MetricSeries counter(const Host& host, const std::string& name, const std::string& help,
                              const Labels& labels) {
    return make(host, &scanhost_metrics::counter, name, help, labels);
  }
  static MetricSeries gauge(const Host& host, const std::string& name, const std::string& help,
                            const Labels& labels) {
    return make(host, &scanhost_metrics::gauge, name, help, labels);
  }

  void add(double amount) const { metrics_->add(series_, amount); }
  void set(double value) const { metrics_->set(series_, value); }

 private:
  using Make = decltype(scanhost_metrics::counter);

  MetricSeries(const scanhost_metrics& metrics, void* series)
      : metrics_(&metrics), series_(series) {}

  static MetricSeries make(const Host& host, Make scanhost_metrics::*function,
                           const std::string& name, const std::string& help, const Labels& labels) {
    const auto& metrics =
        host.service<scanhost_metrics>(SCANHOST_METRICS_ID, SCANHOST_METRICS_REVISION);
    std::vector<scanhost_pair> pairs;
    for (const auto& [label, value] : labels) pairs.push_back({toText(label), toText(value)});
    void* series = nullptr;
    const scanhost_status status = (metrics.*function)(host.abi(), toText(name), toText(help),
                                                       {pairs.data(), pairs.size()}, &series);
    if (status != SCANHOST_OK)
      throw PluginError(static_cast<ErrorClass>(status), "the host refuses the metric " + name);
    return {metrics, series};
  }

  const scanhost_metrics* metrics_;
  void* series_;
};

}  // namespace scanhost
