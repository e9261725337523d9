// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/node.h"

#include <scanhost/abi/transport.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "host/app/audit.h"
#include "host/app/certificate_doubt.h"
#include "host/app/component_health.h"
#include "host/app/control_socket.h"
#include "host/app/data_checks.h"
#include "host/app/export_route.h"
#include "host/app/exporters.h"
#include "host/app/first_looks.h"
#include "host/app/health_routes.h"
#include "host/app/historic_names.h"
#include "host/app/host_services.h"
#include "host/app/mounted_routes.h"
#include "host/app/plugin_instances.h"
#include "host/app/reload.h"
#include "host/app/request_trace.h"
#include "host/app/scanner_fleet.h"
#include "host/app/stores.h"
#include "host/app/version.h"
#include "host/auth/caller_check.h"
#include "host/auth/resource_metadata.h"
#include "host/base/escape.h"
#include "host/base/keyring.h"
#include "host/base/nearest.h"
#include "host/base/random.h"
#include "host/base/ticker.h"
#include "host/http/listener.h"
#include "host/operations/scan_changes.h"
#include "host/operations/scan_library.h"
#include "host/operations/scan_tasks.h"
#include "host/operations/service.h"
#include "host/services/plugin_provider.h"
#include "host/tasks/change_watch.h"
#include "host/tasks/dispatcher.h"
#include "host/tasks/housekeeping.h"
#include "host/telemetry/clock_watch.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// Within it a scanner that is there has answered, and the node knows what it may launch.
constexpr auto first_look_grace = 1s;
constexpr auto http_stop_grace = 5s;
constexpr auto loop_silence = 10s;
/// Counts as one of now; the dispatcher comes round more often.
constexpr auto recent_turn = 1s;
constexpr auto tick_interval = 5s;
/// What a call of a tool that there is not counts as: its name is the client's.
constexpr const char* unknown_tool = "other";

http::ListenOptions listenOptions(const Config& config, const ResourceMetadata& resources) {
  http::ListenOptions options;
  options.challenge = resources.challenge();
  options.listen = config.http.listen.text();
  options.limits.body_bytes = config.http.max_body;
  options.limits.connections = static_cast<std::size_t>(config.http.max_connections);
  options.limits.connections_per_address =
      static_cast<std::size_t>(config.http.max_connections_per_address);
  options.limits.streams = static_cast<std::size_t>(config.http.max_streams);
  options.public_url = config.http.public_url;
  options.allowed_hosts = config.http.allowed_hosts;
  options.allowed_origins = config.http.allowed_origins;
  options.trusted_proxies = config.http.trusted_proxies;
  if (config.http.tls.enabled())
    options.tls = http::TlsOptions{config.http.tls.certificate, config.http.tls.key,
                                   config.http.tls.client_ca};
  return options;
}

}  // namespace

class Node::Parts {
 public:
  Parts(Config config, std::filesystem::path file)
      : config_(std::move(config)),
        file_(std::move(file)),
        events_({.level = levelOf(config_.log.level),
                 .on_dropped =
                     [this](const std::string& exporter, std::uint64_t count) {
                       metrics_.recordEventsDropped(exporter, count);
                     }}),
        spans_({.on_dropped =
                    [this](const RingLoss& loss) {
                      metrics_.recordSpansDropped(loss.reader, loss.count);
                      if (loss.untold > 0)
                        events_.emit(
                            Level::warning, "telemetry", "spans_dropped", {},
                            Json::object({{"exporter", loss.reader}, {"count", loss.untold}}));
                    }}),
        operations_(events_, metrics_),
        listener_(listenOptions(config_, resources_), hooks(), findCaller()),
        control_(controlOptions(config_), hooks(), operatorsOfThisMachine()),
        services_(metrics_, {&listener_, &control_}, catalogue_,
                  [this](const std::string& path) { return resources_.describe(path); }),
        plugins_(config_, services_.registry, metrics_, events_, problems_),
        task_events_(events_, addHistoricEventFields),
        routes_({&listener_, &control_}, metrics_),
        reaper_(events_) {
    spans_.setSampling(samplingOf(config_.traces.sample));
    operations_.traceWith(spans_);
    catalogue_.traceWith(spans_);
    catalogue_.tellUnknown(
        [this](std::string_view tool, const std::string& caller, const TraceContext& trace) {
          metrics_.recordToolCall(unknown_tool, false);
          events_.emit(Level::info, "operations", "tool_unknown", trace.uuid(),
                       Json::object({{"tool", forTerminal(tool)}, {"caller", caller}}));
        });
  }

