// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/node.h"

#include <scanhost/abi/draft/transport.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "host/app/control_socket.h"
#include "host/app/event_pump.h"
#include "host/app/first_looks.h"
#include "host/app/gauges.h"
#include "host/app/health_routes.h"
#include "host/app/historic_names.h"
#include "host/app/host_services.h"
#include "host/app/plugin_checks.h"
#include "host/app/version.h"
#include "host/base/keyring.h"
#include "host/base/random.h"
#include "host/base/ticker.h"
#include "host/http/listener.h"
#include "host/operations/service.h"
#include "host/plugins/instance.h"
#include "host/tasks/accepting.h"
#include "host/tasks/change_watch.h"
#include "host/tasks/dispatcher.h"
#include "host/tasks/durability_watch.h"
#include "host/tasks/housekeeping.h"
#include "host/tasks/reconciler.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto plugin_start_timeout = 30s;
/// Within it a scanner that is there has answered, and the node knows what it may launch.
constexpr auto first_look_grace = 1s;
constexpr auto http_stop_grace = 5s;
constexpr auto loop_silence = 10s;
constexpr auto reconcile_interval = 1s;

Level levelOf(LogThreshold threshold) {
  switch (threshold) {
    case LogThreshold::debug: return Level::debug;
    case LogThreshold::info: return Level::info;
    case LogThreshold::warning: return Level::warning;
    case LogThreshold::error: return Level::error;
  }
  return Level::info;
}

http::ListenOptions listenOptions(const Config& config) {
  http::ListenOptions options;
  options.listen = config.http.listen.text();
  options.limits.body_bytes = config.http.max_body;
  options.public_url = config.http.public_url;
  options.trusted_proxies = config.http.trusted_proxies;
  if (config.http.tls.enabled())
    options.tls = http::TlsOptions{config.http.tls.certificate, config.http.tls.key,
                                   config.http.tls.client_ca};
  return options;
}

std::string kindless(const std::string& plugin) {
  return plugin.substr(plugin.find('-') + 1);
}

}  // namespace

class Node::Parts {
 public:
  explicit Parts(Config config)
      : config_(std::move(config)),
        events_({.level = levelOf(config_.log.level),
                 .on_dropped =
                     [this](const std::string& exporter, std::uint64_t count) {
                       metrics_.recordEventsDropped(exporter, count);
                     }}),
        operations_(events_, metrics_),
        listener_(listenOptions(config_), hooks()),
        control_(controlOptions(config_), hooks(), operatorsOfThisMachine()),
        services_(metrics_, {&listener_, &control_}, operations_),
        loader_(
            {.folder = config_.plugins.dir.empty() ? defaultPluginFolder() : config_.plugins.dir,
             .trust = {.pins = config_.plugins.pins},
             .services = &services_.registry,
             .events = eventSink("plugins")}),
        task_events_(events_, addHistoricEventFields) {}

  ~Parts() { takeDown(); }

  std::vector<Problem> check() {
    checked_ = checkPlugins(config_, loader_, problems_);
    std::error_code error;
    std::string scratch =
        (std::filesystem::temp_directory_path(error) / "scanhost-check-XXXXXX").string();
    if (error || !mkdtemp(scratch.data())) {
      problem("TMPDIR", "no folder for the check can be made: " +
                            (error ? error.message() : std::strerror(errno)));
      return std::move(problems_);
    }
    for (const PluginUse& use : pluginsOf(config_))
      if (checked_.contains(use.entry->key))
        createInstance(*use.entry, use.interface, use.entry->key, scratch);
    std::filesystem::remove_all(scratch, error);
    return std::move(problems_);
  }

  std::vector<Problem> start() {
    checked_ = checkPlugins(config_, loader_, problems_);
    if (!problems_.empty()) return std::move(problems_);
    for (bool (Parts::*step)() :
         {&Parts::prepareData, &Parts::startStores, &Parts::startScanners, &Parts::makeService,
          &Parts::startExporters, &Parts::startTransports, &Parts::serve})
      if (!(this->*step)()) {
        takeDown();
        break;
      }
    return std::move(problems_);
  }

  std::string address() const {
    const std::string listen = config_.http.listen.text();
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(listener_.port());
  }

