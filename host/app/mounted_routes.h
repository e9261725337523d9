// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's own routes, mounted on every listener and declared in the metrics.
#pragma once

#include <utility>
#include <vector>

#include "host/http/listener.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

class MountedRoutes {
 public:
  /// All are borrowed.
  MountedRoutes(std::vector<http::Listener*> listeners, Metrics& metrics)
      : listeners_(std::move(listeners)), metrics_(metrics) {}

  /// Until this is destroyed.
  Status mount(const http::Route& route) {
    auto handle = mountApart(route);
    if (!handle) return tl::unexpected<Error>(handle.error());
    handles_.push_back(std::move(*handle));
    return {};
  }
  /// Until the handle is destroyed.
  Result<http::RouteHandle> mountApart(const http::Route& route) {
    metrics_.declareRoute(route.name, route.methods);
    return http::mountOnAll(listeners_, route);
  }
  void clear() { handles_.clear(); }

 private:
  const std::vector<http::Listener*> listeners_;
  Metrics& metrics_;
  std::vector<http::RouteHandle> handles_;
};

}  // namespace scanhost
