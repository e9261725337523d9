// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The exporters of a node: events are carried to those that take them, and those that render
/// metrics are served at their endpoints.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "host/app/event_pump.h"
#include "host/app/gauges.h"
#include "host/app/mounted_routes.h"
#include "host/app/plugin_instances.h"

namespace scanhost {

class Exporters {
 public:
  using ActiveScans = std::function<std::size_t()>;

  /// All are borrowed, and `routes` is emptied before this is destroyed.
  Exporters(PluginInstances& plugins, MountedRoutes& routes, Gauges& gauges, Metrics& metrics,
            EventLog& events, ActiveScans active)
      : plugins_(plugins),
        routes_(routes),
        gauges_(gauges),
        metrics_(metrics),
        events_(events),
        active_(std::move(active)) {}

  /// False when it could not be started; why is among `problems`.
  bool start(const PluginEntry& entry, StartProblems& problems);

 private:
  Status mountMetrics(const ExporterClient& exporter);
  void serveMetrics(const ExporterClient& exporter, http::Request& request,
                    http::Response& response);

  PluginInstances& plugins_;
  MountedRoutes& routes_;
  Gauges& gauges_;
  Metrics& metrics_;
  EventLog& events_;
  const ActiveScans active_;
  std::atomic<bool> scraped_{false};
  std::deque<ExporterClient> exporters_;
  std::vector<std::unique_ptr<EventPump>> pumps_;  // last: they use the exporters
};

}  // namespace scanhost
