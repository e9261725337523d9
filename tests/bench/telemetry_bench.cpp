// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What it costs to be seen: an event handed over and written, a metric moved, a scrape of 10,000
/// series beside those who move metrics meanwhile, and the memory that all of it holds.
///
/// Metrics are moved by the functions that the service calls, with the label values it gives, and
/// events have the fields of the most frequent ones; both go through the plugins as built. Times
/// are of the processor, so that threads that share one are not counted twice.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "host/plugins/exporter_client.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"
#include "tests/bench/figures.h"
#include "tests/support/folder.h"

namespace scanhost::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = Metrics::Seconds;

constexpr std::size_t batch_size = 256;
constexpr const char* trace_id = "0af76519-16cd-43dd-8448-eb211c80319c";

/// Exits when the plugin cannot be had: there is nothing to measure then.
ExporterClient openExporter(const std::string& name, Json settings) {
  static PluginLoader loader({.folder = measuredBuild() / "plugins"});
  const auto loaded = loader.load(name);
  auto made = loaded ? PluginInstance::create(**loaded, SCANHOST_EXPORTER_ID,
                                              {.name = "bench", .settings = std::move(settings)})
                     : tl::unexpected<Error>(loaded.error());
  const Status started = made ? (*made)->start({}) : tl::unexpected<Error>(made.error());
  if (!started) {
    std::cerr << started.error().message << '\n';
    std::exit(1);
  }
  return ExporterClient(std::move(*made));
}

Json fieldsOfATask() {
  return Json::object({{"task_id", "7f1c7c0e-9f0b-4b53-8c0b-0d6a3c1f2b11"},
                       {"scanner_pool", "nessus"},
                       {"scanner_instance", "scanner1"},
                       {"nessus_scan_id", 4711},
                       {"scanner_status", "running"},
                       {"progress", 42}});
}

void emitOne(EventLog& log) {
  log.emit(Level::info, "dispatcher", "scan_progress", trace_id, fieldsOfATask());
}

void fill(EventLog& log) {
  for (std::size_t i = 0; i < 50'000; ++i) emitOne(log);
}

// --- events ------------------------------------------------------------------------------------

/// With the making of its fields, which is the caller's part of it.
void eventHandedOver(benchmark::State& state) {
  EventLog log;
  fill(log);
  for (auto _ : state) emitOne(log);
}
BENCHMARK(eventHandedOver);

void fieldsMade(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fieldsOfATask());
}
BENCHMARK(fieldsMade);

EventLog& sharedLog() {
  static EventLog log;
  return log;
}

void eventHandedOverByFour(benchmark::State& state) {
  if (state.thread_index() == 0) fill(sharedLog());
  for (auto _ : state) emitOne(sharedLog());
}
BENCHMARK(eventHandedOverByFour)->Threads(4);

/// From the ring to the file: rendered, given to exporter-jsonlog, written. The handing over
/// stands outside of the time.
void eventWritten(benchmark::State& state) {
  const testing_support::Folder folder;
  ExporterClient jsonlog =
      openExporter("exporter-jsonlog",
                   Json::object({{"output", "file"},
                                 {"file", Json::object({{"path", (folder.path() / "log").string()},
                                                        {"max_size", 100 << 20},
                                                        {"max_files", 1}})}}));
  EventLog log;
  const auto reader = log.subscribe("bench");
  std::size_t left = 0;
  std::vector<EventPtr> batch;
  while (state.KeepRunningBatch(batch_size)) {
    state.PauseTiming();
    for (std::size_t i = 0; i < batch_size; ++i) emitOne(log);
    state.ResumeTiming();
    batch = reader->waitBatch(batch_size, std::chrono::milliseconds(0));
    left += batch_size - batch.size();
    if (const Status written = jsonlog.write(batch, {}); !written)
      state.SkipWithError(written.error().message.c_str());
  }
  if (left > 0) state.SkipWithError("events were lost");
}
BENCHMARK(eventWritten);

// --- metrics -----------------------------------------------------------------------------------

