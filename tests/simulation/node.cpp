// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/node.h"

#include <utility>

namespace scanhost::simulation {
namespace {

using namespace std::chrono_literals;

/// A Monday, far from any change of clocks.
constexpr std::int64_t began_us = 1'767'600'000'000'000;

/// A table names the class that a host would create; ports are made by their node alone.
template <class Port>
class NeverCreated : public Port {
 public:
  explicit NeverCreated(const Settings&)
      : Port(refuse<typename Port::Server>(), refuse<const Way>(), refuse<Wire>()) {}

 private:
  template <class Part>
  [[noreturn]] static Part& refuse() {
    throw PluginError(ErrorClass::unsupported, "a port is made by its node");
  }
};

template <class Port>
const scanhost_interface* tableOf() {
  return Port::template interfaceTable<NeverCreated<Port>>();
}

class NoNames : public Resolver {
 public:
  Result<std::vector<Address>> resolve(const std::string& name,
                                       std::chrono::milliseconds) override {
    return fail(ErrorClass::target, name + " has no address");
  }
};

Config makeConfig() {
  Config config;
  config.tasks.timeout = 90s;
  config.tasks.timeout_warning = 0.9;
  config.tasks.lease = 6s;
  config.tasks.poll_interval = 3s;
  config.tasks.retry = {3, 500ms, 4s};
  config.tasks.scanner_outage = 30s;
  config.tasks.max_takeovers = 4;
  config.tasks.max_paused = 1h;
  config.limits.target_entries = 10;
  config.limits.target_addresses = 10;
  config.limits.text_field = 1u << 10;
  return config;
}

}  // namespace

Surroundings::Surroundings(bool tracing)
    : config(std::make_shared<Config>(makeConfig())),
      log({.level = tracing ? Level::info : Level::error,
           .max_events = tracing ? 1024u : 1u,
           .on_dropped = {},
           .fallback_fd = -1}),
      scope(std::make_shared<Scope>(*Scope::make({"10.0.0.0/8"}, {}))),
      keys_(*Keyring::loadOrCreate(folder_.path() / "keys.json")),
      credentials_(folder_.path() / "credentials", keys_),
      resolver_(std::make_unique<NoNames>()),
      subscription_(tracing ? log.subscribe("trace") : nullptr) {}

void Surroundings::printEvents(const World& world) {
  if (!subscription_) return;
  for (const EventPtr& event : subscription_->waitBatch(1024, 0ms))
    world.trace("host",
                event->event + " " + event->line().substr(event->line().find("\"trace_id\"")));
}

Timestamp NodeTime::wall() const {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(world_.now() + ahead_);
  return {began_us + since.count()};
}

Node::Node(World& world, Servers& servers, Surroundings& around, const NodeTime& time,
           std::string worker)
    : worker_(std::move(worker)),
      process_(std::make_shared<Process>(world)),
      loop_(std::make_unique<SimulatedLoop>(process_, world.between(400ms, 1000ms))),
      wire_(*loop_),
      queue_port_(servers.queue, servers.queue_way, wire_),
      results_port_(servers.results, servers.results_way, wire_),
      queue_("queue", tableOf<QueuePort>(), static_cast<Queue*>(&queue_port_)),
      results_("results", tableOf<ResultsPort>(), static_cast<Results*>(&results_port_)) {
  std::vector<ScannerPtr> instances;
  for (std::size_t i = 0; i < servers.scanners.size(); ++i) {
    ScannerServer& server = *servers.scanners[i];
    auto& port = scanner_ports_.emplace_back(
        std::make_unique<ScannerPort>(server, servers.scanner_ways[i], wire_));
    ScannerSettings settings;
    settings.pool = "lan";
    settings.name = server.name();
    settings.type = "simulated";
    settings.limit = server.limit();
    settings.circuit = {3, 5s, 5s};
    auto client = std::make_shared<ScannerClient>("scanner-simulated", tableOf<ScannerPort>(),
                                                  static_cast<RemoteScanner*>(port.get()),
                                                  ScannerKind::remote);
    instances.push_back(std::make_shared<ScannerInstance>(settings, client, port->describe(),
                                                          around.log, around.metrics, time));
  }
  scanners_ = std::make_unique<Live<Scanners>>(
      std::make_shared<const Scanners>(std::move(instances), "lan"));
  work_ = std::make_unique<Work>(Work{.config = around.config,
                                      .queue = queue_,
                                      .results = results_,
                                      .scanners = *scanners_,
                                      .scope = around.scope,
                                      .resolver = around.resolver(),
                                      .credentials = around.credentials(),
                                      .events = around.events,
                                      .metrics = around.metrics,
                                      .durations = around.durations,
                                      .disk = around.disk,
                                      .time = time,
                                      .random_share = [&world] { return world.share(); }});
  dispatcher_ = std::make_unique<Dispatcher>(*work_, worker_, std::move(loop_));
  world.trace(worker_, "starts");
  dispatcher_->start();
}

Node::~Node() {
  process_->world().trace(worker_, "is gone");
}

}  // namespace scanhost::simulation
