// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Every metric that scanhost promises, with one function for each way it moves.
///
/// Names, types, labels and buckets are a contract with dashboards: the table is in metrics.cpp and
/// nowhere else. Series of known label values stand at zero from start; those of pools, instances,
/// tools, routes and plugins do from the call of `declare...` on. Label values are bounded, and
/// none is ever a target, a user or a task. Rendering is an exporter's work: it gets a snapshot.
/// All functions may be called from any thread; those that move a series wait for nobody, neither
/// for each other nor for a reader.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.h"
#include "host/base/time.h"
#include "host/telemetry/exemplars.h"

namespace scanhost {

class CounterCell;
class GaugeCell;
class HistogramCell;

enum class MetricType { counter, gauge, histogram };
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample {
  struct Bucket {
    double upper_bound = 0;  ///< the last is +Inf
    std::uint64_t cumulative_count = 0;
  };
  MetricLabels labels;
  double value = 0;  ///< counters and gauges; the rest is for histograms
  std::vector<Bucket> buckets;
  double sum = 0;
  std::uint64_t count = 0;
  std::vector<Exemplar> exemplars;  ///< at most one for each bucket, ascending
};

struct MetricFamily {
  std::string name;
  std::string help;
  MetricType type = MetricType::gauge;
  std::vector<MetricSample> metrics;
};

/// What exists of a scanner instance, so that its series do.
struct InstanceSeries {
  std::string name;
  bool enabled = true;
  std::vector<std::string> operations;  ///< plugin calls that are timed: "poll", "collect", ...
};
struct PoolSeries {
  std::string name;
  std::string scanner_type;
  std::vector<InstanceSeries> instances;
};

enum class CircuitGauge : int { closed = 0, open = 1, half_open = 2 };

/// Handles for metrics that a plugin owns. Copies share one series; valid as long as `Metrics`.
class PluginCounter {
 public:
  /// Negative and non-finite amounts are ignored: a counter only grows.
  void add(double amount = 1) const;

 private:
  friend class Metrics;
  explicit PluginCounter(CounterCell& series) : series_(&series) {}
  CounterCell* series_;
};
class PluginGauge {
 public:
  void set(double value) const;
  void add(double amount) const;

 private:
  friend class Metrics;
  explicit PluginGauge(GaugeCell& series) : series_(&series) {}
  GaugeCell* series_;
};
class PluginHistogram {
 public:
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit PluginHistogram(HistogramCell& series) : series_(&series) {}
  HistogramCell* series_;
};

class Metrics {
 public:
  using Seconds = std::chrono::duration<double>;

  Metrics();
  ~Metrics();

  // --- what exists ---------------------------------------------------------------------------
  /// The pools and instances of the configuration, at start and again after a reload. What is told
  /// of instances that are gone disappears, and so do the gauges of pools that are; the counters of
  /// these stay, for their tasks go on.
  void declarePools(const std::vector<PoolSeries>& pools);
  void declareTools(const std::vector<std::string>& tools);
  /// `methods` of the route; its counter stands at zero for code 200.
  void declareRoute(std::string_view route, const std::vector<std::string>& methods);
  void declarePlugin(std::string_view plugin);
  /// The gauges of plugins that nothing uses any more disappear.
  void forgetPluginsBut(const std::set<std::string>& used);
  void declareExporter(std::string_view exporter);
  void declareAuditKinds(const std::vector<std::string>& kinds);
  void setBuild(std::string_view version, std::string_view revision, std::string_view abi);

  // --- scans and tasks -----------------------------------------------------------------------
  void recordToolCall(std::string_view tool, bool ok);
  /// A call that failed through no fault of the caller: `code` internal, unavailable or deadline.
  /// Comes along with recordToolCall.
  void recordToolFailure(std::string_view tool, std::string_view code);
  void recordScanSubmission(std::string_view scan_type);
  /// `status`: completed, failed, timeout or cancelled. `duration` since started_at; none for a
  /// task that never started. `trace` is where the task can be looked at; none where it is not
  /// recorded.
  void recordScanCompletion(std::string_view scan_type, std::string_view status,
                            std::optional<Seconds> duration, const scanhost_trace& trace = {});
  void updateActiveScansCount(std::int64_t running);
  void updateScannerInstancesMetric(std::string_view scanner_type, bool enabled,
                                    std::int64_t count);
  /// Over all pools: waiting (delayed included) and dead.
  void updateQueueMetrics(std::int64_t main, std::int64_t dead);
  void recordTtlDeletion();
  void recordTaskRetry(std::string_view pool, ErrorClass error_class);
  void recordDeadLetter(std::string_view pool);
  void recordRedrive(std::string_view pool);
  void updateLeasesHeld(std::int64_t held);
  void recordLeaseLost(std::string_view pool);
  void recordTakeover(std::string_view pool);
  void recordScanAdopted(std::string_view pool);
  /// Once for each remote scan, when its scanner first told how it is: the time since its launch.
  void observeFirstPoll(std::string_view pool, Seconds since_launch);