  void stop(std::string_view signal) {
    const auto began = std::chrono::steady_clock::now();
    events_.emit(Level::info, "node", "shutdown_started", "",
                 Json::object({{"signal", signal}, {"handed_back", 0}, {"duration_ms", 0}}));
    health_.setPhase(Health::Phase::draining);
    housekeeping_.reset();
    drainTransports();
    const std::size_t handed_back = dispatcher_ ? dispatcher_->drain(config_.node.drain) : 0;
    const auto took = [&] {
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
          .count();
    };
    events_.emit(
        Level::info, "node", "drain_completed", "",
        Json::object({{"signal", signal}, {"handed_back", handed_back}, {"duration_ms", took()}}));
    services_.http.cancelAll();
    control_.stop(http_stop_grace);
    listener_.stop(http_stop_grace);
    events_.emit(
        Level::info, "node", "shutdown_completed", "",
        Json::object({{"signal", signal}, {"handed_back", handed_back}, {"duration_ms", took()}}));
    takeDown();
  }

 private:
  http::Hooks hooks() {
    http::Hooks hooks;
    hooks.on_response = [this](const http::Exchange& exchange) {
      metrics_.recordHttpResponse(exchange.route, exchange.method, exchange.code,
                                  Metrics::Seconds(exchange.seconds));
      if (events_.enabled(Level::debug))
        events_.emit(Level::debug, "http", "http_request", "",
                     Json::object({{"method", exchange.method},
                                   {"route", exchange.route},
                                   {"code", exchange.code},
                                   {"duration_ms", exchange.seconds * 1000}}));
    };
    hooks.on_auth_failure = [this](const std::string& address, const std::string& reason) {
      events_.emit(Level::warning, "http", "client_authentication_failed", "",
                   Json::object({{"remote_address", address}, {"reason", reason}}));
    };
    hooks.on_handler_failure = [this](const std::string& route, const std::string& what) {
      events_.emit(Level::error, "http", "http_handler_failed", "",
                   Json::object({{"route", route}, {"error", what}}));
    };
    hooks.on_turn = [this] {
      beatLoops();
      services_.http.cancelAbandoned();
    };
    return hooks;
  }

  void beatLoops() {
    if (listener_beat_) listener_beat_->beat();
    if (dispatcher_beat_ && dispatcher_ &&
        std::chrono::steady_clock::now() - dispatcher_->lastTurn() < loop_silence)
      dispatcher_beat_->beat();
  }

  PluginEventSink eventSink(std::string component) {
    return [this, component](int level, std::string_view event, std::string_view fields,
                             const std::array<std::uint8_t, 16>& trace_id) {
      std::string trace;
      if (trace_id != std::array<std::uint8_t, 16>{}) {
        trace = toHex(trace_id);
        for (const std::size_t at : {8u, 13u, 18u, 23u}) trace.insert(at, 1, '-');
      }
      events_.emit(static_cast<Level>(std::clamp(level, 0, 3)), component, event, trace,
                   Json::tryParse(fields).value_or(Json::object()));
    };
  }

  bool problem(const PluginEntry& entry, const std::string& message) {
    const Place place = entry.config_node.locate("");
    problems_.push_back({place.file, place.line, entry.key, message});
    return false;
  }
  bool problem(std::string key, const std::string& message) {
    problems_.push_back({"", 0, std::move(key), message});
    return false;
  }

  bool prepareData() {
    std::error_code error;
    std::filesystem::create_directories(config_.node.data_dir, error);
    if (error)
      return problem("node.data_dir", config_.node.data_dir.string() + " cannot be made (" +
                                          error.message() +
                                          "); name a folder that this user may make and write");
    if (const Status writable = Health::checkFilesystem(config_.node.data_dir.string()); !writable)
      return problem("node.data_dir", writable.error().message);
    const auto key_file =
        config_.node.key_file.empty() ? config_.node.data_dir / "keys.json" : config_.node.key_file;
    auto keys = Keyring::loadOrCreate(key_file);
    if (!keys) return problem("node.key_file", keys.error().message);
    keys_.emplace(std::move(*keys));
    auto scope = Scope::make(config_.policy.allow, config_.policy.deny);
    if (!scope) return problem("policy.targets", scope.error().message);
    scope_.emplace(std::move(*scope));
    credentials_.emplace(config_.node.data_dir / "credentials", *keys_);
    disk_.emplace(config_.node.data_dir, config_.limits.disk_free);
    return true;
  }

