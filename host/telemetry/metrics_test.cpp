// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The contract's names, types, labels and buckets, and that each function moves its series.
#include "host/telemetry/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <thread>

namespace scanhost {
namespace {

using Seconds = Metrics::Seconds;

const MetricFamily* familyIn(const std::vector<MetricFamily>& families, const std::string& name) {
  for (const MetricFamily& family : families)
    if (family.name == name) return &family;
  return nullptr;
}

/// Labels in any order; nothing when there is no such series.
std::optional<MetricSample> sampleOf(const Metrics& metrics, const std::string& name,
                                     MetricLabels labels = {}) {
  std::sort(labels.begin(), labels.end());
  const auto families = metrics.snapshot();
  const MetricFamily* family = familyIn(families, name);
  if (!family) return std::nullopt;
  for (MetricSample sample : family->metrics) {
    std::sort(sample.labels.begin(), sample.labels.end());
    if (sample.labels == labels) return sample;
  }
  return std::nullopt;
}

double valueOf(const Metrics& metrics, const std::string& name, const MetricLabels& labels = {}) {
  const auto sample = sampleOf(metrics, name, labels);
  return sample ? sample->value : std::nan("");
}

std::vector<double> boundsOf(const MetricSample& sample) {
  std::vector<double> bounds;
  for (const auto& bucket : sample.buckets) bounds.push_back(bucket.upper_bound);
  return bounds;
}

TEST(Metrics, TheEightHistoricSeriesStandAtZeroFromStart) {
  const Metrics metrics;
  for (const char* type : {"untrusted", "authenticated", "authenticated_privileged"})
    for (const char* status : {"queued", "completed", "failed", "timeout", "cancelled"})
      EXPECT_EQ(valueOf(metrics, "nessus_scans_total", {{"scan_type", type}, {"status", status}}),
                0);
  for (const char* queue : {"main", "dead"})
    EXPECT_EQ(valueOf(metrics, "nessus_queue_depth", {{"queue", queue}}), 0);
  for (const char* name : {"nessus_active_scans", "nessus_ttl_deletions_total", "nessus_dlq_size"})
    EXPECT_EQ(valueOf(metrics, name), 0) << name;
  const auto duration = sampleOf(metrics, "nessus_task_duration_seconds");
  ASSERT_TRUE(duration);
  EXPECT_EQ(boundsOf(*duration),
            (std::vector<double>{60, 300, 600, 1800, 3600, 7200, 14400, INFINITY}));
  EXPECT_EQ(duration->count, 0u);
}

TEST(Metrics, DeclaredThingsStandAtZero) {
  Metrics metrics;
  metrics.declareTools({"list_tasks"});
  metrics.declarePools({{"p", "nmap", {{"i", true, {"scan"}}, {"off", false, {}}}}});
  metrics.declareRoute("/mcp", {"POST"});
  metrics.declarePlugin("queue-sqlite");
  metrics.declareExporter("exporter-jsonlog");
  metrics.declareAuditKinds({"submission"});
  EXPECT_EQ(
      valueOf(metrics, "nessus_api_requests_total", {{"tool", "list_tasks"}, {"status", "error"}}),
      0);
  EXPECT_EQ(
      valueOf(metrics, "nessus_scanner_instances", {{"scanner_type", "nmap"}, {"enabled", "true"}}),
      1);
  EXPECT_EQ(valueOf(metrics, "nessus_scanner_instances",
                    {{"scanner_type", "nmap"}, {"enabled", "false"}}),
            1);
  const MetricLabels instance{{"pool", "p"}, {"scanner_instance", "i"}};
  for (const char* name :
       {"scanner_active_scans", "scanner_capacity", "scanner_utilization_pct", "circuit_state",
        "circuit_failures_total", "circuit_opens_total", "scanner_last_success_timestamp_seconds"})
    EXPECT_EQ(valueOf(metrics, std::string("scanhost_") + name, instance), 0) << name;
  for (const char* name :
       {"pool_capacity", "pool_active_scans", "pool_queue_depth", "pool_dlq_depth",
        "queue_oldest_seconds", "leases_lost_total", "takeovers_total", "dead_letters_total",
        "redrives_total", "scans_adopted_total"})
    EXPECT_EQ(valueOf(metrics, std::string("scanhost_") + name, {{"pool", "p"}}), 0) << name;
  EXPECT_EQ(valueOf(metrics, "scanhost_validation_failures_total",
                    {{"pool", "p"}, {"reason", "empty_scan"}}),
            0);
  EXPECT_EQ(
      valueOf(metrics, "scanhost_task_retries_total", {{"pool", "p"}, {"class", "transient"}}), 0);
  EXPECT_EQ(
      valueOf(metrics, "scanhost_findings_stored_total", {{"pool", "p"}, {"severity", "critical"}}),
      0);
  EXPECT_EQ(valueOf(metrics, "scanhost_scanner_state",
                    {{"pool", "p"}, {"scanner_instance", "i"}, {"state", "ready"}}),
            0);
  EXPECT_EQ(valueOf(metrics, "scanhost_http_requests_total",
                    {{"route", "/mcp"}, {"method", "POST"}, {"code", "200"}}),
            0);
  EXPECT_EQ(valueOf(metrics, "scanhost_events_dropped_total", {{"exporter", "exporter-jsonlog"}}),
            0);
  EXPECT_EQ(valueOf(metrics, "scanhost_audit_entries_total", {{"kind", "submission"}}), 0);
  EXPECT_EQ(valueOf(metrics, "scanhost_policy_decisions_total",
                    {{"decision", "deny"}, {"stage", "launch"}}),
            0);
  const auto request = sampleOf(
      metrics, "scanhost_scanner_request_duration_seconds",
      {{"pool", "p"}, {"scanner_instance", "i"}, {"operation", "scan"}, {"result", "error"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(boundsOf(*request),
            (std::vector<double>{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, INFINITY}));
}

TEST(Metrics, CallsOfTheStoresStandAtZeroFromStart) {
  const Metrics metrics;
  for (const char* result : {"success", "error"}) {
    for (const char* operation : {"submit", "lease", "remove", "time_out", "durability"})
      EXPECT_TRUE(sampleOf(metrics, "scanhost_queue_operation_duration_seconds",
                           {{"operation", operation}, {"result", result}}))
          << operation;
    for (const char* operation : {"open_generation", "append", "seal", "sweep", "check"})
      EXPECT_TRUE(sampleOf(metrics, "scanhost_results_operation_duration_seconds",
                           {{"operation", operation}, {"result", result}}))
          << operation;
  }
}

TEST(Metrics, TypesAreThoseOfTheContract) {
  Metrics metrics;
  metrics.declarePools({{"p", "nmap", {{"i", true, {}}}}});
  const auto families = metrics.snapshot();
  EXPECT_EQ(familyIn(families, "nessus_scans_total")->type, MetricType::counter);
  EXPECT_EQ(familyIn(families, "nessus_dlq_size")->type, MetricType::gauge);
  EXPECT_EQ(familyIn(families, "nessus_task_duration_seconds")->type, MetricType::histogram);
  EXPECT_EQ(familyIn(families, "scanhost_circuit_state")->type, MetricType::gauge);
  EXPECT_EQ(familyIn(families, "scanhost_takeovers_total")->type, MetricType::counter);
}

TEST(Metrics, AScanMovesWhatItTouches) {
  Metrics metrics;
  metrics.recordToolCall("run_untrusted_scan", true);
  metrics.recordScanSubmission("untrusted");
  metrics.updateQueueMetrics(3, 2);
  metrics.updateActiveScansCount(1);
  metrics.updateScanner("p", "i", 1, 4);
  metrics.recordScanCompletion("untrusted", "completed", Seconds(301));
  metrics.recordScanCompletion("untrusted", "cancelled", std::nullopt);
  EXPECT_EQ(valueOf(metrics, "nessus_api_requests_total",
                    {{"tool", "run_untrusted_scan"}, {"status", "success"}}),
            1);
  EXPECT_EQ(
      valueOf(metrics, "nessus_scans_total", {{"scan_type", "untrusted"}, {"status", "queued"}}),
      1);
  EXPECT_EQ(
      valueOf(metrics, "nessus_scans_total", {{"scan_type", "untrusted"}, {"status", "completed"}}),
      1);
  EXPECT_EQ(valueOf(metrics, "nessus_queue_depth", {{"queue", "main"}}), 3);
  EXPECT_EQ(valueOf(metrics, "nessus_dlq_size"), 2);
  EXPECT_EQ(valueOf(metrics, "nessus_active_scans"), 1);
  EXPECT_EQ(valueOf(metrics, "scanhost_scanner_utilization_pct",
                    {{"pool", "p"}, {"scanner_instance", "i"}}),
            25);
  const auto duration = sampleOf(metrics, "nessus_task_duration_seconds");
  EXPECT_EQ(duration->count, 1u);
  EXPECT_EQ(duration->buckets[1].cumulative_count, 0u);
  EXPECT_EQ(duration->buckets[2].cumulative_count, 1u);
}

TEST(Metrics, FailuresOfTheServiceAreCountedApartFromThoseOfCallers) {
  Metrics metrics;
  metrics.declareTools({"run_untrusted_scan"});
  for (const char* code : {"internal", "unavailable", "deadline"})
    EXPECT_EQ(valueOf(metrics, "scanhost_tool_failures_total",
                      {{"tool", "run_untrusted_scan"}, {"code", code}}),
              0);
  metrics.recordToolFailure("run_untrusted_scan", "unavailable");
  EXPECT_EQ(valueOf(metrics, "scanhost_tool_failures_total",
                    {{"tool", "run_untrusted_scan"}, {"code", "unavailable"}}),
            1);
  EXPECT_EQ(valueOf(metrics, "nessus_api_requests_total",
                    {{"tool", "run_untrusted_scan"}, {"status", "error"}}),
            0);
}

TEST(Metrics, TheFirstPollHasABucketThatEndsWhereTheObjectiveDoes) {
  Metrics metrics;
  metrics.declarePools({{"p", "nessus", {}}});
  metrics.observeFirstPoll("p", Seconds(60));
  metrics.observeFirstPoll("p", Seconds(61));
  const auto first_poll = sampleOf(metrics, "scanhost_first_poll_seconds", {{"pool", "p"}});
  ASSERT_TRUE(first_poll);
  EXPECT_EQ(first_poll->count, 2u);
  EXPECT_EQ(first_poll->buckets[5].upper_bound, 60);
  EXPECT_EQ(first_poll->buckets[5].cumulative_count, 1u);
}

TEST(Metrics, ReadinessIsAGauge) {
  Metrics metrics;
  EXPECT_EQ(valueOf(metrics, "scanhost_ready"), 0);
  metrics.updateReady(true);
  EXPECT_EQ(valueOf(metrics, "scanhost_ready"), 1);
  metrics.updateReady(false);
  EXPECT_EQ(valueOf(metrics, "scanhost_ready"), 0);
}

TEST(Metrics, WhatNoScanMovesMovesToo) {
  Metrics metrics;
  metrics.recordEventsDropped("jsonlog", 3);
  metrics.recordSpansDropped("otlp", 2);
  metrics.recordAuditEntry("submission");
  metrics.updateLedgerWritable(true);
  metrics.updateKillSwitch(true);
  metrics.recordToolFailure("list_tasks", "unavailable");
  EXPECT_EQ(valueOf(metrics, "scanhost_events_dropped_total", {{"exporter", "jsonlog"}}), 3);
  EXPECT_EQ(valueOf(metrics, "scanhost_spans_dropped_total", {{"exporter", "otlp"}}), 2);
  EXPECT_EQ(valueOf(metrics, "scanhost_audit_entries_total", {{"kind", "submission"}}), 1);
  EXPECT_EQ(valueOf(metrics, "scanhost_ledger_writable"), 1);
  EXPECT_EQ(valueOf(metrics, "scanhost_kill_switch"), 1);
  EXPECT_EQ(valueOf(metrics, "scanhost_tool_failures_total",
                    {{"tool", "list_tasks"}, {"code", "unavailable"}}),
            1);
}

TEST(Metrics, ExactlyOneScannerStateIsOne) {
  Metrics metrics;
  metrics.updateScannerState("p", "i", "ready");
  metrics.updateScannerState("p", "i", "suspended");
  const auto value = [&](const char* state) {
    return valueOf(metrics, "scanhost_scanner_state",
                   {{"pool", "p"}, {"scanner_instance", "i"}, {"state", state}});
  };
  EXPECT_EQ(value("ready"), 0);
  EXPECT_EQ(value("suspended"), 1);
}

/// So many scanners of one pool, each with as many calls as one of Nessus has.
std::vector<PoolSeries> manyScanners(const std::string& named, int count) {
  PoolSeries pool{"p", "nessus", {}};
  std::vector<std::string> calls;
  for (int i = 0; i < 11; ++i) calls.push_back("call" + std::to_string(i));
  for (int i = 0; i < count; ++i)
    pool.instances.push_back({named + std::to_string(i), true, calls});
  return {pool};
}

TEST(Metrics, EachOfTwoHundredScannersHasSeriesOfItsOwnHoweverOftenAReloadRenamesThem) {
  Metrics metrics;
  for (const std::string named : {"first", "second", "third"}) {
    metrics.declarePools(manyScanners(named, 200));
    metrics.observeScannerRequest("p", "first199", "call10", false, Seconds(1));
    const auto families = metrics.snapshot();
    for (const auto& [family, each] :
         std::map<std::string, std::size_t>{{"scanhost_scanner_request_duration_seconds", 22},
                                            {"scanhost_scanner_state", 5},
                                            {"scanhost_circuit_failures_total", 1}}) {
      const auto& samples = familyIn(families, family)->metrics;
      EXPECT_EQ(samples.size(), 200 * each) << named << ' ' << family;
      for (const MetricSample& sample : samples)
        for (const auto& [label, value] : sample.labels)
          EXPECT_TRUE(label != "scanner_instance" || value.starts_with(named)) << value;
    }
  }
}

TEST(Metrics, ReloadRemovesGaugesOfWhatIsGoneAndKeepsCountersOfPools) {
  Metrics metrics;
  metrics.declarePools({{"old", "nessus", {{"i", true, {}}}}, {"kept", "nmap", {{"i", true, {}}}}});
  metrics.recordDeadLetter("old");
  metrics.declarePools({{"kept", "nmap", {{"i", true, {}}}}});
  EXPECT_TRUE(std::isnan(valueOf(metrics, "scanhost_pool_capacity", {{"pool", "old"}})));
  EXPECT_TRUE(std::isnan(
      valueOf(metrics, "scanhost_scanner_capacity", {{"pool", "old"}, {"scanner_instance", "i"}})));
  EXPECT_TRUE(std::isnan(valueOf(metrics, "nessus_scanner_instances",
                                 {{"scanner_type", "nessus"}, {"enabled", "true"}})));
  EXPECT_EQ(valueOf(metrics, "scanhost_pool_capacity", {{"pool", "kept"}}), 0);
  EXPECT_EQ(valueOf(metrics, "scanhost_dead_letters_total", {{"pool", "old"}}), 1);
}

TEST(Metrics, LabelValuesFromOutsideAreBounded) {
  Metrics metrics;
  metrics.recordHttpResponse("/mcp", "BREW", 405, Seconds(0.1));
  EXPECT_EQ(valueOf(metrics, "scanhost_http_requests_total",
                    {{"route", "/mcp"}, {"method", "other"}, {"code", "405"}}),
            1);
  for (int i = 0; i < 8'000; ++i) metrics.recordToolCall("tool" + std::to_string(i), true);
  const auto families = metrics.snapshot();
  EXPECT_LE(familyIn(families, "nessus_api_requests_total")->metrics.size(), 5'001u);
  EXPECT_EQ(valueOf(metrics, "nessus_api_requests_total", {{"tool", "other"}, {"status", "other"}}),
            3'000);
}

TEST(Metrics, PluginsRegisterTheirOwn) {
  Metrics metrics;
  const auto counter = metrics.pluginCounter("transport-mcp", "scanhost_mcp_sessions_total",
                                             "Sessions", {{"era", "modern"}});
  ASSERT_TRUE(counter);
  counter->add();
  counter->add(-5);
  counter->add(NAN);
  EXPECT_EQ(valueOf(metrics, "scanhost_mcp_sessions_total", {{"era", "modern"}}), 1);
  const auto gauge = metrics.pluginGauge("transport-mcp", "scanhost_mcp_streams", "Streams");
  gauge->set(4);
  gauge->add(-1);
  EXPECT_EQ(valueOf(metrics, "scanhost_mcp_streams"), 3);
  const auto histogram =
      metrics.pluginHistogram("transport-mcp", "scanhost_mcp_bytes", "Bytes", {}, {10, 100});
  histogram->observe(50);
  EXPECT_EQ(sampleOf(metrics, "scanhost_mcp_bytes")->buckets[1].cumulative_count, 1u);
  EXPECT_TRUE(metrics.pluginCounter("transport-mcp", "scanhost_mcp_sessions_total", "Sessions",
                                    {{"era", "legacy"}}));
}

TEST(Metrics, PluginsCannotTakeBadOrForeignNames) {
  Metrics metrics;
  ASSERT_TRUE(metrics.pluginGauge("a", "scanhost_mine", "m", {{"x", "1"}}));
  EXPECT_FALSE(metrics.pluginCounter("b", "scanhost_mine", "m", {{"x", "1"}}));
  EXPECT_FALSE(metrics.pluginCounter("a", "scanhost_mine", "m", {{"x", "1"}}));
  EXPECT_FALSE(metrics.pluginGauge("a", "scanhost_mine", "m", {{"y", "1"}}));
  for (const char* name : {"", "mine", "scanhost_", "scanhost_Bad", "scanhost_a-b", "scanhost_a\n",
                           "nessus_scans_total", "scanhost_takeovers_total", "scanhost_x_bucket"})
    EXPECT_FALSE(metrics.pluginGauge("a", name, "m")) << name;
  for (const char* label : {"", "le", "__name__", "A", "1a", "a b"})
    EXPECT_FALSE(metrics.pluginGauge("a", "scanhost_other", "m", {{label, "v"}})) << label;
  EXPECT_FALSE(metrics.pluginGauge("a", "scanhost_other", "m", {{"x", "1"}, {"x", "2"}}));
  EXPECT_FALSE(metrics.pluginHistogram("a", "scanhost_h", "m", {}, {2, 1}));
  ASSERT_TRUE(metrics.pluginHistogram("a", "scanhost_h", "m", {{"x", "1"}}, {1, 2}));
  EXPECT_FALSE(metrics.pluginHistogram("a", "scanhost_h", "m", {{"x", "2"}}, {1, 3}));
}

TEST(Metrics, OnePluginCannotFloodTheRegistry) {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::max_plugin_series; ++i)
    ASSERT_TRUE(metrics.pluginGauge("a", "scanhost_many", "m", {{"i", std::to_string(i)}}));
  EXPECT_FALSE(metrics.pluginGauge("a", "scanhost_many", "m", {{"i", "one more"}}));
  EXPECT_TRUE(metrics.pluginGauge("b", "scanhost_few", "m"));
}

TEST(Metrics, ThreadsMoveSeriesWhileOthersDeclareAndRead) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        metrics.recordToolCall("t" + std::to_string(i % 7), true);
        metrics.updateScanner("p", "i" + std::to_string(i % 3), i, 4);
        if (t == 0 && i % 50 == 0) metrics.declarePools({{"p", "nmap", {{"i0", true, {}}}}});
        if (t == 1 && i % 50 == 0) metrics.snapshot();
      }
    });
  for (auto& thread : threads) thread.join();
  double total = 0;
  for (int i = 0; i < 7; ++i)
    total += valueOf(metrics, "nessus_api_requests_total",
                     {{"tool", "t" + std::to_string(i)}, {"status", "success"}});
  EXPECT_EQ(total, 2'000);
}

TEST(MetricExemplars, TheLastTaskOfEachBucketThatIsTracedIsShown) {
  Metrics metrics;
  const auto trace = *parseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  metrics.recordScanCompletion("untrusted", "completed", Metrics::Seconds(10), trace);
  metrics.recordScanCompletion("untrusted", "completed", Metrics::Seconds(20), trace);
  metrics.recordScanCompletion("untrusted", "failed", Metrics::Seconds(100'000), trace);
  metrics.recordScanCompletion("untrusted", "completed", Metrics::Seconds(30));

  for (const MetricFamily& family : metrics.snapshot()) {
    if (family.name != "nessus_task_duration_seconds") continue;
    const auto& exemplars = family.metrics.at(0).exemplars;
    ASSERT_EQ(exemplars.size(), 2u);
    EXPECT_EQ(exemplars[0].value, 20);
    EXPECT_EQ(traceIdOf(exemplars[0].trace), traceIdOf(trace));
    EXPECT_EQ(exemplars[1].value, 100'000);
    return;
  }
  FAIL() << "there is no such family";
}

}  // namespace
}  // namespace scanhost