  // --- pools and scanners --------------------------------------------------------------------
  /// Utilisation is computed; zero for an instance without capacity.
  void updateScanner(std::string_view pool, std::string_view instance, std::int64_t active,
                     std::int64_t capacity);
  void updatePool(std::string_view pool, std::int64_t active, std::int64_t capacity);
  void updatePoolQueue(std::string_view pool, std::int64_t waiting, std::int64_t dead,
                       Seconds oldest_waiting);
  /// ready, read_only, suspended, unreachable or disabled.
  void updateScannerState(std::string_view pool, std::string_view instance, std::string_view state);
  void updateScannerLastSuccess(std::string_view pool, std::string_view instance, Timestamp when);
  void updateCircuit(std::string_view pool, std::string_view instance, CircuitGauge state);
  void recordCircuitFailure(std::string_view pool, std::string_view instance);
  void recordCircuitOpening(std::string_view pool, std::string_view instance);
  void observeScannerRequest(std::string_view pool, std::string_view instance,
                             std::string_view operation, bool ok, Seconds duration);

  // --- reports -------------------------------------------------------------------------------
  void recordValidationSuccess(std::string_view pool);
  /// auth_failed, xml_invalid, empty_scan, file_not_found or other.
  void recordValidationFailure(std::string_view pool, std::string_view reason);
  void recordAuthFailure(std::string_view pool, std::string_view scan_type);
  /// info, low, medium, high or critical.
  void recordFindingsStored(std::string_view pool, std::string_view severity, std::uint64_t count);

  // --- the host itself -----------------------------------------------------------------------
  void recordHttpResponse(std::string_view route, std::string_view method, int code,
                          Seconds duration);
  void observeQueueOperation(std::string_view operation, bool ok, Seconds duration);
  void observeResultsOperation(std::string_view operation, bool ok, Seconds duration);
  /// `decision`: allow or deny; `stage`: plan, submission or launch.
  void recordPolicyDecision(std::string_view decision, std::string_view stage);
  void recordPluginRestart(std::string_view plugin);
  void updatePluginUp(std::string_view plugin, bool up);
  void recordAuditEntry(std::string_view kind);
  void recordEventsDropped(std::string_view exporter, std::uint64_t count);
  void recordSpansDropped(std::string_view exporter, std::uint64_t count);
  /// What /readyz says.
  void updateReady(bool ready);
  void updateDataDirFreeBytes(std::uint64_t bytes);
  void updateCertificateExpiry(Timestamp not_after);
  void updateLedgerWritable(bool writable);
  void updateKillSwitch(bool engaged);

  // --- metrics of plugins --------------------------------------------------------------------
  /// A family belongs to the plugin that named it first and cannot be one of the host's. Names
  /// match scanhost_[a-z0-9_]+, label names [a-z_][a-z0-9_]*; one plugin gets max_plugin_series.
  /// All series of a family have its first one's type, label names and bounds.
  Result<PluginCounter> pluginCounter(const std::string& plugin, const std::string& name,
                                      const std::string& help, const MetricLabels& labels = {});
  Result<PluginGauge> pluginGauge(const std::string& plugin, const std::string& name,
                                  const std::string& help, const MetricLabels& labels = {});
  /// `bounds` ascending, without +Inf; empty takes the bounds of the host's durations.
  Result<PluginHistogram> pluginHistogram(const std::string& plugin, const std::string& name,
                                          const std::string& help, const MetricLabels& labels = {},
                                          std::vector<double> bounds = {});
  static constexpr std::size_t max_plugin_series = 1'000;

  /// All families by name, copied.
  std::vector<MetricFamily> snapshot() const;

 private:
  struct Table;
  template <class Cell>
  Result<Cell*> pluginSeries(const std::string& plugin, const std::string& name,
                             const std::string& help, MetricLabels labels,
                             const std::vector<double>& bounds = {});

  std::unique_ptr<Table> table_;
};

}  // namespace scanhost
