// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What it costs to call a plugin: the crossing itself, through the function table and the SDK's
/// C++ layer into a virtual function, beside a virtual call; and a whole call as the host makes
/// it, with its call context and the reading of the outcome.
#include <benchmark/benchmark.h>
#include <scanhost/abi/exporter.h>

#include <cstdlib>
#include <iostream>

#include "host/plugins/instance.h"
#include "tests/bench/figures.h"
#include "tests/bench/virtual_peer.h"

namespace scanhost::bench {
namespace {

/// Exits when the plugin cannot be had: there is nothing to measure then.
PluginInstance& plugin() {
  static const std::unique_ptr<PluginInstance> instance = [] {
    static PluginLoader loader({.folder = SCANHOST_BENCH_PLUGINS});
    const auto loaded = loader.load("exporter-bench");
    auto made = loaded ? PluginInstance::create(**loaded, SCANHOST_EXPORTER_ID, {.name = "bench"})
                       : tl::unexpected<Error>(loaded.error());
    if (!made) {
      std::cerr << made.error().message << '\n';
      std::exit(1);
    }
    return std::move(*made);
  }();
  return *instance;
}

void virtualCall(benchmark::State& state) {
  const auto peer = makeVirtualPeer();
  VirtualPeer* called = peer.get();
  for (auto _ : state) {
    benchmark::DoNotOptimize(called);
    called->flush(called);
  }
}
BENCHMARK(virtualCall);

void abiCall(benchmark::State& state) {
  const auto* table = &plugin().table<scanhost_exporter>();
  const HostCall call;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table);
    benchmark::DoNotOptimize(table->flush(plugin().self(), call.abi()));
  }
}
BENCHMARK(abiCall);

void hostCall(benchmark::State& state) {
  const auto* table = &plugin().table<scanhost_exporter>();
  for (auto _ : state) {
    HostCall call;
    const Status done = call.outcome(table->flush(plugin().self(), call.abi()), "flush");
    if (!done) state.SkipWithError(done.error().message.c_str());
  }
}
BENCHMARK(hostCall);

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using scanhost::bench::Reading;
  return scanhost::bench::runFigures(count, words,
                                     {{"A C ABI call through the C++ layer; peer: virtual call",
                                       "abiCall",
                                       "ns",
                                       Reading::cpu_time,
                                       {},
                                       "virtualCall",
                                       "peer + 5 ns"},
                                      {"A call as the host makes it; peer: virtual call",
                                       "hostCall",
                                       "ns",
                                       Reading::cpu_time,
                                       {},
                                       "virtualCall"}});
}
