// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.http/1: plugins mount routes on the host's listeners, the public one and the local
/// control socket. Lives as long as plugins run; any thread.
#pragma once

#include <scanhost/abi/http.h>

#include <functional>
#include <string>
#include <vector>

#include "host/abi/service_registry.h"
#include "host/http/listener.h"
#include "host/services/running_requests.h"

namespace scanhost {

class HttpService {
 public:
  /// The routes that describe a protected resource, by its path.
  using DescribeResource = std::function<std::vector<http::Route>(const std::string& path)>;

  /// Hears of each route before it is mounted.
  using OnMount = std::function<void(const http::Route& route)>;

  explicit HttpService(std::vector<http::Listener*> listeners, DescribeResource describe = {},
                       OnMount on_mount = {});
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  void registerIn(ServiceRegistry& services);

  /// Cancels the calls of handlers whose client has gone; to be called on every turn of the
  /// listener's loop.
  void cancelAbandoned() { running_.cancelAbandoned(); }
  /// Cancels the calls of all handlers: the node stops.
  void cancelAll() { running_.cancelAll(); }

 private:
  struct Table : scanhost_http {
    HttpService* owner = nullptr;
  };
  static scanhost_status route(const scanhost_host* host, const scanhost_call* call,
                               const scanhost_http_route* route, void** handle);
  static void unroute(const scanhost_host* host, void* handle);

  /// Of a plugin's route, and of those that describe it.
  using Handles = std::vector<http::RouteHandle>;
  void mount(const http::Route& route, Handles& handles) const;

  const std::vector<http::Listener*> listeners_;
  const DescribeResource describe_;
  const OnMount on_mount_;
  RunningRequests running_;
  Table table_{};
};

}  // namespace scanhost
