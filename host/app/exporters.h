// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The exporters of a node: events and spans are carried to those that take them, and those that
/// render metrics are served at their endpoints.
///
/// A reload makes other ones where entries changed. One that takes the place of another (see
/// exporter_succession.h) gets its place in the rings, so that nothing is lost and nothing comes
/// twice, and its endpoint, so that no scrape fails.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/app/export_pump.h"
#include "host/app/exporter_succession.h"
#include "host/app/gauges.h"
#include "host/app/mounted_routes.h"
#include "host/app/plugin_instances.h"
#include "host/base/live.h"
#include "host/base/ticker.h"

namespace scanhost {

class Exporters {
 private:
  struct Running;
  struct Endpoint {
    std::shared_ptr<Live<ExporterClient>> serves;
    http::RouteHandle route;
  };

 public:
  using ActiveScans = std::function<std::size_t()>;
  /// Other exporters, started, which no event is carried to yet.
  struct Next {
    std::vector<std::shared_ptr<Running>> exporters;
    std::map<std::string, Endpoint> endpoints;  ///< where nothing was served so far
  };

  /// All are borrowed.
  Exporters(PluginInstances& plugins, MountedRoutes& routes, Gauges& gauges, Metrics& metrics,
            EventLog& events, SpanLog& spans, ActiveScans active)
      : plugins_(plugins),
        routes_(routes),
        gauges_(gauges),
        metrics_(metrics),
        events_(events),
        spans_(spans),
        active_(std::move(active)) {}

  /// The plugins that run in processes of their own and have another file by now.
  std::set<std::string> upgrades() const;
  /// What these entries ask for; nothing, and problems, when one could not be started. Those whose
  /// entries did not change are kept.
  std::optional<Next> prepare(const std::vector<PluginEntry>& entries, StartProblems& problems);
  /// Puts them in place of those so far, which write what they were at, and end.
  void take(Next next);
  /// Removes the endpoints; events are carried on.
  void stopServing() { endpoints_.clear(); }

 private:
  std::shared_ptr<Running> current(const PluginEntry& entry, const Next& next) const;
  std::shared_ptr<Running> make(const PluginEntry& entry, StartProblems& problems);
  bool serve(Next& next, const Running& exporter, const PluginEntry& entry,
             StartProblems& problems);
  template <class Item, class Log>
  void carry(Log& log, std::unique_ptr<ExportPump<Item>> Running::*pump, Running& to,
             Running* before);
  void serveMetrics(const ExporterClient& exporter, http::Request& request,
                    http::Response& response);

  PluginInstances& plugins_;
  MountedRoutes& routes_;
  Gauges& gauges_;
  Metrics& metrics_;
  EventLog& events_;
  SpanLog& spans_;
  const ActiveScans active_;
  std::atomic<bool> scraped_{false};
  bool running_ever_ = false;
  /// Apart from the exporters' own threads, which a stuck sink holds up.
  Ticker losses_{std::chrono::seconds(1), [this] {
                   events_.countLosses();
                   spans_.countLosses();
                 }};
  std::vector<std::shared_ptr<Running>> exporters_;
  std::map<std::string, Endpoint> endpoints_;  ///< by path
};

/// One exporter, and what carries events and spans to it.
struct Exporters::Running {
  ExporterSettings settings;
  Isolation isolation = Isolation::automatic;
  std::shared_ptr<ExporterClient> client;
  std::optional<std::string> path;
  // last: they use the client
  std::unique_ptr<ExportPump<Event>> events;
  std::unique_ptr<ExportPump<SpanRecord>> spans;
};

}  // namespace scanhost