  ~Parts() { takeDown(); }

  std::vector<Problem> check() {
    plugins_.check();
    checkListeners();
    checkData(config_, problems_);
    if (const auto callers = makeCallerCheck(config_); !callers)
      problems_.add("", callers.error().message);
    plugins_.tryAll();
    checkDisk();
    return problems_.take();
  }

  std::vector<Problem> start() {
    plugins_.check();
    if (!problems_.all().empty()) return problems_.take();
    for (bool (Parts::*step)() :
         {&Parts::prepareCallers, &Parts::prepareData, &Parts::startStores, &Parts::startScanners,
          &Parts::makeService, &Parts::startExporters, &Parts::startOperations,
          &Parts::startTransports, &Parts::serve})
      if (!(this->*step)()) {
        takeDown();
        break;
      }
    return problems_.take();
  }

  std::string address() const {
    const std::string listen = config_.http.listen.text();
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(listener_.port());
  }

  /// Where clients reach the listener; empty where that is not known, as they alone know then.
  std::string serviceUrl() const {
    const std::string& known = config_.http.public_url;
    if (!known.empty()) return known.substr(0, known.find_last_not_of('/') + 1);
    const std::string listen = config_.http.listen.text();
    if (listen.starts_with("0.0.0.0:") || listen.starts_with("[::]:")) return "";
    return (config_.http.tls.enabled() ? "https://" : "http://") + address();
  }

  std::vector<std::string> stalledLoops() const { return health_.stalledLoops(); }

  std::string statusLine() {
    const HealthReport report = health_.checkAllDependencies();
    std::vector<std::string> troubled;
    for (const ComponentHealth& component : report.components)
      if (component.state != HealthState::ok) troubled.push_back(component.name);
    const std::size_t active = dispatcher_ ? dispatcher_->activeTasks() : 0;
    std::string line = "Ready on " + address() + ", " + std::to_string(active) +
                       (active == 1 ? " scan active" : " scans active");
    if (!troubled.empty())
      line += std::string("; ") + healthStateName(report.overall) + ": " + joinNames(troubled);
    return line;
  }

  /// By a signal; the operation's is written down with the others.
  ReloadResult reload(const TraceContext& trace) {
    const ReloadResult result = reload_->run(trace);
    AuditEntry entry{.kind = AuditKind::reload, .caller = "SIGHUP", .trace_id = trace.uuid()};
    entry.facts = result ? reloadJson(*result) : Json::object();
    entry.facts["outcome"] = result ? "done" : result.error().code;
    ledger_->append(std::move(entry));
    return result;
  }