  /// An instance of a plugin that took its settings, or null and a problem; its folder is made in
  /// `data_dir`. An empty `interface` is that of its scanner.
  std::unique_ptr<PluginInstance> createInstance(const PluginEntry& entry,
                                                 std::string_view interface,
                                                 const std::string& name,
                                                 const std::filesystem::path& data_dir) {
    const auto loaded = loader_.load(entry.plugin);
    if (!loaded) {
      problem(entry, loaded.error().message);
      return nullptr;
    }
    if (interface.empty()) interface = ScannerClient::interfaceId(kindOf(**loaded));
    auto instance = PluginInstance::create(**loaded, interface,
                                           {.name = name,
                                            .settings = checked_[entry.key],
                                            .data_dir = data_dir / entry.plugin / name,
                                            .services = &services_.registry,
                                            .events = eventSink(entry.plugin)});
    if (!instance) {
      problem(entry, instance.error().message);
      return nullptr;
    }
    return std::move(*instance);
  }

  /// The same, started.
  std::unique_ptr<PluginInstance> makeInstance(const PluginEntry& entry, std::string_view interface,
                                               const std::string& name) {
    auto instance = createInstance(entry, interface, name, config_.node.data_dir);
    if (!instance) return nullptr;
    if (const Status started = instance->start({.timeout = plugin_start_timeout}); !started) {
      problem(entry, started.error().message);
      return nullptr;
    }
    metrics_.declarePlugin(entry.plugin);
    metrics_.updatePluginUp(entry.plugin, true);
    events_.emit(Level::info, "plugins", "plugin_loaded", "",
                 Json::object({{"plugin", entry.plugin},
                               {"version", instance->plugin().manifest().version},
                               {"isolation", "none"}}));
    return instance;
  }

  bool startStores() {
    queue_instance_ = makeInstance(config_.queue, SCANHOST_QUEUE_ID, "queue");
    if (!queue_instance_) return false;
    results_instance_ = makeInstance(config_.results, SCANHOST_RESULTS_ID, "results");
    if (!results_instance_) return false;
    queue_.emplace(config_.queue.plugin, &queue_instance_->table<scanhost_interface>(),
                   queue_instance_->self(),
                   [this](std::string_view operation, bool ok, double seconds) {
                     metrics_.observeQueueOperation(operation, ok, Metrics::Seconds(seconds));
                     if (!ok && durability_) durability_->noteFailure();
                   });
    results_.emplace(config_.results.plugin, &results_instance_->table<scanhost_interface>(),
                     results_instance_->self(),
                     [this](std::string_view operation, bool ok, double seconds) {
                       metrics_.observeResultsOperation(operation, ok, Metrics::Seconds(seconds));
                     });
    return checkDurability();
  }

  bool checkDurability() {
    const bool shared = queue_instance_->plugin().manifest().store == StoreKind::shared;
    const bool strict = config_.queue.durability == DurabilityDemand::strict;
    if (!openJournal(strict && shared)) return false;
    durability_.emplace(*queue_, config_.queue.plugin, events_,
                        DurabilityWatch::Options{.demand = config_.queue.durability,
                                                 .journaled = strict && shared,
                                                 .on_changed = [this] {
                                                   if (reconciler_) reconciler_->lookAtAll();
                                                 }});
    accepting_.emplace(*queue_, *durability_, strict ? journal_.get() : nullptr, events_);
    const Status safe = durability_->look(plugin_start_timeout);
    return safe ? true : problem(config_.queue, safe.error().message);
  }

  /// The journal of what was accepted under `strict`; what is in it is looked after even when that
  /// is no longer asked for.
  bool openJournal(bool wanted) {
    const std::filesystem::path& folder = config_.node.data_dir;
    if (!wanted && !std::filesystem::exists(folder / "accepts.journal")) return true;
    auto journal = AcceptJournal::open(folder, {});
    if (!journal) return problem("node.data_dir", journal.error().message);
    journal_ = std::move(*journal);
    if (journal_->damaged() > 0)
      events_.emit(Level::error, "node", "accept_journal_damaged", "",
                   Json::object({{"lines", journal_->damaged()},
                                 {"set_aside", (folder / "accepts.aside").string()}}));
    reconciler_.emplace(*queue_, *journal_, task_events_, Reconciler::Pace{});
    return true;
  }

  bool startScanners() {
    declarePools();
    std::vector<std::unique_ptr<ScannerInstance>> instances;
    for (const ScannerConfig& scanner : config_.scanners) {
      auto instance = makeScanner(scanner);
      if (!instance) return false;
      instances.push_back(std::move(instance));
    }
    scanners_.emplace(std::move(instances), config_.default_pool);
    first_looks_.emplace(*scanners_);
    return true;
  }

