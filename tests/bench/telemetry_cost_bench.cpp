// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What it costs a tool call to be seen: processor time of the service for a call with no exporter,
/// and with all of them: events to a file, traces to a collector, notices to a receiver, and a
/// scrape of the metrics each second.
///
///     bench_telemetry_cost [--repetitions=9]
///
/// The services run on processor 0 and clients and receivers on the last one. They take turns
/// within a repetition, so that what else the machine does meets them alike; the spread is that of
/// the differences. `--benchmark_min_time` (a smoke test's) makes everything small.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "tests/bench/figures.h"
#include "tests/bench/load.h"
#include "tests/bench/mcp_service.h"
#include "tests/support/folder.h"
#include "tests/support/post_receiver.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;
using testing_support::Folder;
using testing_support::PostReceiver;

constexpr int width = 16;

std::string allExporters(const Folder& folder, const PostReceiver& receiver) {
  const std::string to = "config: {url: \"" + receiver.url() + "\"";
  return eventsFile(folder.path()) + ", {plugin: exporter-prometheus}, {plugin: exporter-otlp, " +
         to + "}}, {plugin: exporter-webhook, " + to +
         ", secret: \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}";
}

/// Microseconds of the server's processor time a call.
double costOfACall(const ServedProgram& server, std::chrono::milliseconds duration, bool scraped) {
  Load load(server.port(), width, toolCall("list_pools"));
  load.run(duration / 10);
  const auto before = server.processorTime();
  double calls = 0;
  for (auto left = duration; left > 0ms; left -= std::min(left, 1'000ms)) {
    const auto part = std::min(left, 1'000ms);
    const LoadFigures figures = load.run(part);
    if (figures.failed > 0) std::fprintf(stderr, "calls failed\n"), std::exit(1);
    calls += figures.per_second * 1e-3 * static_cast<double>(part.count());
    if (scraped)
      Connection(server.port()).exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  const std::chrono::duration<double, std::micro> spent = server.processorTime() - before;
  return spent.count() / calls;
}

int run(const Rounds& rounds) {
  const Folder of_none, of_all;
  const PostReceiver receiver;
  const auto none = startMcpServiceSeenBy("", of_none.path());
  const auto all = startMcpServiceSeenBy(allExporters(of_all, receiver), of_all.path());
  pinTo(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  const auto duration = rounds.smoke ? 100ms : 3'000ms;
  std::vector<double> without, with, more;
  for (int i = 0; i < rounds.repetitions; ++i) {
    without.push_back(costOfACall(*none, duration, false));
    with.push_back(costOfACall(*all, duration, true));
    more.push_back(with.back() - without.back());
  }
  std::sort(more.begin(), more.end());
  std::printf("| figure: processor time of the service a tool call | measured |\n|---|---|\n");
  std::printf("| no exporter | %.1f us |\n", median(without));
  std::printf("| all exporters, a scrape a second | %.1f us |\n", median(with));
  std::printf("| more by (at most 5 us) | %.1f us, %.1f to %.1f |\n", median(more), more.front(),
              more.back());
  std::printf("| as a share | %.0f %% |\n", 100 * median(more) / median(without));
  return 0;
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  Rounds rounds;
  rounds.repetitions = 9;
  for (int i = 1; i < count; ++i)
    if (!rounds.take(words[i])) {
      std::fprintf(stderr, "%s: known is --repetitions=N\n", words[i]);
      return 64;
    }
  return run(rounds);
}
