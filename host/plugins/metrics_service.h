// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.metrics/1: a plugin's own metrics, kept in the host's registry under its name.
///
/// A series is made once however often a plugin asks for it, so its handle stays valid as long as
/// this service, which lives as long as plugins run. Any thread.
#pragma once

#include <scanhost/abi/services.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "host/abi/service_registry.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

class MetricsService {
 public:
  explicit MetricsService(Metrics& metrics);
  MetricsService(const MetricsService&) = delete;
  MetricsService& operator=(const MetricsService&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  using Series = std::variant<PluginCounter, PluginGauge, PluginHistogram>;
  struct Table : scanhost_metrics {
    MetricsService* owner = nullptr;
  };

  static scanhost_status counter(const scanhost_host* host, scanhost_text name, scanhost_text help,
                                 scanhost_pairs labels, void** series);
  static scanhost_status gauge(const scanhost_host* host, scanhost_text name, scanhost_text help,
                               scanhost_pairs labels, void** series);
  static scanhost_status histogram(const scanhost_host* host, scanhost_text name,
                                   scanhost_text help, scanhost_pairs labels, const double* bounds,
                                   uint64_t bound_count, void** series);
  template <class Make>
  static scanhost_status find(const scanhost_host* host, MetricType type, scanhost_text name,
                              scanhost_pairs labels, void** series, Make make);

  Metrics& metrics_;
  Table table_{};
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Series>> series_;
};

}  // namespace scanhost