  std::unique_ptr<ScannerInstance> makeScanner(const ScannerConfig& scanner) {
    ScannerSettings settings;
    settings.pool = scanner.pool;
    settings.name = scanner.name;
    settings.title = scanner.title;
    settings.type = kindless(scanner.plugin);
    settings.enabled = scanner.enabled;
    settings.limit = static_cast<std::uint32_t>(scanner.max_concurrent_scans);
    settings.circuit = {static_cast<int>(scanner.circuit.failures), scanner.circuit.open_for,
                        scanner.circuit.probe_deadline};
    if (!scanner.enabled)
      return std::make_unique<ScannerInstance>(std::move(settings), nullptr, ScannerDescription{},
                                               events_, metrics_);
    const auto loaded = loader_.load(scanner.plugin);
    if (!loaded) {
      problem(scanner, loaded.error().message);
      return nullptr;
    }
    const ScannerKind kind = kindOf(**loaded);
    auto instance = makeInstance(scanner, ScannerClient::interfaceId(kind), scanner.instanceKey());
    if (!instance) return nullptr;
    auto client = std::make_shared<ScannerClient>(
        scanner.plugin, &instance->table<scanhost_interface>(), instance->self(), kind,
        [this, pool = scanner.pool, name = scanner.name](std::string_view operation, bool ok,
                                                         double seconds) {
          metrics_.observeScannerRequest(pool, name, operation, ok, Metrics::Seconds(seconds));
        });
    auto description = client->describe();
    if (!description) {
      problem(scanner, description.error().message);
      return nullptr;
    }
    scanner_instances_.push_back(std::move(instance));
    return std::make_unique<ScannerInstance>(std::move(settings), client, *description, events_,
                                             metrics_);
  }

  /// The calls of a scanner's plugin that are timed; none when it cannot be loaded.
  std::vector<std::string> operationsOf(const ScannerConfig& scanner) {
    const auto loaded = loader_.load(scanner.plugin);
    if (!loaded) return {};
    return ScannerClient::operations(kindOf(**loaded));
  }

  static ScannerKind kindOf(const LoadedPlugin& plugin) {
    return plugin.findInterface(SCANHOST_SCANNER_REMOTE_ID) ? ScannerKind::remote
                                                            : ScannerKind::local;
  }

  void declarePools() {
    std::map<std::string, PoolSeries> pools;
    std::map<std::pair<std::string, bool>, std::int64_t> counted;
    for (const ScannerConfig& scanner : config_.scanners) {
      PoolSeries& pool = pools[scanner.pool];
      pool.name = scanner.pool;
      pool.scanner_type = kindless(scanner.plugin);
      pool.instances.push_back({scanner.name, scanner.enabled, operationsOf(scanner)});
      ++counted[{pool.scanner_type, scanner.enabled}];
      counted.try_emplace({pool.scanner_type, !scanner.enabled}, 0);
    }
    std::vector<PoolSeries> series;
    for (auto& [name, pool] : pools) series.push_back(std::move(pool));
    metrics_.declarePools(series);
    for (const auto& [key, count] : counted)
      metrics_.updateScannerInstancesMetric(key.first, key.second, count);
  }

  bool makeService() {
    work_.emplace(Work{config_, *queue_, *results_, *scanners_, *scope_, resolver_, *credentials_,
                       task_events_, metrics_, durations_, *disk_});
    reports_.emplace(config_, *queue_);
    service_.emplace(Service{*work_, *keys_, *reports_, addHistoricTaskFields, *accepting_});
    addServiceOperations(operations_, *service_);
    std::vector<std::string> tools;
    Caller everything;
    everything.roles = {Role::operator_};
    for (const Operation* operation : operations_.list(everything))
      tools.push_back(operation->name);
    metrics_.declareTools(tools);
    gauges_.emplace(*work_);
    return true;
  }

  bool startExporters() {
    for (const PluginEntry& entry : config_.exporters) {
      auto instance = makeInstance(entry, SCANHOST_EXPORTER_ID, kindless(entry.plugin));
      if (!instance) return false;
      ExporterClient& exporter = exporters_.emplace_back(std::move(instance));
      metrics_.declareExporter(exporter.instance().name());
      if (exporter.takesEvents()) pumps_.push_back(std::make_unique<EventPump>(events_, exporter));
      if (!mountMetrics(entry, exporter)) return false;
    }
    return true;
  }

