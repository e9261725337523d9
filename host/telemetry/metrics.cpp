// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "host/telemetry/metric_series.h"

namespace scanhost {
namespace {

using Counters = MetricSeries<CounterCell>;
using Gauges = MetricSeries<GaugeCell>;
using Histograms = MetricSeries<HistogramCell>;
using Words = std::vector<std::string_view>;

constexpr const char* task_duration_name = "nessus_task_duration_seconds";
const std::vector<double> task_bounds{60, 300, 600, 1800, 3600, 7200, 14400};
const std::vector<double> call_bounds{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60};
/// 60 is what docs/reference/service-levels.md promises.
const std::vector<double> first_poll_bounds{1, 2.5, 5, 10, 30, 60, 120, 600, 3600};

const Words scan_types{"untrusted", "authenticated", "authenticated_privileged"};
const Words failure_codes{"internal", "unavailable", "deadline"};
const Words scan_statuses{"queued", "completed", "failed", "timeout", "cancelled"};
const Words validation_reasons{"auth_failed", "xml_invalid", "empty_scan", "file_not_found",
                               "other"};
const Words severities{"info", "low", "medium", "high", "critical"};
const Words scanner_states{"ready", "read_only", "suspended", "unreachable", "disabled"};
const Words queue_operations{"submit",    "lease",   "renew",     "advance", "finish",
                             "release",   "redrive", "request",   "remove",  "time_out",
                             "expire",    "get",     "list",      "counts",  "announce",
                             "instances", "changes", "durability"};
const Words results_operations{"open_generation", "append", "seal", "current",
                               "summary",         "open",   "next", "count",
                               "remove",          "sweep",  "check"};
const Words decisions{"allow", "deny"};
const Words stages{"plan", "submission", "launch"};
const Words outcomes{"success", "error"};
/// Methods come from clients.
const Words http_methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
/// Those that a task is tried again after.
constexpr std::array retry_classes{ErrorClass::transient, ErrorClass::internal, ErrorClass::busy,
                                   ErrorClass::lost, ErrorClass::timeout};

std::string_view outcomeOf(bool ok) {
  return ok ? "success" : "error";
}

void increment(Counters& series, LabelValues values, double amount = 1) {
  series.at(values).add(amount);
}
void set(Gauges& series, LabelValues values, double value) {
  series.at(values).set(value);
}
void observe(Histograms& series, LabelValues values, Metrics::Seconds duration) {
  series.at(values).observe(std::max(0.0, duration.count()));
}

}  // namespace

/// The contract's table, in its order.
struct Metrics::Table {
  MetricCatalogue host;
  std::mutex plugin_mutex;  // so that nobody is between asking for a family and adding it
  const std::vector<Label> instance{"pool", "scanner_instance"};

  Counters& scans = host.counter("nessus_scans_total", "Scans submitted and ended, by any scanner",
                                 {{"scan_type", scan_types}, {"status", scan_statuses}});
  Counters& api_requests =
      host.counter("nessus_api_requests_total", "Calls of tools", {"tool", {"status", outcomes}});
  Counters& tool_failures = host.counter(
      "scanhost_tool_failures_total", "Calls of tools that failed through no fault of the caller",
      {"tool", {"code", failure_codes}});
  Gauges& active_scans = host.gauge("nessus_active_scans", "Running tasks this host leases");
  Gauges& scanner_instances = host.gauge("nessus_scanner_instances", "Configured scanner instances",
                                         {"scanner_type", "enabled"});
  Gauges& queue_depth = host.gauge(
      "nessus_queue_depth", "Tasks waiting (main) and dead letters (dead), all pools", {"queue"});
  Histograms& task_duration =
      host.histogram(task_duration_name, "Seconds from start to end of a task", {}, task_bounds);
  Exemplars task_exemplars{task_bounds};
  Counters& ttl_deletions =
      host.counter("nessus_ttl_deletions_total", "Tasks deleted by retention");
  Gauges& dlq_size = host.gauge("nessus_dlq_size", "Dead letters, all pools");