  void stop(std::string_view signal) {
    reload_->close();
    const auto began = std::chrono::steady_clock::now();
    events_.emit(Level::info, "node", "shutdown_started", "",
                 Json::object({{"signal", signal}, {"handed_back", 0}, {"duration_ms", 0}}));
    AuditEntry stopping{.kind = AuditKind::stop, .trace_id = randomUuid()};
    stopping.facts["signal"] = signal;
    ledger_->note(std::move(stopping));
    health_.setPhase(Health::Phase::draining);
    waits_->stop();
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
  http::CallerResolver findCaller() {
    return [this](const http::Request& request) { return callers_->get()->find(request); };
  }

  http::Hooks hooks() {
    http::Hooks hooks;
    hooks.on_response = [this](const http::Exchange& exchange) {
      metrics_.recordHttpResponse(exchange.route, exchange.method, exchange.code,
                                  Metrics::Seconds(exchange.seconds));
      if (events_.enabled(Level::debug))
        events_.emit(Level::debug, "http", "http_request",
                     TraceContext::fromHeaders(exchange.traceparent, exchange.x_trace_id).uuid(),
                     Json::object({{"method", exchange.method},
                                   {"route", exchange.route},
                                   {"code", exchange.code},
                                   {"duration_ms", exchange.seconds * 1000}}));
    };
    hooks.on_auth_failure = [this](const http::Request& request, const std::string& reason) {
      events_.emit(Level::warning, "http", "client_authentication_failed", traceUuidOf(request),
                   Json::object({{"remote_address", request.remoteAddress()}, {"reason", reason}}));
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
        std::chrono::steady_clock::now() - dispatcher_->lastTurn() < recent_turn)
      dispatcher_beat_->beat();
  }

  Result<std::shared_ptr<const CallerCheck>> makeCallerCheck(const Config& config) {
    const auto tell = [this](const char* event) {
      return [this, event](const std::string& trouble) {
        events_.emit(Level::error, "auth", event, "", Json::object({{"error", trouble}}));
      };
    };
    return CallerCheck::make(config, client_rates_,
                             {tell("tokens_unusable"), tell("issuer_keys_unavailable")},
                             callers_ ? callers_->get().get() : nullptr);
  }

  void checkListeners() {
    if (const auto local = control_.check(); !local)
      problems_.add("node.control_socket", local.error().message);
    const auto certificate = listener_.check();
    if (!certificate)
      problems_.add("http.listen", certificate.error().message);
    else if (const auto doubt = doubtOf(*certificate, Timestamp::now()))
      problems_.all().push_back({"", 0, "http.tls.certificate",
                                 config_.http.tls.certificate.string() + " " + doubt->text,
                                 ProblemSeverity::warning});
  }

  bool prepareCallers() {
    auto callers = makeCallerCheck(config_);
    if (!callers) return problems_.add("", callers.error().message);
    client_rates_.requests.setRate(requestRate(config_));
    callers_.emplace(std::move(*callers));
    return true;
  }

  /// A folder that is not there yet tells of no disk.
  void checkDisk() {
    const DiskSpace disk(config_.node.data_dir, config_.limits.disk_free);
    if (const Status starts = disk.checkStart(); !starts)
      problems_.add("node.data_dir", starts.error().message);
    else if (const Status room = disk.check(); !room)
      problems_.all().push_back({"", 0, "node.data_dir",
                                 room.error().message + "; until then no task is accepted",
                                 ProblemSeverity::warning});
  }

  bool prepareData() {
    std::error_code error;
    std::filesystem::create_directories(config_.node.data_dir, error);
    if (error)
      return problems_.add("node.data_dir",
                           config_.node.data_dir.string() + " cannot be made (" + error.message() +
                               "); name a folder that this user may make and write");
    if (const Status writable = Health::checkFilesystem(config_.node.data_dir.string()); !writable)
      return problems_.add("node.data_dir", writable.error().message);
    auto ledger = openLedger(config_.node.data_dir, config_.node.name, metrics_, events_);
    if (!ledger) return problems_.add("node.data_dir", ledger.error().message);
    ledger_ = std::move(*ledger);
    kill_switch_.emplace(config_.node.data_dir / "kill_switch",
                         tellKillSwitch(*ledger_, metrics_, events_));
    kill_switch_->look();
    auto keys = Keyring::loadOrCreate(keyFilePath(config_));
    if (!keys) return problems_.add("node.key_file", keys.error().message);
    keys_.emplace(std::move(*keys));
    auto scope = Scope::make(config_.policy.allow, config_.policy.deny);
    if (!scope) return problems_.add("policy.targets", scope.error().message);
    scope_.emplace(std::make_shared<const Scope>(std::move(*scope)));
    credentials_.emplace(config_.node.data_dir / "credentials", *keys_);
    disk_.emplace(config_.node.data_dir, config_.limits.disk_free);
    return true;
  }

  bool startStores() {
    stores_ = Stores::start(config_, plugins_, reaper_, metrics_, events_, task_events_, problems_);
    return stores_ != nullptr;
  }

  bool startScanners() {
    fleet_ = ScannerFleet::start(config_, plugins_, reaper_, metrics_, events_, problems_);
    if (!fleet_) return false;
    first_looks_.emplace(fleet_->scanners()->all());
    return true;
  }

  bool makeService() {
    work_.emplace(Work{live_config_, stores_->queue(), stores_->results(), fleet_->scanners(),
                       *scope_, resolver_, *credentials_, task_events_, metrics_, durations_,
                       *disk_});
    work_->spans = &spans_;
    work_->ledger = ledger_.get();
    work_->kill_switch = &*kill_switch_;
    work_->queue_doubted = [this] { return stores_->durability().doubted(); };
    reports_.emplace(config_.node, stores_->queue());
    waits_.emplace();
    export_files_.emplace(config_.node.data_dir / "exports", *keys_, work_->time);
    export_service_.emplace(ExportService{*export_files_, [this](std::string_view link) {
                                            return serviceUrl() + std::string(exports_path) +
                                                   std::string(link);
                                          }});
    service_.emplace(Service{*work_, *keys_, *reports_, addHistoricTaskFields, stores_->accepting(),
                             [this](const TraceContext& trace) { return reload_->run(trace); },
                             &*waits_, &*export_service_});
    operations_.auditBy([this](AuditEntry entry) { ledger_->append(std::move(entry)); });
    addServiceOperations(operations_, *service_);
    gauges_.emplace(*work_, health_);
    return true;
  }

  /// The service's own, and those of plugins.
  bool startOperations() {
    catalogue_.use(*keys_);
    operations_.answerTasks(scanTasks(operations_, *service_));
    for (Provider* own : {static_cast<Provider*>(&operations_), static_cast<Provider*>(&library_)})
      if (const Status added = catalogue_.add(*own); !added)
        return problems_.add("operations", added.error().message);
    for (const PluginEntry& entry : config_.operations) {
      auto instance = plugins_.start(entry, SCANHOST_OPERATIONS_ID, entry.plugin);
      if (!instance) return false;
      providers_.push_back(
          std::make_unique<PluginProvider>(std::move(instance), events_, metrics_));
      if (const Status added = catalogue_.add(*providers_.back()); !added)
        return problems_.add("operations", added.error().message);
    }
    Caller everything;
    everything.roles = {Role::operator_};
    std::vector<std::string> tools{unknown_tool};
    if (const auto offered = catalogue_.list(ListKind::operations, everything, {}))
      for (const OperationInfo& operation : offered->operations) tools.push_back(operation.name);
    metrics_.declareTools(tools);
    return true;
  }

  bool startExporters() {
    exporters_.emplace(plugins_, routes_, *gauges_, metrics_, events_, spans_,
                       [this] { return dispatcher_ ? dispatcher_->activeTasks() : 0; });
    auto first = exporters_->prepare(config_.exporters, problems_);
    if (!first) return false;
    exporters_->take(std::move(*first));
    makeReload();
    return true;
  }

  void makeReload() {
    reload_.emplace(Reload::Parts{[this] { return readConfiguration(file_); }, live_config_,
                                  *scope_, *disk_, plugins_, *stores_, *fleet_, *exporters_,
                                  *gauges_, metrics_, events_, spans_, problems_,
                                  [this] {
                                    if (changes_) changes_->waitAnew();
                                  },
                                  [this] { return renewCertificate(); },
                                  [this](const Config& after) { return makeCallerCheck(after); },
                                  [this](auto callers, const Config& after) {
                                    client_rates_.requests.setRate(requestRate(after));
                                    callers_->put(std::move(callers));
                                  }});
  }

  Status renewCertificate() {
    const Status renewed = listener_.reloadTls();
    if (renewed) tellCertificate();
    return renewed;
  }

  void tellCertificate() {
    const http::CertificateLife certificate = listener_.certificate();
    metrics_.updateCertificateExpiry(certificate.ends);
    if (const auto doubt = doubtOf(certificate, Timestamp::now()))
      events_.emit(doubt->level, "http", "certificate_doubtful", "",
                   Json::object({{"certificate", config_.http.tls.certificate.string()},
                                 {"not_before", formatTimestamp(certificate.begins)},
                                 {"not_after", formatTimestamp(certificate.ends)},
                                 {"reason", doubt->text}}));
  }

  bool startTransports() {
    for (const PluginEntry& entry : config_.transports) {
      auto instance = plugins_.start(entry, SCANHOST_TRANSPORT_ID, kindless(entry.plugin));
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
    watchComponents(health_, config_, *stores_, fleet_->scanners(), *disk_, *ledger_,
                    *kill_switch_);
    for (const http::Route& route : healthRoutes(health_, events_))
      if (const Status mounted = routes_.mount(route); !mounted)
        return problems_.add("http", mounted.error().message);
    if (const Status mounted = routes_.mount(exportRoute(*export_files_)); !mounted)
      return problems_.add("http", mounted.error().message);
    watchLoops();
    if (const Status started = listener_.start(); !started)
      return problems_.add("http.listen", started.error().message);
    if (const Status started = control_.start(); !started)
      return problems_.add("node.control_socket", started.error().message);
    metrics_.setBuild(version_text, revision_text, abi_text);
    tellCertificate();
    first_looks_->wait(first_look_grace);
    if (dispatcher_) dispatcher_->start();
    scan_changes_.emplace(catalogue_);
    changes_.emplace(stores_->queue(), [this](const QueueChanges& changes) {
      stores_->heard(changes);
      scan_changes_->heard(changes);
      waits_->heard(changes);
      if (dispatcher_) dispatcher_->changed(changes);
    });
    if (config_.housekeeping.enabled) housekeeping_.emplace(*work_, *reports_);
    stores_->watch();
    clock_watch_.emplace(work_->ages, events_);
    ticks_.emplace(tick_interval, [this] {
      clock_watch_->look();
      export_files_->tidy();
      kill_switch_->look();
    });
    health_.setPhase(Health::Phase::running);
    announceStart();
    reload_->open();
    return true;
  }

  /// Before the listener starts, whose thread tells how both loops are.
  void watchLoops() {
    if (config_.node.hasRole(NodeRole::worker)) {
      dispatcher_.emplace(*work_, config_.node.name + "-" + toHex(randomBytes<4>()));
      dispatcher_beat_ = health_.watchLoop("dispatcher", loop_silence);
    }
    listener_beat_ = health_.watchLoop("listener", loop_silence);
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
    if (reload_) reload_->close();
    ticks_.reset();
    housekeeping_.reset();
    changes_.reset();
    scan_changes_.reset();
    if (waits_) waits_->stop();
    if (stores_) stores_->stopWatching();
    control_.stop(0ms);
    listener_.stop(0ms);
    dispatcher_.reset();
    first_looks_.reset();
    forgetComponents(health_);
    transports_.clear();
    providers_.clear();
    routes_.clear();
    if (exporters_) exporters_->stopServing();
    dispatcher_beat_.reset();
    listener_beat_.reset();
    gauges_.reset();
    fleet_.reset();
    reload_.reset();
    stores_.reset();
    ledger_.reset();
    reaper_.drain();
    exporters_.reset();  // what the others said at last is written, too
  }

  const Config config_;  ///< as it was at the start, and ever in what no reload changes
  const std::filesystem::path file_;
  Live<Config> live_config_{std::make_shared<const Config>(config_)};
  Metrics metrics_;
  EventLog events_;
  SpanLog spans_;
  Health health_;
  Operations operations_;
  ScanLibrary library_{operations_};
  Catalogue catalogue_;
  ClientRates client_rates_;
  ResourceMetadata resources_{config_};
  std::optional<Live<CallerCheck>> callers_;  ///< before the listener serves anybody
  http::Listener listener_;
  http::Listener control_;
  HostServices services_;
  StartProblems problems_;
  PluginInstances plugins_;
  TaskEvents task_events_;
  MountedRoutes routes_;
  ScanDurations durations_;
  SystemResolver resolver_;
  InstanceReaper reaper_;

  std::optional<Keyring> keys_;
  std::optional<Live<Scope>> scope_;
  std::optional<Credentials> credentials_;
  std::optional<DiskSpace> disk_;
  std::unique_ptr<Ledger> ledger_;
  std::optional<KillSwitch> kill_switch_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<ScannerFleet> fleet_;
  std::optional<FirstLooks> first_looks_;
  std::optional<Work> work_;
  std::optional<InstanceReports> reports_;
  std::optional<Service> service_;
  std::optional<StatusWaits> waits_;
  std::optional<Exports> export_files_;
  std::optional<ExportService> export_service_;
  std::optional<Gauges> gauges_;
  std::optional<Exporters> exporters_;
  std::optional<Reload> reload_;
  std::vector<std::unique_ptr<PluginProvider>> providers_;
  std::vector<std::unique_ptr<PluginInstance>> transports_;
  std::optional<Dispatcher> dispatcher_;
  std::optional<ScanChanges> scan_changes_;
  std::optional<ChangeWatch> changes_;
  std::optional<Housekeeping> housekeeping_;
  std::optional<ClockWatch> clock_watch_;
  std::optional<Ticker> ticks_;
  std::unique_ptr<LoopBeat> dispatcher_beat_, listener_beat_;
};

LoadOutcome readConfiguration(const std::filesystem::path& file) {
  return loadConfig(file, processEnvironment());
}

Node::Node(Config config, std::filesystem::path file)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(file))) {}
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
std::vector<std::string> Node::stalledLoops() const {
  return parts_->stalledLoops();
}
std::string Node::statusLine() {
  return parts_->statusLine();
}
ReloadResult Node::reload(const TraceContext& trace) {
  return parts_->reload(trace);
}
void Node::stop(std::string_view signal) {
  parts_->stop(signal);
}

}  // namespace scanhost
