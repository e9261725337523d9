// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the service holds out: thousands of idle streams, clients that never read, clients that
/// send a byte a second; and what others notice of them.
///
///     bench_mcp_hold [--repetitions=N]
///
/// One round each, whatever N: they take minutes. `--benchmark_min_time` (a smoke test's) makes
/// everything small.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/bench/figures.h"
#include "tests/bench/load.h"
#include "tests/bench/mcp_service.h"
#include "tests/support/folder.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* tool = "list_pools";

struct Sizes {
  int streams = 5'000, deaf = 500, slow = 100;
  std::chrono::milliseconds calls = 5s, patience = 60s;
};

void line(const std::string& title, double value, const char* unit, const std::string& beside,
          const std::string& target) {
  char shown[48];
  std::snprintf(shown, sizeof shown, "%.*f %s", value < 10 ? 2 : 0, value, unit);
  std::printf("| %-48s | %12s | %-28s | %-16s |\n", title.c_str(), shown, beside.c_str(),
              target.c_str());
  std::fflush(stdout);
}

std::string was(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.2f %s without them", value, unit);
  return text;
}

/// Of calls one after the other with a pause between them: how long one waits, not how many fit.
double p99Millis(Connection& caller, std::chrono::milliseconds duration) {
  const std::string request = toolCall(tool);
  std::vector<double> waits;
  for (const auto began = Clock::now(); Clock::now() - began < duration;
       std::this_thread::sleep_for(2ms)) {
    const auto asked = Clock::now();
    if (caller.exchange(request) != 200) {
      std::fprintf(stderr, "a call failed: %s\n", caller.answer().c_str());
      std::exit(1);
    }
    waits.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
  }
  std::sort(waits.begin(), waits.end());
  return waits[waits.size() * 99 / 100];
}

/// Sends as much as is taken at once.
void offer(const Connection& connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        send(connection.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// An idle stream of subscriptions/listen; ends this program when it is refused.
std::unique_ptr<Connection> openStream(const ServedProgram& service) {
  auto connection = std::make_unique<Connection>(service.port());
  offer(*connection,
        mcpRequest("subscriptions/listen", "", R"("notifications":{"toolsListChanged":true},)"));
  char answer[4096];
  const ssize_t count = recv(connection->descriptor(), answer, sizeof answer, 0);
  if (count > 0 && std::string_view(answer, 12) == "HTTP/1.1 200") return connection;
  std::fprintf(stderr, "a stream was refused: %.*s\n",
               static_cast<int>(std::max<ssize_t>(0, count)), answer);
  std::exit(1);
}

void holdStreams(const ServedProgram& service, const Sizes& sizes) {
  Connection caller(service.port());
  const double before = p99Millis(caller, sizes.calls);
  const double threads_before = service.memory("Threads");
  const double memory_before = service.memory("VmRSS") / 1024;
  std::vector<std::unique_ptr<Connection>> streams;
  for (int i = 0; i < sizes.streams; ++i) streams.push_back(openStream(service));
  const double after = p99Millis(caller, sizes.calls);
  const std::string what = std::to_string(sizes.streams) + " idle streams: ";
  line(what + "resident memory", service.memory("VmRSS") / 1024, "MiB", was(memory_before, "MiB"),
       "under 200 MiB");
  line("  threads", service.memory("Threads"), "", was(threads_before, ""), "no more");
  line("  p99 of other calls", after, "ms", was(before, "ms"), "unchanged");
}

std::size_t socketsOf(const ServedProgram& service) {
  std::size_t sockets = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(service.pid()) + "/fd"))
    sockets += std::filesystem::read_symlink(entry.path(), error).string().rfind("socket:", 0) == 0;
  return sockets;
}

void evict(const ServedProgram& service, const Sizes& sizes) {
  Connection caller(service.port());
  const double before = p99Millis(caller, sizes.calls);
  const std::size_t sockets_before = socketsOf(service);

  std::vector<std::unique_ptr<Connection>> deaf, slow;
  std::string many;
  for (int i = 0; i < 100; ++i) many += mcpRequest("tools/list", "", "");
  const auto began = Clock::now();
  for (int i = 0; i < sizes.deaf; ++i) {
    deaf.push_back(std::make_unique<Connection>(service.port()));
    offer(*deaf.back(), many);
  }
  for (int i = 0; i < sizes.slow; ++i) slow.push_back(std::make_unique<Connection>(service.port()));
  std::atomic<bool> end{false};
  std::thread drip([&] {
    for (const std::string head = toolCall(tool); !end; std::this_thread::sleep_for(1s)) {
      const auto second = static_cast<std::size_t>((Clock::now() - began) / 1s);
      for (const auto& client : slow) offer(*client, head.substr(second % head.size(), 1));
      for (const auto& client : deaf) offer(*client, many);
    }
  });
  double worst = 0, gone_after = 0;
  while (Clock::now() - began < sizes.patience) {
    worst = std::max(worst, p99Millis(caller, 1s));
    if (socketsOf(service) > sockets_before) continue;
    gone_after = std::chrono::duration<double>(Clock::now() - began).count();
    break;
  }
  end = true;
  drip.join();
  const std::string what =
      std::to_string(sizes.deaf) + " that never read, " + std::to_string(sizes.slow) + " slow: ";
  line(what + "all gone", gone_after, "s", gone_after == 0 ? "never" : "", "within 60 s");
  line("  p99 of other calls, in the worst second", worst, "ms", was(before, "ms"), "under 200 ms");
}

int run(const Sizes& sizes) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const testing_support::Folder folder;
  const auto service = startMcpService(folder.path(), "max_connections_per_address: 10000, ",
                                       "max_streams_per_client: 10000, ");
  pinTo(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  std::printf("| %-48s | %12s | %-28s | %-16s |\n", "figure: held", "measured", "", "target");
  std::printf("|%s|%s|%s|%s|\n", std::string(50, '-').c_str(), std::string(14, '-').c_str(),
              std::string(30, '-').c_str(), std::string(18, '-').c_str());
  holdStreams(*service, sizes);
  evict(*service, sizes);
  return 0;
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  Rounds rounds;
  for (int i = 1; i < count; ++i) rounds.take(words[i]);
  using namespace std::chrono_literals;
  return run(rounds.smoke ? Sizes{50, 0, 0, 50ms, 1s} : Sizes{});
}