  Gauges& scanner_active = host.gauge("scanhost_scanner_active_scans",
                                      "Scans running on the instance, all hosts", instance);
  Gauges& scanner_capacity =
      host.gauge("scanhost_scanner_capacity", "Scans the instance may run at once", instance);
  Gauges& scanner_utilization = host.gauge("scanhost_scanner_utilization_pct",
                                           "Active scans in percent of capacity", instance);
  Gauges& pool_capacity =
      host.gauge("scanhost_pool_capacity", "Scans the pool may run at once", {"pool"});
  Gauges& pool_active =
      host.gauge("scanhost_pool_active_scans", "Scans running in the pool, all hosts", {"pool"});
  Gauges& pool_queue_depth =
      host.gauge("scanhost_pool_queue_depth", "Tasks waiting, delayed included", {"pool"});
  Gauges& pool_dlq_depth = host.gauge("scanhost_pool_dlq_depth", "Dead letters", {"pool"});
  Counters& validations = host.counter("scanhost_validation_total", "Reports validated",
                                       {"pool", {"result", {"success", "failed"}}});
  Counters& validation_failures =
      host.counter("scanhost_validation_failures_total", "Reports that failed validation",
                   {"pool", {"reason", validation_reasons}});
  Counters& auth_failures =
      host.counter("scanhost_auth_failures_total", "Scans whose login failed on every host",
                   {"pool", {"scan_type", scan_types}});
  Gauges& circuit_state =
      host.gauge("scanhost_circuit_state", "0 closed, 1 open, 2 half-open", instance);
  Counters& circuit_failures = host.counter("scanhost_circuit_failures_total",
                                            "Failed calls counted by the breaker", instance);
  Counters& circuit_opens =
      host.counter("scanhost_circuit_opens_total", "Openings of the breaker", instance);
  Histograms& scanner_request =
      host.histogram("scanhost_scanner_request_duration_seconds", "Calls of the scanner plugin",
                     {"pool", "scanner_instance", "operation", {"result", outcomes}}, call_bounds);
  Histograms& first_poll = host.histogram(
      "scanhost_first_poll_seconds", "From the launch of a remote scan to its first answered poll",
      {"pool"}, first_poll_bounds);
  Counters& http_requests = host.counter("scanhost_http_requests_total", "HTTP responses",
                                         {"route", {"method", http_methods}, "code"});
  Histograms& http_duration = host.histogram("scanhost_http_request_duration_seconds",
                                             "From request to response", {"route"}, call_bounds);
  Histograms& queue_operation =
      host.histogram("scanhost_queue_operation_duration_seconds", "Calls of the queue plugin",
                     {{"operation", queue_operations}, {"result", outcomes}}, call_bounds);
  Histograms& results_operation =
      host.histogram("scanhost_results_operation_duration_seconds", "Calls of the results plugin",
                     {{"operation", results_operations}, {"result", outcomes}}, call_bounds);
  Gauges& leases_held = host.gauge("scanhost_leases_held", "Tasks this host holds by a lease");
  Counters& leases_lost = host.counter("scanhost_leases_lost_total",
                                       "Writes refused because the lease was lost", {"pool"});
  Counters& takeovers =
      host.counter("scanhost_takeovers_total", "Expired leases taken over", {"pool"});
  Counters& task_retries =
      host.counter("scanhost_task_retries_total", "Retries scheduled", {"pool", "class"});
  Counters& dead_letters = host.counter("scanhost_dead_letters_total", "Tasks buried", {"pool"});
  Counters& redrives = host.counter("scanhost_redrives_total", "Tasks redriven", {"pool"});
  Counters& scans_adopted = host.counter("scanhost_scans_adopted_total",
                                         "Remote scans found by marker and adopted", {"pool"});
  Counters& findings_stored = host.counter("scanhost_findings_stored_total", "Findings committed",
                                           {"pool", {"severity", severities}});
  Counters& policy_decisions = host.counter("scanhost_policy_decisions_total", "Policy decisions",
                                            {{"decision", decisions}, {"stage", stages}});
  Counters& plugin_restarts =
      host.counter("scanhost_plugin_restarts_total", "Restarts of isolated plugins", {"plugin"});
  Gauges& plugin_up = host.gauge("scanhost_plugin_up", "1 while the plugin works", {"plugin"});
  Gauges& queue_oldest =
      host.gauge("scanhost_queue_oldest_seconds", "Age of the oldest waiting task", {"pool"});
  Gauges& scanner_state = host.gauge("scanhost_scanner_state", "1 for the present state",
                                     {"pool", "scanner_instance", {"state", scanner_states}});
  Gauges& scanner_last_success = host.gauge("scanhost_scanner_last_success_timestamp_seconds",
                                            "When a scan last completed; 0 for never", instance);
  Gauges& data_dir_free = host.gauge("scanhost_data_dir_free_bytes", "Free space under data_dir");
  Gauges& certificate_expiry = host.gauge("scanhost_certificate_expiry_timestamp_seconds",
                                          "When the listener's certificate ends; 0 without TLS");
  Gauges& ledger_writable =
      host.gauge("scanhost_ledger_writable", "1 while the audit ledger takes entries");
  Gauges& kill_switch = host.gauge("scanhost_kill_switch", "1 while launches are stopped");
  Gauges& ready = host.gauge("scanhost_ready", "1 while /readyz answers 200");
  Counters& audit_entries = host.counter("scanhost_audit_entries_total",
                                         "Entries appended to the audit ledger", {"kind"});
  Counters& events_dropped = host.counter("scanhost_events_dropped_total",
                                          "Events an exporter was too slow for", {"exporter"});
  Counters& spans_dropped = host.counter("scanhost_spans_dropped_total",
                                         "Spans an exporter was too slow for", {"exporter"});
  Gauges& build_info =
      host.gauge("scanhost_build_info", "Always 1", {"version", "revision", "abi"});