/// A service's, with two pools of a few scanners.
Metrics& metrics() {
  static Metrics& made = [&]() -> Metrics& {
    static Metrics all;
    all.declareTools({"run_untrusted_scan", "get_scan_status", "list_tasks"});
    std::vector<PoolSeries> pools{{"nessus", "nessus", {}}, {"nmap", "nmap", {}}};
    for (PoolSeries& pool : pools)
      for (int i = 0; i < 5; ++i)
        pool.instances.push_back({"scanner" + std::to_string(i), true, {"poll", "collect"}});
    all.declarePools(pools);
    all.declareRoute("/mcp", {"POST"});
    return all;
  }();
  return made;
}

template <auto Move>
void moved(benchmark::State& state) {
  Metrics& all = metrics();
  for (auto _ : state) Move(all);
}

constexpr auto move_counter = [](Metrics& all) { all.recordScanSubmission("untrusted"); };
constexpr auto move_counter_of_pool = [](Metrics& all) { all.recordTakeover("nessus"); };
constexpr auto move_tool_call = [](Metrics& all) { all.recordToolCall("get_scan_status", true); };
constexpr auto move_gauge = [](Metrics& all) { all.updateLeasesHeld(7); };
constexpr auto move_gauge_of_instance = [](Metrics& all) {
  all.updateCircuit("nessus", "scanner3", CircuitGauge::closed);
};
constexpr auto move_histogram = [](Metrics& all) {
  all.observeQueueOperation("lease", true, Seconds(0.003));
};
constexpr auto move_histogram_of_instance = [](Metrics& all) {
  all.observeScannerRequest("nessus", "scanner3", "poll", true, Seconds(0.03));
};
constexpr auto move_response = [](Metrics& all) {
  all.recordHttpResponse("/mcp", "POST", 200, Seconds(0.001));
};

BENCHMARK_TEMPLATE(moved, move_counter)->Name("counter");
BENCHMARK_TEMPLATE(moved, move_counter)->Name("counterByFour")->Threads(4);
BENCHMARK_TEMPLATE(moved, move_counter_of_pool)->Name("counterOfPool");
BENCHMARK_TEMPLATE(moved, move_tool_call)->Name("toolCall");
BENCHMARK_TEMPLATE(moved, move_tool_call)->Name("toolCallByFour")->Threads(4);
BENCHMARK_TEMPLATE(moved, move_gauge)->Name("gauge");
BENCHMARK_TEMPLATE(moved, move_gauge)->Name("gaugeByFour")->Threads(4);
BENCHMARK_TEMPLATE(moved, move_gauge_of_instance)->Name("gaugeOfInstance");
BENCHMARK_TEMPLATE(moved, move_gauge_of_instance)->Name("gaugeOfInstanceByFour")->Threads(4);
BENCHMARK_TEMPLATE(moved, move_histogram)->Name("histogram");
BENCHMARK_TEMPLATE(moved, move_histogram)->Name("histogramByFour")->Threads(4);
BENCHMARK_TEMPLATE(moved, move_histogram_of_instance)->Name("histogramOfInstance");
BENCHMARK_TEMPLATE(moved, move_histogram_of_instance)
    ->Name("histogramOfInstanceByFour")
    ->Threads(4);
BENCHMARK_TEMPLATE(moved, move_response)->Name("response");

void pluginCounter(benchmark::State& state) {
  const auto counter = metrics().pluginCounter("bench", "scanhost_bench_things_total", "Things");
  for (auto _ : state) counter->add();
}
BENCHMARK(pluginCounter);
BENCHMARK(pluginCounter)->Name("pluginCounterByFour")->Threads(4);

void pluginHistogram(benchmark::State& state) {
  const auto histogram = metrics().pluginHistogram("bench", "scanhost_bench_wait_seconds", "Waits");
  for (auto _ : state) histogram->observe(0.003);
}
BENCHMARK(pluginHistogram);
BENCHMARK(pluginHistogram)->Name("pluginHistogramByFour")->Threads(4);

// --- a scrape ----------------------------------------------------------------------------------

