// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the whole service costs, with every plugin configured: its start, its memory when idle, the
/// loading of its plugins, a request to it. It runs as a child process.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "host/abi/service_registry.h"
#include "host/plugins/loader.h"
#include "tests/bench/figures.h"
#include "tests/bench/peer_servers.h"
#include "tests/bench/served_program.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;

/// tests/simulators/nessus on a free port; its line names the fingerprint of its certificate.
std::unique_ptr<ServedProgram> startNessus() {
  return std::make_unique<ServedProgram>(
      std::vector<std::string>{measuredBuild() / "bin/nessus-simulator", "--listen", "127.0.0.1:0",
                               "--access-key", "a", "--secret-key", "b"},
      "listening on ");
}

enum class Nessus { there, absent };

/// A folder with a configuration of every plugin, and the Nessus that it names, if that is there.
class Installation {
 public:
  explicit Installation(Nessus nessus = Nessus::there) {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) std::exit(1);
    path_ = name;
    std::string port = "1", fingerprint(64, '0');
    if (nessus == Nessus::there) {
      nessus_ = startNessus();
      port = std::to_string(nessus_->port());
      fingerprint = nessus_->line().substr(nessus_->line().find("sha256:") + 7, 64);
    }
    std::ofstream(path_ / "scanhost.yaml")
        << "node: {name: bench, data_dir: " << name << "/data}\n"
        << "http: {listen: \"127.0.0.1:0\"}\n"
        << "transports: [{plugin: transport-mcp}]\n"
        << "exporters:\n  - {plugin: exporter-prometheus}\n"
        << "  - {plugin: exporter-jsonlog, config: {output: file, file: {path: " << name
        << "/events.jsonl}}}\n"
        << "scanners:\n  - {name: local, pool: nmap, plugin: scanner-nmap}\n"
        << "  - {name: lan, pool: nessus, plugin: scanner-nessus, config: {url: "
        << "\"https://127.0.0.1:" << port << "\", access_key: a, secret_key: b, tls: "
        << "{pin_sha256: \"" << fingerprint << "\"}}}\n"
        << "policy: {targets: {allow: [\"127.0.0.0/8\"]}}\n";
  }
  ~Installation() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  std::unique_ptr<ServedProgram> start() const {
    return std::make_unique<ServedProgram>(
        std::vector<std::string>{measuredBuild() / "bin/scanhost", "--config",
                                 path_ / "scanhost.yaml"},
        "is ready on ");
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<ServedProgram> nessus_;
};

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// Manual time: from the fork to the line that says so. The counter `readyz` goes on to the answer
/// 200 of /readyz, which is asked for after the line.
void timeStart(benchmark::State& state, const Installation& installation) {
  double to_readyz = 0;
  double processor = 0;
  for (auto _ : state) {
    const auto service = installation.start();
    state.SetIterationTime(seconds(service->timeToSign()));
    if (Connection(service->port()).exchange(get("/readyz")) != 200)
      state.SkipWithError("/readyz is not 200");
    to_readyz += seconds(std::chrono::steady_clock::now() - service->began());
    processor += seconds(service->processorTime());
  }
  const auto count = static_cast<double>(state.iterations());
  state.counters["readyz_ms"] = to_readyz * 1e3 / count;
  state.counters["processor_ms"] = processor * 1e3 / count;
}

void start(benchmark::State& state) {
  const Installation installation;
  installation.start();
  timeStart(state, installation);
}
BENCHMARK(start)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The start waits a bounded while for what a scanner says of itself.
void startWithoutNessus(benchmark::State& state) {
  const Installation installation(Nessus::absent);
  installation.start();
  timeStart(state, installation);
}
BENCHMARK(startWithoutNessus)->UseManualTime()->Unit(benchmark::kMillisecond);

void idleMemory(benchmark::State& state) {
  const Installation installation;
  const auto service = installation.start();
  std::this_thread::sleep_for(2s);
  for (auto _ : state) benchmark::DoNotOptimize(service->memory("VmRSS"));
  state.counters["resident_mib"] = service->memory("VmRSS") / 1024;
  state.counters["private_mib"] = service->memory("RssAnon") / 1024;
}
BENCHMARK(idleMemory)->Iterations(1)->Unit(benchmark::kMillisecond);

constexpr const char* plugins[] = {"queue-sqlite",   "results-sqlite",      "scanner-nmap",
                                   "scanner-nessus", "exporter-prometheus", "exporter-jsonlog",
                                   "transport-mcp"};

/// The other half of `loadPlugins`: a library stays loaded, so each round is a process.
int loadAll() {
  // Loading asks whether a service is there, and no more.
  static const scanhost_service there{};
  static ServiceRegistry services;
  for (const KnownTable& known : knownServices()) services.add(std::string(known.id), &there);
  const auto began = std::chrono::steady_clock::now();
  PluginLoader loader({.folder = measuredBuild() / "plugins", .services = &services});
  for (const char* plugin : plugins)
    if (const auto loaded = loader.load(plugin); !loaded) {
      std::cerr << loaded.error().message << '\n';
      return 1;
    }
  std::cout << std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count() << '\n';
  return 0;
}