  Table() {
    for (const std::string_view type : scan_types)
      for (const std::string_view status : scan_statuses) scans.declare({type, status});
    for (const char* queue : {"main", "dead"}) queue_depth.declare({queue});
    for (auto* gauge : {&active_scans, &dlq_size, &leases_held, &data_dir_free, &certificate_expiry,
                        &ledger_writable, &kill_switch, &ready})
      gauge->declare({});
    task_duration.declare({});
    ttl_deletions.declare({});
    for (const std::string_view operation : queue_operations)
      for (const bool ok : {true, false}) queue_operation.declare({operation, outcomeOf(ok)});
    for (const std::string_view operation : results_operations)
      for (const bool ok : {true, false}) results_operation.declare({operation, outcomeOf(ok)});
    for (const std::string_view decision : decisions)
      for (const std::string_view stage : stages) policy_decisions.declare({decision, stage});
  }

  void declarePool(std::string_view pool) {
    for (auto* gauge : poolGauges()) gauge->declare({pool});
    for (auto* counter : {&leases_lost, &takeovers, &dead_letters, &redrives, &scans_adopted})
      counter->declare({pool});
    first_poll.declare({pool});
    for (const char* result : {"success", "failed"}) validations.declare({pool, result});
    for (const std::string_view reason : validation_reasons)
      validation_failures.declare({pool, reason});
    for (const std::string_view type : scan_types) auth_failures.declare({pool, type});
    for (const ErrorClass error : retry_classes)
      task_retries.declare({pool, errorClassName(error)});
    for (const std::string_view severity : severities) findings_stored.declare({pool, severity});
  }

  void declareInstance(std::string_view pool, const InstanceSeries& it) {
    for (auto* gauge : instanceGauges()) gauge->declare({pool, it.name});
    for (auto* counter : {&circuit_failures, &circuit_opens}) counter->declare({pool, it.name});
    for (const std::string_view state : scanner_states)
      scanner_state.declare({pool, it.name, state});
    for (const std::string& operation : it.operations)
      for (const bool ok : {true, false})
        scanner_request.declare({pool, it.name, operation, outcomeOf(ok)});
  }

  void removePoolsBut(const std::set<std::string>& kept) {
    const auto gone = [&](const auto& values) { return !kept.count(values[0]); };
    for (auto* gauge : poolGauges()) gauge->removeIf(gone);
  }