  bool mountMetrics(const PluginEntry& entry, ExporterClient& exporter) {
    const auto endpoint = exporter.endpoint();
    if (!endpoint) return problem(entry, endpoint.error().message);
    if (!*endpoint) return true;
    return mount(entry, {{"GET"},
                         **endpoint,
                         "metrics",
                         [this, &exporter](http::Request& request, http::Response& response) {
                           serveMetrics(exporter, request, response);
                         }});
  }

  void serveMetrics(ExporterClient& exporter, http::Request& request, http::Response& response) {
    const auto began = std::chrono::steady_clock::now();
    gauges_->refresh();
    const auto families = metrics_.snapshot();
    auto document =
        exporter.render(families, request.header("Accept").value_or(""), {.timeout = 10s});
    if (!document)
      return response.sendError(500, "Internal error", "internal", "metrics cannot be rendered");
    response.send(200, {{"Content-Type", document->content_type}}, std::move(document->body));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    events_.emit(scraped_.exchange(true) ? Level::debug : Level::info, "telemetry",
                 "metrics_scraped", "",
                 gauges_->summary(took.count(), families.size(),
                                  dispatcher_ ? dispatcher_->activeTasks() : 0));
  }

  bool mount(const PluginEntry& entry, http::Route route) {
    metrics_.declareRoute(route.name, route.methods);
    auto handle = http::mountOnAll({&listener_, &control_}, route);
    if (!handle) return problem(entry, handle.error().message);
    routes_.push_back(std::move(*handle));
    return true;
  }

  bool startTransports() {
    for (const PluginEntry& entry : config_.transports) {
      auto instance = makeInstance(entry, SCANHOST_TRANSPORT_ID, kindless(entry.plugin));
      if (!instance) return false;
      transports_.push_back(std::move(instance));
    }
    return true;
  }

  void drainTransports() {
    for (const auto& transport : transports_) {
      HostCall call({.timeout = http_stop_grace, .events = transport->events()});
      transport->table<scanhost_transport>().drain(transport->self(), call.abi());
    }
  }

  bool serve() {
    watchHealth();
    for (http::Route& route : healthRoutes(health_, events_)) {
      metrics_.declareRoute(route.name, route.methods);
      auto handle = http::mountOnAll({&listener_, &control_}, route);
      if (!handle) return problem("http", handle.error().message);
      routes_.push_back(std::move(*handle));
    }
    if (const Status started = listener_.start(); !started)
      return problem("http.listen", started.error().message);
    if (const Status started = control_.start(); !started)
      return problem("node.control_socket", started.error().message);
    metrics_.setBuild(version_text, revision_text, abi_text);
    first_looks_->wait(first_look_grace);
    if (config_.node.hasRole(NodeRole::worker)) {
      dispatcher_.emplace(*work_, config_.node.name + "-" + toHex(randomBytes<4>()));
      dispatcher_->start();
      dispatcher_beat_ = health_.watchLoop("dispatcher", loop_silence);
      changes_.emplace(*queue_,
                       [this](const QueueChanges& changes) { dispatcher_->changed(changes); });
    }
    if (config_.housekeeping.enabled) housekeeping_.emplace(*work_, *reports_);
    listener_beat_ = health_.watchLoop("listener", loop_silence);
    durability_->start();
    if (reconciler_)
      reconciling_.emplace(reconcile_interval,
                           [this] { reconciler_->turn(Reconciler::Clock::now()); });
    health_.setPhase(Health::Phase::running);
    announceStart();
    return true;
  }

  void watchHealth() {
    health_.watchFilesystem(config_.node.data_dir.string());
    const auto state = [](bool ok, std::string reason) {
      return ComponentHealth{"", ok ? HealthState::ok : HealthState::failed, std::move(reason)};
    };
    health_.addChecker("queue", Essential::yes, [this, state] {
      const auto counted = queue_->counts({.timeout = 1500ms});
      return state(counted.has_value(), counted ? "" : counted.error().message);
    });
    health_.addChecker("results", Essential::yes, [this, state] {
      const Status checked = results_->check({.timeout = 1500ms});
      return state(checked.has_value(), checked ? "" : checked.error().message);
    });
    health_.addChecker("disk_free", Essential::yes, [this, state] {
      const Status room = disk_->check();
      return state(room.has_value(), room ? "" : room.error().message);
    });
    health_.addChecker("scanners", Essential::no, [this] {
      for (const auto& instance : scanners_->all()) {
        const auto condition = instance->condition();
        if (condition.state == ScannerState::unreachable ||
            condition.state == ScannerState::suspended)
          return ComponentHealth{"", HealthState::degraded,
                                 instance->settings().key() + ": " + condition.reason};
      }
      return ComponentHealth{"", HealthState::ok, ""};
    });
    health_.addChecker("durability", durability_->strict() ? Essential::yes : Essential::no,
                       [this] { return durability_->health(); });
    if (journal_)
      health_.addChecker("accept_journal", Essential::yes, [this, state] {
        return state(journal_->failure().empty(), journal_->failure());
      });
    addHistoricHealthFields(health_, config_.queue.plugin);
  }

