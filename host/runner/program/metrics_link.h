// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.metrics/1 in a runner: the daemon keeps the series, and hears of each change.
/// Any thread; lives until the process ends.
#pragma once

#include <scanhost/abi/services.h>

#include <map>
#include <mutex>

#include "host/abi/service_registry.h"
#include "host/runner/program/daemon_link.h"

namespace scanhost::runner {

class MetricsLink {
 public:
  explicit MetricsLink(DaemonLink& daemon);
  MetricsLink(const MetricsLink&) = delete;
  MetricsLink& operator=(const MetricsLink&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  struct Table : scanhost_metrics {
    MetricsLink* owner = nullptr;
  };
  /// What a plugin's handle points to.
  struct Series {
    DaemonLink& daemon;
    std::uint32_t number;
  };

  static scanhost_status add(const scanhost_host* host, const SeriesRequest& request,
                             void** series);
  static void change(void* series, double amount);

  DaemonLink& daemon_;
  Table table_{};
  std::mutex mutex_;
  std::map<std::uint32_t, Series> series_;  ///< by number: one asked for again is the same
};

}  // namespace scanhost::runner