void loadPlugins(benchmark::State& state) {
  const std::string command = "'" + thisProgram() + "' --load-plugins";
  for (auto _ : state) {
    FILE* child = popen(command.c_str(), "r");
    long long nanoseconds = 0;
    const bool told = child && std::fscanf(child, "%lld", &nanoseconds) == 1;
    if (child) pclose(child);
    if (!told) {
      state.SkipWithError("the plugins were not loaded");
      return;
    }
    state.SetIterationTime(static_cast<double>(nanoseconds) / 1e9);
  }
}
BENCHMARK(loadPlugins)->UseManualTime()->Unit(benchmark::kMillisecond);

void timeRequests(benchmark::State& state, const ServedProgram& server,
                  const std::string& request) {
  Connection connection(server.port());
  for (int i = 0; i < 200; ++i) connection.exchange(request);
  const auto before = server.processorTime();
  for (auto _ : state)
    if (connection.exchange(request) != 200) {
      state.SkipWithError(connection.answer().c_str());
      return;
    }
  state.counters["server_us"] =
      seconds(server.processorTime() - before) * 1e6 / static_cast<double>(state.iterations());
}

void health(benchmark::State& state) {
  const Installation installation;
  timeRequests(state, *installation.start(), get("/health"));
}
BENCHMARK(health)->UseRealTime()->Unit(benchmark::kMicrosecond);

void livez(benchmark::State& state) {
  const Installation installation;
  timeRequests(state, *installation.start(), get("/livez"));
}
BENCHMARK(livez)->UseRealTime()->Unit(benchmark::kMicrosecond);

void listenerAlone(benchmark::State& state) {
  const ServedProgram server({thisProgram(), "--serve", "listener"}, "peer on ");
  timeRequests(state, server, get("/health"));
}
BENCHMARK(listenerAlone)->UseRealTime()->Unit(benchmark::kMicrosecond);

void pocoServer(benchmark::State& state) {
  const ServedProgram server({thisProgram(), "--serve", "poco"}, "peer on ");
  timeRequests(state, server, get("/health"));
}
BENCHMARK(pocoServer)->UseRealTime()->Unit(benchmark::kMicrosecond);

std::string toolCall() {
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{},)"
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Accept: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
         "Mcp-Method: tools/call\r\nMcp-Name: list_tasks\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void listTasks(benchmark::State& state) {
  const Installation installation;
  timeRequests(state, *installation.start(), toolCall());
}
BENCHMARK(listTasks)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  const std::string_view first = count > 1 ? words[1] : "";
  if (first == "--load-plugins") return loadAll();
  if (first == "--serve") return count > 2 && servePeer(words[2]) ? 0 : 64;
  return runFigures(
      count, words,
      {{"Start to 'is ready on', every plugin configured",
        "start",
        "ms",
        Reading::real_time,
        {},
        {},
        "under 200 ms"},
       {"Start to /readyz 200", "start", "ms", Reading::counter, "readyz_ms", {}, "under 200 ms"},
       {"  processor time in it", "start", "ms", Reading::counter, "processor_ms"},
       {"Start when the Nessus cannot be reached",
        "startWithoutNessus",
        "ms",
        Reading::real_time,
        {},
        {},
        "waits at most 1 s"},
       {"Idle resident memory, all plugins in process",
        "idleMemory",
        "MiB",
        Reading::counter,
        "resident_mib",
        {},
        "under 40 MiB"},
       {"  of it private", "idleMemory", "MiB", Reading::counter, "private_mib"},
       {"Loading all plugins", "loadPlugins", "ms", Reading::real_time, {}, {}, "under 50 ms"},
       {"GET /livez; peer: bare Poco HTTPServer",
        "livez",
        "us",
        Reading::real_time,
        {},
        "pocoServer"},
       {"GET /health; peer: the listener alone",
        "health",
        "us",
        Reading::real_time,
        {},
        "listenerAlone"},
       {"  processor time of the server", "health", "us", Reading::counter, "server_us",
        "listenerAlone"},
       {"The listener alone; peer: bare Poco HTTPServer",
        "listenerAlone",
        "us",
        Reading::real_time,
        {},
        "pocoServer"},
       {"  processor time of the server", "listenerAlone", "us", Reading::counter, "server_us",
        "pocoServer"},
       {"tools/call list_tasks over MCP; peer: listener alone",
        "listTasks",
        "us",
        Reading::real_time,
        {},
        "listenerAlone"},
       {"  processor time of the server", "listTasks", "us", Reading::counter, "server_us",
        "listenerAlone"}});
}