constexpr std::size_t large = 10'000;

/// Lines of the document: a histogram of eight bounds is eleven.
std::size_t countSeries(const Metrics& all) {
  std::size_t count = 0;
  for (const MetricFamily& family : all.snapshot())
    for (const MetricSample& sample : family.metrics)
      count += sample.buckets.empty() ? 1 : sample.buckets.size() + 2;
  return count;
}

/// A tenth in histograms, as in a service, the rest each a series by itself.
void growTo(Metrics& all, std::size_t series) {
  std::size_t i = 0;
  const std::size_t histograms = series / 10 / 11;
  for (; i < histograms; ++i)
    all.observeScannerRequest("nessus", "scanner" + std::to_string(i), "poll", true,
                              Seconds(0.003));
  for (std::size_t count = countSeries(all); count < series; ++count, ++i) {
    const std::string instance = "scanner" + std::to_string(i);
    const std::string family = "scanhost_family" + std::to_string(i / 900) + "_total";
    const auto made = all.pluginCounter("plugin" + std::to_string(i / 900), family, "Things",
                                        {{"pool", "nessus"}, {"scanner_instance", instance}});
    made->add(static_cast<double>(i));
  }
}

ExporterClient& prometheus() {
  static ExporterClient made =
      openExporter("exporter-prometheus", Json::object({{"path", "/metrics"}}));
  return made;
}

/// One look: the snapshot, and the document rendered by the plugin.
std::size_t scrape(const Metrics& all) {
  const auto document = prometheus().render(all.snapshot(), "text/plain", {});
  return document ? document->body.size() : 0;
}