  void announceStart() {
    Json roles = Json::array();
    if (config_.node.hasRole(NodeRole::api)) roles.push("api");
    if (config_.node.hasRole(NodeRole::worker)) roles.push("worker");
    Json fields = Json::object({{"version", version_text},
                                {"node", config_.node.name},
                                {"roles", std::move(roles)},
                                {"data_dir", config_.node.data_dir.string()},
                                {"scanner_config", config_.scanners_file.string()},
                                {"queue", config_.queue.plugin},
                                {"results", config_.results.plugin}});
    addHistoricStartFields(config_.queue, fields);
    events_.emit(Level::info, "node", "system_initialized", "", std::move(fields));
  }

  /// In reverse order of the start; also of a part of it.
  void takeDown() {
    health_.setPhase(Health::Phase::draining);
    housekeeping_.reset();
    changes_.reset();
    reconciling_.reset();
    if (durability_) durability_->stop();
    dispatcher_.reset();
    first_looks_.reset();
    for (const char* checked :
         {"queue", "results", "disk_free", "scanners", "durability", "accept_journal"})
      health_.remove(checked);
    transports_.clear();
    control_.stop(0ms);
    listener_.stop(0ms);
    routes_.clear();
    dispatcher_beat_.reset();
    listener_beat_.reset();
    gauges_.reset();
    scanners_.reset();
    scanner_instances_.clear();
    results_.reset();
    reconciler_.reset();
    accepting_.reset();
    durability_.reset();
    queue_.reset();
    journal_.reset();
    results_instance_.reset();
    queue_instance_.reset();
    pumps_.clear();
    exporters_.clear();
  }

  const Config config_;
  Metrics metrics_;
  EventLog events_;
  Health health_;
  Operations operations_;
  http::Listener listener_;
  http::Listener control_;
  HostServices services_;
  PluginLoader loader_;
  TaskEvents task_events_;
  ScanDurations durations_;
  SystemResolver resolver_;
  CheckedPlugins checked_;
  std::vector<Problem> problems_;

  std::optional<Keyring> keys_;
  std::optional<Scope> scope_;
  std::optional<Credentials> credentials_;
  std::optional<DiskSpace> disk_;
  std::unique_ptr<PluginInstance> queue_instance_, results_instance_;
  std::optional<QueueClient> queue_;
  std::optional<ResultsClient> results_;
  std::unique_ptr<AcceptJournal> journal_;
  std::optional<Reconciler> reconciler_;
  std::optional<DurabilityWatch> durability_;
  std::optional<Accepting> accepting_;
  std::vector<std::unique_ptr<PluginInstance>> scanner_instances_;
  std::optional<Scanners> scanners_;
  std::optional<FirstLooks> first_looks_;
  std::optional<Work> work_;
  std::optional<InstanceReports> reports_;
  std::optional<Service> service_;
  std::optional<Gauges> gauges_;
  std::deque<ExporterClient> exporters_;
  std::vector<std::unique_ptr<EventPump>> pumps_;
  std::vector<std::unique_ptr<PluginInstance>> transports_;
  std::vector<http::RouteHandle> routes_;
  std::optional<Dispatcher> dispatcher_;
  std::optional<ChangeWatch> changes_;
  std::optional<Housekeeping> housekeeping_;
  std::optional<Ticker> reconciling_;
  std::unique_ptr<LoopBeat> dispatcher_beat_, listener_beat_;
  std::atomic<bool> scraped_{false};
};

Node::Node(Config config) : parts_(std::make_unique<Parts>(std::move(config))) {}
Node::~Node() = default;
std::vector<Problem> Node::check() {
  return parts_->check();
}
std::vector<Problem> Node::start() {
  return parts_->start();
}
std::string Node::address() const {
  return parts_->address();
}
void Node::stop(std::string_view signal) {
  parts_->stop(signal);
}

}  // namespace scanhost
