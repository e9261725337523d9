// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What isolation costs: the start of a runner, a call into it, findings through it, each beside
/// the same in this process; and what others feel while one instance misbehaves.
#include <benchmark/benchmark.h>
#include <scanhost/abi/exporter.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "host/plugins/instance.h"
#include "host/plugins/scanner_client.h"
#include "tests/bench/figures.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void giveUp(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(1);
}

std::unique_ptr<PluginInstance> make(const std::string& plugin, std::string_view interface,
                                     bool isolated) {
  static PluginLoader loader({.folder = SCANHOST_BENCH_PLUGINS,
                              .runner = {.program = measuredBuild() / "bin/scanhost-runner",
                                         .memory_bytes = 256u << 20,
                                         .first_backoff = 20ms,
                                         .longest_backoff = 20ms,
                                         .crashes_to_give_up = 1 << 20}});
  const auto loaded = isolated ? loader.isolate(plugin) : loader.load(plugin);
  if (!loaded) giveUp(loaded.error().message);
  auto made = PluginInstance::create(**loaded, interface, {.name = "bench"});
  if (!made) giveUp(made.error().message);
  if (const Status started = (*made)->start({.timeout = 10s}); !started)
    giveUp(started.error().message);
  return std::move(*made);
}

/// Until an instance in a new process was made, started and stopped again; the process's end, too.
void runnerLife(benchmark::State& state) {
  for (auto _ : state) make("exporter-bench", SCANHOST_EXPORTER_ID, true);
}
BENCHMARK(runnerLife)->Unit(benchmark::kMillisecond)->UseRealTime();

void spawnToReady(benchmark::State& state) {
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    const auto instance = make("exporter-bench", SCANHOST_EXPORTER_ID, true);
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
}
BENCHMARK(spawnToReady)->Unit(benchmark::kMillisecond)->UseManualTime();

void flush(const PluginInstance& instance) {
  const HostCall call({.timeout = 10s});
  benchmark::DoNotOptimize(instance.table<scanhost_exporter>().flush(instance.self(), call.abi()));
}

void callHere(benchmark::State& state) {
  const auto instance = make("exporter-bench", SCANHOST_EXPORTER_ID, false);
  for (auto _ : state) flush(*instance);
}
BENCHMARK(callHere)->UseRealTime();

void callThere(benchmark::State& state) {
  const auto instance = make("exporter-bench", SCANHOST_EXPORTER_ID, true);
  for (auto _ : state) flush(*instance);
}
BENCHMARK(callThere)->Unit(benchmark::kMicrosecond)->UseRealTime();

class Counter : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> findings) override {
    count += findings.size();
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const>) override { return {}; }
  Status onProgress(int, std::string_view) override { return {}; }
  Status onSummary(const Summary&) override { return {}; }
  std::size_t count = 0;
};

Status scan(const PluginInstance& instance, const std::string& name, CallOptions options,
            std::size_t* told = nullptr) {
  const ScannerClient client("scanner-flow", &instance.table<scanhost_interface>(), instance.self(),
                             ScannerKind::local);
  ScanRequest request;
  request.name = name;
  Counter counter;
  Status done = client.scan(request, counter, std::move(options));
  if (told) *told += counter.count;
  return done;
}

void findings(benchmark::State& state, bool isolated) {
  constexpr const char* each = "100000";
  const auto instance = make("scanner-flow", SCANHOST_SCANNER_LOCAL_ID, isolated);
  std::size_t told = 0;
  for (auto _ : state)
    if (const Status done = scan(*instance, each, {.timeout = 60s}, &told); !done)
      state.SkipWithError(done.error().message.c_str());
  state.counters["findings"] =
      benchmark::Counter(static_cast<double>(told), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(findings, here, false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(findings, there, true)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Another instance that misbehaves all the while; one of no name does nothing.
class Neighbour {
 public:
  explicit Neighbour(const char* deed) {
    if (!*deed) return;
    instance_ = make("scanner-flow", SCANHOST_SCANNER_LOCAL_ID, true);
    thread_ = std::thread([this, deed] {
      while (!stop_->cancelled()) {
        (void)scan(*instance_, deed, {.timeout = 30s, .cancel = stop_});
        if (!stop_->cancelled()) std::this_thread::sleep_for(1ms);
      }
    });
  }
  ~Neighbour() {
    stop_->cancel();
    if (thread_.joinable()) thread_.join();
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

 private:
  const std::shared_ptr<CancelSource> stop_ = std::make_shared<CancelSource>();
  std::unique_ptr<PluginInstance> instance_;
  std::thread thread_;
};

void callBeside(benchmark::State& state, const char* deed) {
  const auto instance = make("exporter-bench", SCANHOST_EXPORTER_ID, true);
  const Neighbour neighbour(deed);
  std::vector<double> took;
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    flush(*instance);
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
            .count());
    std::this_thread::sleep_for(200us);
  }
  std::sort(took.begin(), took.end());
  state.counters["p99_us"] = took[took.size() * 99 / 100];
}
BENCHMARK_CAPTURE(callBeside, nobody, "")->UseRealTime()->Iterations(5000);
BENCHMARK_CAPTURE(callBeside, blocked, "block")->UseRealTime()->Iterations(5000);
BENCHMARK_CAPTURE(callBeside, crashing, "crash")->UseRealTime()->Iterations(5000);
BENCHMARK_CAPTURE(callBeside, leaking, "leak")->UseRealTime()->Iterations(5000);
BENCHMARK_CAPTURE(callBeside, flooding, "flood")->UseRealTime()->Iterations(5000);
BENCHMARK_CAPTURE(callBeside, spinning, "spin")->UseRealTime()->Iterations(5000);

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using scanhost::bench::Figure;
  using scanhost::bench::Reading;
  std::vector<Figure> figures = {
      {"A runner, from nothing to a started instance",
       "spawnToReady",
       "ms",
       Reading::real_time,
       {},
       {},
       "20 ms"},
      {"... and to its end", "runnerLife", "ms"},
      {"A call into a runner; peer: in this process",
       "callThere",
       "us",
       Reading::real_time,
       {},
       "callHere",
       "50 us"},
      {"Findings a second through a runner; peer: in this process", "findings/there", "/s",
       Reading::counter, "findings", "findings/here", "500,000"}};
  for (const char* deed : {"blocked", "crashing", "leaking", "flooding", "spinning"})
    figures.push_back({std::string("p99 of a call beside one ") + deed + "; peer: beside nobody",
                       std::string("callBeside/") + deed + "", "us", Reading::counter, "p99_us",
                       "callBeside/nobody", "peer"});
  return scanhost::bench::runFigures(count, words, figures);
}