void scrapeOfTenThousand(benchmark::State& state) {
  Metrics all;
  growTo(all, large);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = scrape(all);
  state.counters["series"] = static_cast<double>(countSeries(all));
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(scrapeOfTenThousand)->Unit(benchmark::kMillisecond);

void snapshotOfTenThousand(benchmark::State& state) {
  Metrics all;
  growTo(all, large);
  for (auto _ : state) benchmark::DoNotOptimize(all.snapshot());
}
BENCHMARK(snapshotOfTenThousand)->Unit(benchmark::kMillisecond);

/// How long a writer waited for one move, at the longest and as the 99.9th of 100, while another
/// thread scrapes again and again, or does the same amount of arithmetic.
void writerBeside(benchmark::State& state, bool scraped) {
  Metrics all;
  growTo(all, large);
  prometheus();
  std::atomic<bool> over{false};
  std::thread other([&] {
    std::size_t sum = 0;
    while (!over)
      if (scraped)
        sum += scrape(all);
      else
        for (std::size_t i = 0; i < 10'000; ++i) benchmark::DoNotOptimize(sum += i);
  });
  std::vector<double> waits;
  for (auto _ : state) {
    const auto began = Clock::now();
    all.recordScanSubmission("untrusted");
    all.observeQueueOperation("lease", true, Seconds(0.003));
    waits.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  over = true;
  other.join();
  std::sort(waits.begin(), waits.end());
  state.counters["p999_us"] = waits[waits.size() - 1 - waits.size() / 1000];
  state.counters["p9999_us"] = waits[waits.size() - 1 - waits.size() / 10000];
  state.counters["longest_us"] = waits.back();
}
void writerBesideAScrape(benchmark::State& state) {
  writerBeside(state, true);
}
void writerBesideArithmetic(benchmark::State& state) {
  writerBeside(state, false);
}
BENCHMARK(writerBesideAScrape)->Iterations(500'000);
BENCHMARK(writerBesideArithmetic)->Iterations(500'000);

// --- memory ------------------------------------------------------------------------------------

double heapBytes() {
  const auto heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd);
}

/// What the allocator has given out for a full ring and 10,000 series.
void memoryHeld(benchmark::State& state) {
  constexpr double mebibyte = 1 << 20;
  for (auto _ : state) {
    const double before = heapBytes();
    EventLog log;
    fill(log);
    const double with_events = heapBytes();
    Metrics all;
    growTo(all, large);
    const double with_both = heapBytes();
    state.counters["ring_MiB"] = (with_events - before) / mebibyte;
    state.counters["series_MiB"] = (with_both - with_events) / mebibyte;
    state.counters["MiB"] = (with_both - before) / mebibyte;
  }
}
BENCHMARK(memoryHeld)->Iterations(1);

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using scanhost::bench::Figure;
  using scanhost::bench::Reading;
  const auto cpu = [](const char* title, const char* benchmark, const char* unit,
                      const char* target) {
    return Figure{title, benchmark, unit, Reading::cpu_time, {}, {}, target};
  };
  const auto counted = [](const char* title, const char* benchmark, const char* counter,
                          const char* unit, const char* target, const char* peer = "") {
    return Figure{title, benchmark, unit, Reading::counter, counter, peer, target};
  };
  return scanhost::bench::runFigures(
      count, words,
      {cpu("An event handed over, its six fields made", "eventHandedOver", "ns", "under 1,000 ns"),
       cpu("  of it the making of the fields", "fieldsMade", "ns", ""),
       cpu("  by each of four threads", "eventHandedOverByFour", "ns", ""),
       cpu("  from the ring into the file of exporter-jsonlog", "eventWritten", "ns",
           "under 3,000 ns"),
       cpu("A counter moved (scan submitted)", "counter", "ns", "under 10 ns"),
       cpu("  by each of four threads", "counterByFour", "ns", "under 60 ns"),
       cpu("  a pool's (takeover)", "counterOfPool", "ns", "under 10 ns"),
       cpu("  a tool's (tool call)", "toolCall", "ns", "under 10 ns"),
       cpu("  the same by each of four threads", "toolCallByFour", "ns", "under 60 ns"),
       cpu("  a plugin's", "pluginCounter", "ns", "under 10 ns"),
       cpu("  the same by each of four threads", "pluginCounterByFour", "ns", "under 60 ns"),
       cpu("A gauge set (leases held)", "gauge", "ns", "under 10 ns"),
       cpu("  by each of four threads", "gaugeByFour", "ns", "under 60 ns"),
       cpu("  a scanner's (circuit)", "gaugeOfInstance", "ns", "under 10 ns"),
       cpu("  the same by each of four threads", "gaugeOfInstanceByFour", "ns", "under 60 ns"),
       cpu("A histogram moved (queue operation)", "histogram", "ns", "under 20 ns"),
       cpu("  by each of four threads", "histogramByFour", "ns", "under 200 ns"),
       cpu("  a scanner's (request)", "histogramOfInstance", "ns", "under 20 ns"),
       cpu("  the same by each of four threads", "histogramOfInstanceByFour", "ns", "under 200 ns"),
       cpu("  a plugin's", "pluginHistogram", "ns", "under 20 ns"),
       cpu("  the same by each of four threads", "pluginHistogramByFour", "ns", "under 200 ns"),
       cpu("An HTTP response: a counter and a histogram", "response", "ns", ""),
       {"A scrape of 10,000 series, rendered by exporter-prometheus",
        "scrapeOfTenThousand",
        "ms",
        Reading::real_time,
        {},
        {},
        "under 30 ms"},
       {"  of it the snapshot", "snapshotOfTenThousand", "ms"},
       counted("Two moves beside scrapes, p99.9; peer: beside arithmetic", "writerBesideAScrape",
               "p999_us", "us", "no more", "writerBesideArithmetic"),
       counted("  p99.99", "writerBesideAScrape", "p9999_us", "us", "", "writerBesideArithmetic"),
       counted("  the longest of 500,000", "writerBesideAScrape", "longest_us", "us", "no more",
               "writerBesideArithmetic"),
       counted("Memory held: a full ring and 10,000 series", "memoryHeld", "MiB", "MiB",
               "under 8 MiB"),
       counted("  of it the ring", "memoryHeld", "ring_MiB", "MiB", ""),
       counted("  of it the series", "memoryHeld", "series_MiB", "MiB", "")});
}
