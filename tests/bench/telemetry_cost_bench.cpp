// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What it costs a tool call to be seen: processor time of the service for a call with no exporter,
/// with each of them (events to a file, traces to a collector, notices to a receiver, the metrics
/// scraped each second), and with all.
///
///     bench_telemetry_cost [--repetitions=60]
///
/// The services run on processor 0 and clients and receivers on the last one. They take short turns
/// within a repetition, so that what else the machine does meets them alike; what a service costs
/// more than the one without exporters is the median of the differences within a repetition, shown
/// with their quartiles. A second service without exporters tells how far such a figure can be
/// trusted. `--benchmark_min_time` (a smoke test's) makes everything small.
#include <algorithm>
#include <cstdio>
#include <list>
#include <map>
#include <memory>
#include <thread>
#include <vector>

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

/// By what a service is seen; `exporters` makes the entries of its list.
struct Seen {
  const char* name;
  std::string (*exporters)(const Folder& folder, const PostReceiver& receiver);
  bool scraped;
};

std::string none(const Folder&, const PostReceiver&) {
  return "";
}
std::string log(const Folder& folder, const PostReceiver&) {
  return eventsFile(folder.path());
}
std::string metrics(const Folder&, const PostReceiver&) {
  return "{plugin: exporter-prometheus}";
}
std::string posting(const char* plugin, const PostReceiver& receiver, const char* more = "") {
  return std::string("{plugin: ") + plugin + ", config: {url: \"" + receiver.url() + "\"" + more +
         "}}";
}
std::string traces(const Folder&, const PostReceiver& receiver) {
  return posting("exporter-otlp", receiver);
}
std::string notices(const Folder&, const PostReceiver& receiver) {
  return posting("exporter-webhook", receiver,
                 ", secret: \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"");
}
std::string all(const Folder& folder, const PostReceiver& receiver) {
  return log(folder, receiver) + ", " + metrics(folder, receiver) + ", " +
         traces(folder, receiver) + ", " + notices(folder, receiver);
}

constexpr Seen ways[] = {
    {"no exporter", none, false},
    {"no exporter, once more", none, false},
    {"exporter-jsonlog, to a file", log, false},
    {"exporter-prometheus, a scrape a second", metrics, true},
    {"exporter-otlp", traces, false},
    {"exporter-webhook", notices, false},
    {"all of them", all, true},
};

class Service {
 public:
  Service(const Seen& by, const PostReceiver& receiver)
      : seen_(by),
        program_(startMcpServiceSeenBy(by.exporters(folder_, receiver), folder_.path())),
        load_(program_->port(), width, toolCall("list_pools")) {}

  const char* name() const { return seen_.name; }

  /// Microseconds of its processor time a call.
  double costOfACall(std::chrono::milliseconds turn) {
    load_.run(turn / 10);
    const auto before = program_->processorTime();
    const LoadFigures figures = load_.run(turn);
    if (figures.failed > 0) std::fprintf(stderr, "calls failed\n"), std::exit(1);
    unscraped_ += turn;
    if (seen_.scraped && unscraped_ >= 1s) {
      Connection(program_->port()).exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      unscraped_ = 0s;
    }
    const std::chrono::duration<double, std::micro> spent = program_->processorTime() - before;
    return spent.count() / (figures.per_second * std::chrono::duration<double>(turn).count());
  }

 private:
  const Seen& seen_;
  const Folder folder_;
  const std::unique_ptr<ServedProgram> program_;
  Load load_;
  std::chrono::milliseconds unscraped_{0};
};

double quantile(std::vector<double>& values, double part) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

int run(const Rounds& rounds) {
  const PostReceiver receiver;
  std::list<Service> services;
  for (const Seen& by : ways) services.emplace_back(by, receiver);
  pinTo(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  const auto turn = rounds.smoke ? 50ms : 300ms;
  std::map<const Service*, std::vector<double>> costs, more;
  for (int i = 0; i < rounds.repetitions; ++i)
    for (Service& it : services) {
      costs[&it].push_back(it.costOfACall(turn));
      more[&it].push_back(costs[&it].back() - costs[&services.front()].back());
    }
  const double without = median(costs[&services.front()]);
  std::printf("| figure: processor time of the service a tool call | us | more | share |\n");
  std::printf("|---|---|---|---|\n");
  for (const Service& it : services) {
    std::vector<double>& by = more[&it];
    std::printf("| %s | %.1f | %.1f us, %.1f to %.1f | %.0f %% |\n", it.name(), median(costs[&it]),
                quantile(by, 0.5), quantile(by, 0.25), quantile(by, 0.75),
                100 * quantile(by, 0.5) / without);
  }
  std::printf("| target for all of them | | 5 us | |\n");
  return 0;
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  Rounds rounds;
  rounds.repetitions = 60;
  for (int i = 1; i < count; ++i)
    if (!rounds.take(words[i])) {
      std::fprintf(stderr, "%s: known is --repetitions=N\n", words[i]);
      return 64;
    }
  return run(rounds);
}
