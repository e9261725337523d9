// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/run_service.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <algorithm>
#include <iostream>

#include "host/app/node.h"
#include "host/app/service_manager.h"
#include "host/app/version.h"
#include "host/base/nearest.h"
#include "host/base/ticker.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// How often the status is told where no watchdog wants to hear more.
constexpr auto status_interval = 5s;
/// For what a stop does besides waiting for work to be handed back.
constexpr auto stop_grace = 30s;

/// Signals are taken by one sigwait, never by a handler.
sigset_t blockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// Each connection is a descriptor, and shells and services are commonly given 1,024 of them.
void raiseDescriptorLimit(const Config& config) {
  constexpr rlim_t others = 1'024;  // files, child programs, connections to backends
  const rlim_t wanted = static_cast<rlim_t>(config.http.max_connections) + others;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted)
    std::cerr << "warning: http.max_connections is " << config.http.max_connections
              << " and this process may have " << limit.rlim_cur
              << " descriptors; raise its limit (LimitNOFILE=" << wanted
              << ") or lower the setting\n";
}

void tellReload(const ReloadResult& result) {
  if (!result) {
    std::cerr << "scanhost: not reloaded: " << result.error().error << ": "
              << result.error().message << '\n';
    return;
  }
  std::cerr << "scanhost: reloaded: "
            << (result->changed.empty() ? "nothing changed" : joinNames(result->changed)) << '\n';
  if (!result->restart_required.empty())
    std::cerr << "scanhost: as before until a restart: " << joinNames(result->restart_required)
              << '\n';
}

/// Tells the service manager how the node is, and that its loops go round: a node with a silent
/// loop leaves the watchdog unfed, and is restarted.
class StatusReports {
 public:
  StatusReports(const ServiceManager& manager, Node& node)
      : manager_(manager), node_(node), ticker_(interval(manager), [this] { report(); }) {}

 private:
  static std::chrono::milliseconds interval(const ServiceManager& manager) {
    if (manager.watchdog() == 0us) return status_interval;
    const auto third =
        std::chrono::duration_cast<std::chrono::milliseconds>(manager.watchdog() / 3);
    return std::clamp<std::chrono::milliseconds>(third, 1ms, status_interval);
  }

  void report() {
    const auto silent = node_.stalledLoops();
    if (!silent.empty()) return manager_.status("Stalled: " + joinNames(silent));
    manager_.alive();
    manager_.status(node_.statusLine());
  }

  const ServiceManager& manager_;
  Node& node_;
  Ticker ticker_;
};

/// Until a signal that ends the service, which is answered.
int serveUntilSignal(const sigset_t& signals, Node& node, const ServiceManager& manager) {
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return signal;
    manager.reloading();
    const ReloadResult result = node.reload(TraceContext::random());
    tellReload(result);
    manager.ready(result ? "Reloaded" : "Not reloaded: " + result.error().message);
  }
}

}  // namespace

bool printProblems(const std::vector<Problem>& problems) {
  bool any_error = false;
  for (const Problem& problem : problems) {
    std::cerr << (problem.severity == ProblemSeverity::error ? "error: " : "warning: ")
              << formatProblem(problem) << '\n';
    any_error = any_error || problem.severity == ProblemSeverity::error;
  }
  return any_error;
}

std::optional<Config> readOrTell(const std::string& file) {
  LoadOutcome outcome = readConfiguration(file);
  if (printProblems(outcome.problems)) return std::nullopt;
  return std::move(outcome.config);
}

int runService(const std::string& file) {
  const ServiceManager manager = ServiceManager::ofEnvironment();
  const sigset_t signals = blockSignals();
  auto config = readOrTell(file);
  if (!config) return EX_CONFIG;
  raiseDescriptorLimit(*config);
  const auto drain = config->node.drain;
  Node node(std::move(*config), file);
  if (const auto problems = node.start(); !problems.empty()) {
    printProblems(problems);
    return EX_CONFIG;
  }
  std::cerr << "scanhost " << version_text << " is ready on " << node.address() << '\n';
  manager.ready("Ready on " + node.address());
  std::optional<StatusReports> reports(std::in_place, manager, node);
  const int signal = serveUntilSignal(signals, node, manager);
  reports.reset();
  manager.stopping("Handing work back");
  manager.extendTimeout(drain + stop_grace);
  node.stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
  return EX_OK;
}

}  // namespace scanhost
