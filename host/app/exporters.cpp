// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/exporters.h"

#include <scanhost/abi/exporter.h>

#include <algorithm>

#include "host/app/instance_reaper.h"
#include "host/app/request_trace.h"
#include "host/base/caller.h"
#include "host/telemetry/process_metrics.h"

namespace scanhost {

using namespace std::chrono_literals;

namespace {

/// Those that are not among the others, in their order.
template <class Exporter>
std::vector<Exporter> without(const std::vector<Exporter>& all,
                              const std::vector<Exporter>& others) {
  std::vector<Exporter> rest;
  for (const Exporter& one : all)
    if (std::find(others.begin(), others.end(), one) == others.end()) rest.push_back(one);
  return rest;
}

template <class Exporter>
std::vector<ExporterSettings> settingsOf(const std::vector<Exporter>& exporters) {
  std::vector<ExporterSettings> settings;
  for (const Exporter& one : exporters) settings.push_back(one->settings);
  return settings;
}

}  // namespace

std::optional<Exporters::Next> Exporters::prepare(const std::vector<PluginEntry>& entries,
                                                  StartProblems& problems) {
  Next next;
  for (const PluginEntry& entry : entries) {
    auto exporter = current(entry, next);
    if (!exporter) exporter = make(entry, problems);
    if (!exporter || !serve(next, *exporter, entry, problems)) return std::nullopt;
    next.exporters.push_back(std::move(exporter));
  }
  return next;
}

std::set<std::string> Exporters::upgrades() const {
  std::set<std::string> names;
  for (const auto& one : exporters_) {
    const PluginInstance& instance = one->client->instance();
    if (plugins_.wantsUpgrade(instance)) names.insert(instance.plugin().name());
  }
  return names;
}

/// The one that runs with these very settings, unless another entry has it; or null.
std::shared_ptr<Exporters::Running> Exporters::current(const PluginEntry& entry,
                                                       const Next& next) const {
  for (const auto& one : exporters_) {
    const bool taken =
        std::find(next.exporters.begin(), next.exporters.end(), one) != next.exporters.end();
    if (!taken && one->settings.plugin == entry.plugin && one->settings.config == entry.config &&
        one->isolation == entry.isolation && !plugins_.wantsUpgrade(one->client->instance()))
      return one;
  }
  return nullptr;
}

std::shared_ptr<Exporters::Running> Exporters::make(const PluginEntry& entry,
                                                    StartProblems& problems) {
  auto instance = plugins_.start(entry, SCANHOST_EXPORTER_ID, kindless(entry.plugin));
  if (!instance) return nullptr;
  auto client = std::make_shared<ExporterClient>(std::move(instance));
  auto path = client->endpoint();
  if (!path) {
    problems.add(entry, path.error().message);
    return nullptr;
  }
  return std::make_shared<Running>(Running{{entry.plugin, entry.config},
                                           entry.isolation,
                                           std::move(client),
                                           std::move(*path),
                                           nullptr,
                                           nullptr});
}

/// Sees to its endpoint: one that is served already goes on to be, until take() by another.
bool Exporters::serve(Next& next, const Running& exporter, const PluginEntry& entry,
                      StartProblems& problems) {
  if (!exporter.path) return true;
  for (const auto& other : next.exporters)
    if (other->path == exporter.path)
      return problems.add(entry, "another exporter serves " + *exporter.path +
                                     " already; give one of them another path");
  if (endpoints_.contains(*exporter.path)) return true;
  Endpoint endpoint{std::make_shared<Live<ExporterClient>>(exporter.client), {}};
  http::Route route{
      {"GET"},
      *exporter.path,
      "metrics",
      [this, serves = endpoint.serves](http::Request& request, http::Response& response) {
        serveMetrics(*serves->get(), request, response);
      }};
  for (const Role role : {Role::metrics, Role::viewer, Role::operator_})
    route.roles.emplace_back(roleName(role));
  auto mounted = routes_.mountApart(route);
  if (!mounted) return problems.add(entry, mounted.error().message);
  endpoint.route = std::move(*mounted);
  next.endpoints.emplace(*exporter.path, std::move(endpoint));
  return true;
}

void Exporters::take(Next next) {
  const auto coming = without(next.exporters, exporters_);
  auto leaving = without(exporters_, next.exporters);
  endpoints_.merge(next.endpoints);
  for (const auto& one : next.exporters)
    if (one->path) endpoints_.at(*one->path).serves->put(one->client);
  std::erase_if(endpoints_, [&](const auto& endpoint) {
    return std::none_of(next.exporters.begin(), next.exporters.end(),
                        [&](const auto& one) { return one->path == endpoint.first; });
  });
  const auto predecessors = findPredecessors(settingsOf(coming), settingsOf(leaving));
  for (std::size_t i = 0; i < coming.size(); ++i) {
    Running& to = *coming[i];
    Running* const before = predecessors[i] ? leaving[*predecessors[i]].get() : nullptr;
    if (to.client->takesEvents()) carry(events_, &Running::events, to, before);
    if (to.client->takesSpans()) carry(spans_, &Running::spans, to, before);
  }
  exporters_ = std::move(next.exporters);
  running_ever_ = true;
  for (auto& one : leaving) {
    const LoadedPlugin& plugin = one->client->instance().plugin();
    one.reset();
    announcePluginStopped(events_, plugin);
  }
}

/// From where the one left off whose place it takes. An exporter that is new hears what happens
/// from now on, but for the first ones, which hear of the start.
template <class Item, class Log>
void Exporters::carry(Log& log, std::unique_ptr<ExportPump<Item>> Running::*pump, Running& to,
                      Running* before) {
  const std::string& name = to.client->instance().name();
  metrics_.declareExporter(name);
  std::unique_ptr<RingReader<Item>> place;
  if (before && before->*pump) {
    place = (before->*pump)->release();
    (before->*pump).reset();
  } else {
    place = running_ever_ ? log.subscribeFromNow(name) : log.subscribe(name);
  }
  to.*pump = std::make_unique<ExportPump<Item>>(std::move(place), *to.client);
}

void Exporters::serveMetrics(const ExporterClient& exporter, http::Request& request,
                             http::Response& response) {
  const auto began = std::chrono::steady_clock::now();
  gauges_.refresh();
  auto families = metrics_.snapshot();
  for (MetricFamily& family : readProcessMetrics()) families.push_back(std::move(family));
  auto document =
      exporter.render(families, request.header("Accept").value_or(""), {.timeout = 10s});
  if (!document)
    return response.sendError(500, "Internal error", "internal", "metrics cannot be rendered");
  response.send(200, {{"Content-Type", document->content_type}}, std::move(document->body));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  events_.emit(scraped_.exchange(true) ? Level::debug : Level::info, "telemetry", "metrics_scraped",
               traceUuidOf(request), gauges_.summary(took.count(), families.size(), active_()));
}

}  // namespace scanhost
