// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What it costs one node to follow thousands of remote scans: threads, memory, processor time. The
/// scanner is scanner_bench.cpp, asked every ten seconds; the queue is queue-sqlite.
///
///     bench_following [--scans=100,10000] [--watch=30]
///
/// `--benchmark_min_time` (a smoke test's) makes everything small.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/served_program.h"
#include "tests/support/folder.h"

namespace scanhost::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int submitters = 8;

[[noreturn]] void giveUp(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

struct Options {
  std::vector<int> scans{100, 10'000};
  int watch_s = 30;
};

Options readOptions(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t value = word.find('=') + 1;
    if (word.rfind("--scans=", 0) == 0) {
      options.scans.clear();
      for (std::size_t at = value; at != 0 && at < word.size(); at = word.find(',', at) + 1)
        options.scans.push_back(std::atoi(word.c_str() + at));
    } else if (word.rfind("--watch=", 0) == 0) {
      options.watch_s = std::max(1, std::atoi(word.c_str() + value));
    } else if (word.rfind("--benchmark_min_time=", 0) == 0) {
      options = {{5}, 1};
    } else if (word.rfind("--benchmark_repetitions=", 0) != 0) {
      giveUp(word + ": known are --scans=N,N,... and --watch=SECONDS");
    }
  }
  return options;
}

/// The plugins that the node needs, with the one that does not belong to a build.
void copyPlugins(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  for (const char* name :
       {"queue-sqlite", "results-sqlite", "transport-mcp", "exporter-prometheus"})
    std::filesystem::copy(measuredBuild() / "plugins" / (std::string(name) + ".so"), folder);
  std::filesystem::copy(std::filesystem::path(SCANHOST_BENCH_PLUGINS) / "scanner-bench.so", folder);
}

std::string submission() {
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_untrusted_scan",)"
      R"("arguments":{"targets":"127.0.0.1","name":"followed"},)"
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Accept: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
         "Mcp-Method: tools/call\r\nMcp-Name: run_untrusted_scan\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Node {
 public:
  Node() {
    copyPlugins(folder_.path() / "plugins");
    const auto config = folder_.write(
        "scanhost.yaml",
        "node: {name: bench, data_dir: " + (folder_.path() / "data").string() +
            "}\n"
            "http: {listen: \"127.0.0.1:0\"}\n"
            "plugins: {dir: " +
            (folder_.path() / "plugins").string() +
            ", in_process: [scanner-bench]}\n"
            "transports: [{plugin: transport-mcp}]\n"
            "exporters: [{plugin: exporter-prometheus}]\n"
            "scanners: [{name: far, pool: far, plugin: scanner-bench, isolation: none,"
            " max_concurrent_scans: 10000}]\n"
            "limits: {queued_per_pool: 1000000, disk_free: 0B}\n"
            "tasks: {poll_interval: 10s, timeout: 1d}\n"
            "policy: {targets: {allow: [\"127.0.0.0/8\"]}}\n");
    program_ = std::make_unique<ServedProgram>(
        std::vector<std::string>{measuredBuild() / "bin/scanhost", "--config", config},
        "is ready on ");
  }

  /// Submits until so many were, and waits until it follows all of them.
  void follow(int scans) {
    std::atomic<int> left{scans - submitted_};
    std::vector<std::thread> clients;
    for (int i = 0; i < submitters; ++i)
      clients.emplace_back([this, &left] {
        Connection connection(program_->port());
        while (left-- > 0)
          if (connection.exchange(submission()) != 200 ||
              connection.answer().find("\"isError\":true") != std::string::npos)
            giveUp("a submission was refused:\n" + connection.answer());
      });
    for (std::thread& client : clients) client.join();
    submitted_ = scans;
    while (active() < scans) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }

  const ServedProgram& program() const { return *program_; }

 private:
  int active() const {
    Connection connection(program_->port());
    connection.exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::size_t at = connection.answer().find("\nnessus_active_scans ");
    return at == std::string::npos ? 0 : std::atoi(connection.answer().c_str() + at + 21);
  }

  testing_support::Folder folder_;
  std::unique_ptr<ServedProgram> program_;
  int submitted_ = 0;
};

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  const Options options = readOptions(count, words);
  Node node;
  std::printf("| %-37s | %8s | %14s | %18s | %16s |\n", "figure: remote scans followed at once",
              "threads", "resident", "cores, 10 s poll", "until all run");
  std::printf("|%s|%s|%s|%s|%s|\n", std::string(39, '-').c_str(), std::string(10, '-').c_str(),
              std::string(16, '-').c_str(), std::string(20, '-').c_str(),
              std::string(18, '-').c_str());
  for (const int scans : options.scans) {
    const auto began = Clock::now();
    node.follow(scans);
    const double until_all_run = seconds(Clock::now() - began);
    const auto before = node.program().processorTime();
    const auto watched = Clock::now();
    std::this_thread::sleep_for(std::chrono::seconds(options.watch_s));
    const double cores =
        seconds(node.program().processorTime() - before) / seconds(Clock::now() - watched);
    std::printf("| %-37d | %8.0f | %10.0f MiB | %18.2f | %14.0f s |\n", scans,
                node.program().memory("Threads"), node.program().memory("VmRSS") / 1024, cores,
                until_all_run);
    std::fflush(stdout);
  }
  return 0;
}