  /// Their counters, too: there may be many of them, and a reload may give all another name.
  void removeInstancesBut(const std::set<std::pair<std::string, std::string>>& kept) {
    const auto gone = [&](const auto& values) { return !kept.count({values[0], values[1]}); };
    for (auto* gauge : instanceGauges()) gauge->removeIf(gone);
    scanner_state.removeIf(gone);
    for (auto* counter : {&circuit_failures, &circuit_opens}) counter->removeIf(gone);
    scanner_request.removeIf(gone);
  }

  std::array<Gauges*, 5> poolGauges() {
    return {&pool_capacity, &pool_active, &pool_queue_depth, &pool_dlq_depth, &queue_oldest};
  }
  std::array<Gauges*, 5> instanceGauges() {
    return {&scanner_active, &scanner_capacity, &scanner_utilization, &circuit_state,
            &scanner_last_success};
  }
};

Metrics::~Metrics() = default;

void Metrics::declarePools(const std::vector<PoolSeries>& pools) {
  std::set<std::string> pool_names, types;
  std::set<std::pair<std::string, std::string>> instances;
  for (const PoolSeries& pool : pools) {
    pool_names.insert(pool.name);
    types.insert(pool.scanner_type);
    for (const InstanceSeries& instance : pool.instances)
      instances.emplace(pool.name, instance.name);
  }
  table_->removePoolsBut(pool_names);
  table_->removeInstancesBut(instances);
  table_->scanner_instances.removeIf([&](const auto& values) { return !types.count(values[0]); });
  for (const PoolSeries& pool : pools) {
    table_->declarePool(pool.name);
    for (const InstanceSeries& instance : pool.instances)
      table_->declareInstance(pool.name, instance);
  }
  for (const std::string& type : types)
    for (const bool enabled : {true, false}) {
      std::int64_t count = 0;
      for (const PoolSeries& pool : pools)
        for (const InstanceSeries& instance : pool.instances)
          count += pool.scanner_type == type && instance.enabled == enabled;
      table_->scanner_instances.declare({type, enabled ? "true" : "false"});
      updateScannerInstancesMetric(type, enabled, count);
    }
}

void Metrics::declareTools(const std::vector<std::string>& tools) {
  for (const std::string& tool : tools) {
    for (const bool ok : {true, false}) table_->api_requests.declare({tool, outcomeOf(ok)});
    for (const std::string_view code : failure_codes) table_->tool_failures.declare({tool, code});
  }
}

void Metrics::declareRoute(std::string_view route, const std::vector<std::string>& methods) {
  for (const std::string& method : methods) table_->http_requests.declare({route, method, "200"});
  table_->http_duration.declare({route});
}

void Metrics::declarePlugin(std::string_view plugin) {
  table_->plugin_restarts.declare({plugin});
  table_->plugin_up.declare({plugin});
}

void Metrics::forgetPluginsBut(const std::set<std::string>& used) {
  table_->plugin_up.removeIf([&](const auto& values) { return !used.count(values[0]); });
}

void Metrics::declareExporter(std::string_view exporter) {
  table_->events_dropped.declare({exporter});
  table_->spans_dropped.declare({exporter});
}

void Metrics::declareAuditKinds(const std::vector<std::string>& kinds) {
  for (const std::string& kind : kinds) table_->audit_entries.declare({kind});
}

void Metrics::setBuild(std::string_view version, std::string_view revision, std::string_view abi) {
  set(table_->build_info, {version, revision, abi}, 1);
}

void Metrics::recordToolCall(std::string_view tool, bool ok) {
  increment(table_->api_requests, {tool, outcomeOf(ok)});
}

void Metrics::recordToolFailure(std::string_view tool, std::string_view code) {
  increment(table_->tool_failures, {tool, code});
}

void Metrics::recordScanSubmission(std::string_view scan_type) {
  increment(table_->scans, {scan_type, "queued"});
}

void Metrics::recordScanCompletion(std::string_view scan_type, std::string_view status,
                                   std::optional<Seconds> duration, const scanhost_trace& trace) {
  increment(table_->scans, {scan_type, status});
  if (!duration) return;
  observe(table_->task_duration, {}, *duration);
  table_->task_exemplars.note(duration->count(), trace, Timestamp::now());
}

void Metrics::updateActiveScansCount(std::int64_t running) {
  set(table_->active_scans, {}, static_cast<double>(running));
}

void Metrics::updateScannerInstancesMetric(std::string_view scanner_type, bool enabled,
                                           std::int64_t count) {
  set(table_->scanner_instances, {scanner_type, enabled ? "true" : "false"},
      static_cast<double>(count));
}

void Metrics::updateQueueMetrics(std::int64_t main, std::int64_t dead) {
  set(table_->queue_depth, {"main"}, static_cast<double>(main));
  set(table_->queue_depth, {"dead"}, static_cast<double>(dead));
  set(table_->dlq_size, {}, static_cast<double>(dead));
}

void Metrics::recordTtlDeletion() {
  increment(table_->ttl_deletions, {});
}
void Metrics::recordTaskRetry(std::string_view pool, ErrorClass error_class) {
  increment(table_->task_retries, {pool, errorClassName(error_class)});
}
void Metrics::recordDeadLetter(std::string_view pool) {
  increment(table_->dead_letters, {pool});
}
void Metrics::recordRedrive(std::string_view pool) {
  increment(table_->redrives, {pool});
}
void Metrics::updateLeasesHeld(std::int64_t held) {
  set(table_->leases_held, {}, static_cast<double>(held));
}
void Metrics::recordLeaseLost(std::string_view pool) {
  increment(table_->leases_lost, {pool});
}
void Metrics::recordTakeover(std::string_view pool) {
  increment(table_->takeovers, {pool});
}
void Metrics::recordScanAdopted(std::string_view pool) {
  increment(table_->scans_adopted, {pool});
}

void Metrics::updateScanner(std::string_view pool, std::string_view instance, std::int64_t active,
                            std::int64_t capacity) {
  const auto scans = static_cast<double>(active), room = static_cast<double>(capacity);
  set(table_->scanner_active, {pool, instance}, scans);
  set(table_->scanner_capacity, {pool, instance}, room);
  set(table_->scanner_utilization, {pool, instance}, capacity > 0 ? 100 * scans / room : 0);
}

void Metrics::updatePool(std::string_view pool, std::int64_t active, std::int64_t capacity) {
  set(table_->pool_active, {pool}, static_cast<double>(active));
  set(table_->pool_capacity, {pool}, static_cast<double>(capacity));
}

void Metrics::updatePoolQueue(std::string_view pool, std::int64_t waiting, std::int64_t dead,
                              Seconds oldest_waiting) {
  set(table_->pool_queue_depth, {pool}, static_cast<double>(waiting));
  set(table_->pool_dlq_depth, {pool}, static_cast<double>(dead));
  set(table_->queue_oldest, {pool}, oldest_waiting.count());
}

void Metrics::updateScannerState(std::string_view pool, std::string_view instance,
                                 std::string_view state) {
  for (const std::string_view known : scanner_states)
    set(table_->scanner_state, {pool, instance, known}, state == known);
}

void Metrics::updateScannerLastSuccess(std::string_view pool, std::string_view instance,
                                       Timestamp when) {
  set(table_->scanner_last_success, {pool, instance}, static_cast<double>(when.micros) / 1e6);
}

void Metrics::updateCircuit(std::string_view pool, std::string_view instance, CircuitGauge state) {
  set(table_->circuit_state, {pool, instance}, static_cast<int>(state));
}
void Metrics::recordCircuitFailure(std::string_view pool, std::string_view instance) {
  increment(table_->circuit_failures, {pool, instance});
}
void Metrics::recordCircuitOpening(std::string_view pool, std::string_view instance) {
  increment(table_->circuit_opens, {pool, instance});
}

void Metrics::observeScannerRequest(std::string_view pool, std::string_view instance,
                                    std::string_view operation, bool ok, Seconds duration) {
  observe(table_->scanner_request, {pool, instance, operation, outcomeOf(ok)}, duration);
}

void Metrics::recordValidationSuccess(std::string_view pool) {
  increment(table_->validations, {pool, "success"});
}

void Metrics::recordValidationFailure(std::string_view pool, std::string_view reason) {
  increment(table_->validations, {pool, "failed"});
  increment(table_->validation_failures, {pool, reason});
}

void Metrics::recordAuthFailure(std::string_view pool, std::string_view scan_type) {
  increment(table_->auth_failures, {pool, scan_type});
}

void Metrics::recordFindingsStored(std::string_view pool, std::string_view severity,
                                   std::uint64_t count) {
  increment(table_->findings_stored, {pool, severity}, static_cast<double>(count));
}

void Metrics::recordHttpResponse(std::string_view route, std::string_view method, int code,
                                 Seconds duration) {
  increment(table_->http_requests, {route, method, std::to_string(code)});
  observe(table_->http_duration, {route}, duration);
}

void Metrics::observeQueueOperation(std::string_view operation, bool ok, Seconds duration) {
  observe(table_->queue_operation, {operation, outcomeOf(ok)}, duration);
}
void Metrics::observeResultsOperation(std::string_view operation, bool ok, Seconds duration) {
  observe(table_->results_operation, {operation, outcomeOf(ok)}, duration);
}

void Metrics::recordPolicyDecision(std::string_view decision, std::string_view stage) {
  increment(table_->policy_decisions, {decision, stage});
}
void Metrics::recordPluginRestart(std::string_view plugin) {
  increment(table_->plugin_restarts, {plugin});
}
void Metrics::updatePluginUp(std::string_view plugin, bool up) {
  set(table_->plugin_up, {plugin}, up);
}
void Metrics::recordAuditEntry(std::string_view kind) {
  increment(table_->audit_entries, {kind});
}
void Metrics::recordEventsDropped(std::string_view exporter, std::uint64_t count) {
  increment(table_->events_dropped, {exporter}, static_cast<double>(count));
}
void Metrics::recordSpansDropped(std::string_view exporter, std::uint64_t count) {
  increment(table_->spans_dropped, {exporter}, static_cast<double>(count));
}
void Metrics::updateDataDirFreeBytes(std::uint64_t bytes) {
  set(table_->data_dir_free, {}, static_cast<double>(bytes));
}
void Metrics::updateCertificateExpiry(Timestamp not_after) {
  set(table_->certificate_expiry, {}, static_cast<double>(not_after.micros) / 1e6);
}
void Metrics::updateLedgerWritable(bool writable) {
  set(table_->ledger_writable, {}, writable);
}
void Metrics::updateKillSwitch(bool engaged) {
  set(table_->kill_switch, {}, engaged);
}
void Metrics::observeFirstPoll(std::string_view pool, Seconds since_launch) {
  observe(table_->first_poll, {pool}, since_launch);
}
void Metrics::updateReady(bool ready) {
  set(table_->ready, {}, ready);
}

// --- metrics of plugins ------------------------------------------------------------------------

Metrics::Metrics() : table_(std::make_unique<Table>()) {}

namespace {

bool matchesName(std::string_view name, bool digit_first) {
  if (name.empty() || (!digit_first && name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Names that would read like the parts of a histogram's exposition.
bool endsLikeAHistogramPart(std::string_view name) {
  return name.ends_with("_bucket") || name.ends_with("_sum") || name.ends_with("_count");
}

/// Why not, or nothing.
std::string refuseName(std::string_view name) {
  constexpr std::string_view prefix = "scanhost_";
  if (name.size() > 128 || !name.starts_with(prefix) ||
      !matchesName(name.substr(prefix.size()), true))
    return "must match scanhost_[a-z0-9_]+";
  if (endsLikeAHistogramPart(name)) return "must not end in _bucket, _sum or _count";
  return {};
}

/// The same of labels, by name.
std::string refuseLabels(const MetricLabels& labels) {
  for (const auto& [label, value] : labels) {
    if (!matchesName(label, false) || label == "le" || label.starts_with("__"))
      return "has a label '" + label.substr(0, 64) +
             "'; label names match [a-z_][a-z0-9_]* and are not 'le'";
    if (value.size() > max_label_value_bytes)
      return "has a value over 128 bytes for label '" + label + "'";
  }
  const auto repeated =
      std::adjacent_find(labels.begin(), labels.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  return repeated == labels.end() ? "" : "names a label twice";
}

}  // namespace

template <class Cell>
Result<Cell*> Metrics::pluginSeries(const std::string& plugin, const std::string& name,
                                    const std::string& help, MetricLabels labels,
                                    const std::vector<double>& bounds) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorClass::config,
                "plugin " + plugin + ": metric '" + name.substr(0, 128) + "' " + why);
  };
  if (const std::string why = refuseName(name); !why.empty()) return refuse(why);
  std::sort(labels.begin(), labels.end());
  if (const std::string why = refuseLabels(labels); !why.empty()) return refuse(why);
  std::vector<Label> names;
  std::vector<std::string_view> values;
  for (const auto& [label, value] : labels) {
    names.emplace_back(label);
    values.push_back(value);
  }

  const std::lock_guard lock(table_->plugin_mutex);
  const std::string* owner = table_->host.ownerOf(name);
  if (owner && owner->empty()) return refuse("belongs to the host; choose another name");
  if (owner && *owner != plugin)
    return refuse("belongs to plugin " + *owner + "; choose another name");
  auto* family = table_->host.template find<Cell>(name);
  if (owner && (!family || family->labels() != names || family->bounds() != bounds))
    return refuse("was registered before with another type, other label names or other bounds");
  const bool is_new = !family || !family->contains(LabelValues(values));
  if (is_new && table_->host.seriesOf(plugin) >= max_plugin_series)
    return refuse("would be over " + std::to_string(max_plugin_series) +
                  " series; use fewer label values");
  if (!family)
    family = &table_->host.template add<Cell>(plugin, name, help, std::move(names), bounds);
  return &family->at(LabelValues(values));
}

Result<PluginCounter> Metrics::pluginCounter(const std::string& plugin, const std::string& name,
                                             const std::string& help, const MetricLabels& labels) {
  return pluginSeries<CounterCell>(plugin, name, help, labels).map([](CounterCell* cell) {
    return PluginCounter(*cell);
  });
}

Result<PluginGauge> Metrics::pluginGauge(const std::string& plugin, const std::string& name,
                                         const std::string& help, const MetricLabels& labels) {
  return pluginSeries<GaugeCell>(plugin, name, help, labels).map([](GaugeCell* cell) {
    return PluginGauge(*cell);
  });
}

Result<PluginHistogram> Metrics::pluginHistogram(const std::string& plugin, const std::string& name,
                                                 const std::string& help,
                                                 const MetricLabels& labels,
                                                 std::vector<double> bounds) {
  const bool ascending =
      std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
  const bool finite =
      std::all_of(bounds.begin(), bounds.end(), [](double bound) { return std::isfinite(bound); });
  if (!ascending || !finite || bounds.size() > 64)
    return fail(ErrorClass::config, "plugin " + plugin + ": metric '" + name +
                                        "' needs at most 64 finite, ascending bounds");
  if (bounds.empty()) bounds = call_bounds;
  return pluginSeries<HistogramCell>(plugin, name, help, labels, bounds)
      .map([](HistogramCell* cell) { return PluginHistogram(*cell); });
}

void PluginCounter::add(double amount) const {
  if (std::isfinite(amount) && amount > 0) series_->add(amount);
}
void PluginGauge::set(double value) const {
  series_->set(value);
}
void PluginGauge::add(double amount) const {
  series_->add(amount);
}
void PluginHistogram::observe(double value) const {
  if (std::isfinite(value)) series_->observe(value);
}

std::vector<MetricFamily> Metrics::snapshot() const {
  std::vector<MetricFamily> families = table_->host.snapshot();
  const auto durations = std::find_if(families.begin(), families.end(), [](const auto& family) {
    return family.name == task_duration_name;
  });
  if (durations != families.end())
    for (MetricSample& sample : durations->metrics)
      sample.exemplars = table_->task_exemplars.list();
  return families;
}

}  // namespace scanhost
