// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/exporters.h"

#include <scanhost/abi/draft/exporter.h>

namespace scanhost {

using namespace std::chrono_literals;

bool Exporters::start(const PluginEntry& entry, StartProblems& problems) {
  auto instance = plugins_.start(entry, SCANHOST_EXPORTER_ID, kindless(entry.plugin));
  if (!instance) return false;
  ExporterClient& exporter = exporters_.emplace_back(std::move(instance));
  metrics_.declareExporter(exporter.instance().name());
  if (exporter.takesEvents()) pumps_.push_back(std::make_unique<EventPump>(events_, exporter));
  const Status mounted = mountMetrics(exporter);
  return mounted ? true : problems.add(entry, mounted.error().message);
}

Status Exporters::mountMetrics(const ExporterClient& exporter) {
  const auto endpoint = exporter.endpoint();
  if (!endpoint) return tl::unexpected<Error>(endpoint.error());
  if (!*endpoint) return {};
  return routes_.mount({{"GET"},
                        **endpoint,
                        "metrics",
                        [this, &exporter](http::Request& request, http::Response& response) {
                          serveMetrics(exporter, request, response);
                        }});
}

void Exporters::serveMetrics(const ExporterClient& exporter, http::Request& request,
                             http::Response& response) {
  const auto began = std::chrono::steady_clock::now();
  gauges_.refresh();
  const auto families = metrics_.snapshot();
  auto document =
      exporter.render(families, request.header("Accept").value_or(""), {.timeout = 10s});
  if (!document)
    return response.sendError(500, "Internal error", "internal", "metrics cannot be rendered");
  response.send(200, {{"Content-Type", document->content_type}}, std::move(document->body));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  events_.emit(scraped_.exchange(true) ? Level::debug : Level::info, "telemetry", "metrics_scraped",
               "", gauges_.summary(took.count(), families.size(), active_()));
}

}  // namespace scanhost
