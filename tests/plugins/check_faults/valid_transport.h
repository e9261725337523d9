// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A whole transport: one route, on which each request invokes the operation "echo" as its caller
/// and is answered. Each .cpp file beside this one defines what it gets wrong, one thing, and
/// includes it.
#include <scanhost/host_operations.h>
#include <scanhost/http.h>
#include <scanhost/plugin.h>
#include <scanhost/transport.h>

#include <atomic>
#include <optional>

#ifndef CALLER
#define CALLER request.caller()
#endif
#ifndef ANSWER
#define ANSWER response.send(200, {{"Content-Type", "text/plain"}}, "done")
#endif
#ifndef ANSWER_WHILE_DRAINING
#define ANSWER_WHILE_DRAINING ANSWER
#endif
#ifndef STOP
#define STOP route_.reset()
#endif

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": ")json" PLUGIN_NAME R"json(", "version": "1.0.0", "vendor": "Example Ltd",
  "licence": "MIT", "abi": {"major": 1},
  "provides": [{"interface": "scanhost.transport/1"}],
  "requires": [{"service": "scanhost.host.http/1"},
               {"service": "scanhost.host.operations/1"}],
  "max_parallel": 8})json";

class FaultyTransport : public Transport {
 public:
  explicit FaultyTransport(const Settings& settings) : host_(settings.host()), operations_(host_) {}

  void start(Call& call) override {
    route_.emplace(
        host_, call, std::vector<std::string>{"POST"}, "/faulty", SCANHOST_ROUTE_CHECK_ORIGIN,
        [this](HttpRequest& request, HttpResponse& response) { serve(request, response); });
  }
  void drain(Call&) override { draining_ = true; }
  void stop(Call&) override { STOP; }

 private:
  void serve(HttpRequest& request, HttpResponse& response) const {
    if (!request.readBody()) return;  // the host has answered
    const Call call = request.call();
    operations_.invoke("echo", "{}", CALLER, call.trace(), call.abi()->deadline_ns, {});
    if (draining_) {
      ANSWER_WHILE_DRAINING;
    } else {
      ANSWER;
    }
    (void)response;
  }

  const Host host_;
  const OperationsClient operations_;
  std::optional<HttpRoute> route_;
  std::atomic<bool> draining_{false};
};

}  // namespace

SCANHOST_PLUGIN(manifest, FaultyTransport)
