// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The one HTTP listener, on which the host and its plugins mount routes.
///
///     http::Listener listener(options, hooks, resolver);
///     auto route = listener.route({{"GET"}, "/livez", "livez", handler, .open = true});
///     if (auto started = listener.start(); !started) ...
///
/// One loop thread accepts, reads heads and small bodies, writes what slow clients take, and keeps
/// the idle streams; a bounded pool runs the handlers. So a client that dawdles, in or out, costs
/// memory within `Limits` and no thread, and a flood meets 503 with Retry-After instead of silence.
/// The same class serves the local control socket ("unix:" in options.listen).
///
/// The sockets are ours and not Poco's HTTPServer: that one parses leniently where the leniency can
/// no longer be seen, keeps a thread per waiting connection, and hangs when its pool is full.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/base/result.h"
#include "host/http/caller.h"
#include "host/http/hooks.h"
#include "host/http/options.h"
#include "host/http/route.h"

namespace scanhost::http {

struct Core;
class TlsContext;

class Listener {
 public:
  /// Without a resolver everyone is "anonymous" with the role client.
  explicit Listener(ListenOptions options, Hooks hooks = {}, CallerResolver resolver = {});
  ~Listener();  ///< stop() without grace
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// What start() would say of the options, the files they name and the address, on which another
  /// may listen. Serves nothing.
  Result<CertificateLife> check();
  /// Binds and begins to serve. Errors (class config) name the setting and the remedy.
  Status start();
  /// The port bound, also for port 0; 0 on a local socket or before start().
  std::uint16_t port() const { return port_; }
  /// Accepts no more, ends streams in order, lets running requests finish for `grace`, then cuts
  /// what is left and waits for the handlers to return. Harmless when repeated or never started.
  void stop(std::chrono::milliseconds grace);

  /// Mounts a route, before or after start(). Fails when path and method are taken or malformed.
  Result<RouteHandle> route(Route route);

  /// Reads certificate and key anew; connections from then on use them. On failure the old stay.
  Status reloadTls();
  /// Of the certificate in use.
  CertificateLife certificate() const;
  ListenerStats stats() const;

 private:
  class Loop;
  /// Null without TLS.
  Result<std::shared_ptr<TlsContext>> prepare();

  const std::shared_ptr<Core> core_;
  std::unique_ptr<Loop> loop_;
  std::uint16_t port_ = 0;
};

/// Mounts the route on every one of them, or on none.
Result<RouteHandle> mountOnAll(const std::vector<Listener*>& listeners, const Route& route);

}  // namespace scanhost::http
