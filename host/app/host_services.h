// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The services of the host that plugins may ask for, registered under their ids. They and the
/// plugins' hosts must outlive every plugin thread, and a plugin is never unloaded: they live until
/// the process ends.
#pragma once

#include "host/abi/clock_service.h"
#include "host/abi/process_service.h"
#include "host/plugins/metrics_service.h"
#include "host/services/http_service.h"
#include "host/services/operations_service.h"

namespace scanhost {

struct HostServices {
  /// Borrows all of them.
  HostServices(Metrics& counted, std::vector<http::Listener*> listeners, Catalogue& offered,
               HttpService::DescribeResource describe)
      : metrics(counted),
        http(std::move(listeners), std::move(describe),
             [&counted](const http::Route& route) {
               counted.declareRoute(route.name, route.methods);
             }),
        operations(offered) {
    clock.registerIn(registry);
    metrics.registerIn(registry);
    process.registerIn(registry);
    http.registerIn(registry);
    operations.registerIn(registry);
  }

  ServiceRegistry registry;
  ClockService clock;
  MetricsService metrics;
  ProcessService process;
  HttpService http;
  OperationsService operations;
};

}  // namespace scanhost
