// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-runner: the process in which one instance of an isolated plugin lives. The daemon
/// starts it with a socket, the plugin's file and a descriptor for the report of a crash; nobody
/// else can.
///
/// It links no library of the daemon's, so that a plugin's own OpenSSL or C++ runtime meets none.
#include <scanhost/text.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>

#include "host/abi/clock_service.h"
#include "host/abi/process_service.h"
#include "host/runner/program/crash_handler.h"
#include "host/runner/program/metrics_link.h"
#include "host/runner/program/sandbox.h"
#include "host/runner/program/serving.h"

namespace scanhost::runner {
namespace {

constexpr std::chrono::milliseconds heartbeat_interval{1000};

bool isSocket(int fd) {
  struct stat state {};
  return fstat(fd, &state) == 0 && S_ISSOCK(state.st_mode);
}

void sendReady(FrameChannel& channel, const Status& outcome, const std::string& message,
               std::uint32_t abilities = 0) {
  Ready ready;
  ready.abilities = abilities;
  ready.outcome.status =
      outcome ? SCANHOST_OK : static_cast<scanhost_status>(outcome.error().error_class);
  ready.outcome.message = toText(outcome ? message : outcome.error().message);
  if (!channel.send(FrameKind::ready, 0, 0, encoded(ready))) _exit(0);
}

std::uint32_t abilitiesOf(const InterfaceTables& tables) {
  const auto found = tables.find(SCANHOST_EXPORTER_ID);
  if (found == tables.end()) return 0;
  const auto& exporter = *reinterpret_cast<const scanhost_exporter*>(found->second);
  return (exporter.events ? takes_events : 0) |
         (exporter.endpoint && exporter.render ? renders_metrics : 0) |
         (exporter.spans ? takes_spans : 0);
}

/// The plugin's tables, in a process that has given up what it does not need.
Result<InterfaceTables> enter(const Hello& hello, Serving& serving,
                              const ServiceRegistry& services) {
  auto manifest = parseManifest(toView(hello.manifest));
  if (!manifest)
    return fail(ErrorClass::internal, "the manifest cannot be read: " + manifest.error());
  serving.begin();
  const PluginHost& host = PluginHost::make(
      {.plugin = toString(hello.plugin), .services = &services, .events = serving.eventSink(0)});
  return enterLibrary(UniqueFd(plugin_fd), *manifest, toView(hello.manifest), host.abi());
}

int run() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  FrameChannel channel(UniqueFd(socket_fd), heartbeat_interval);
  Frame first;
  while (channel.receive(first, true) != FrameChannel::Received::frame)
    if (getppid() == 1) return EX_UNAVAILABLE;
  Decoder in(first.body);
  Hello hello;
  members(in, hello);
  if (first.header.kind != FrameKind::hello || hello.protocol != protocol || !in.complete()) {
    sendReady(channel,
              fail(ErrorClass::config, "scanhost-runner is of another version than the daemon"),
              {});
    return EX_UNAVAILABLE;
  }
  const auto confined = confine(hello);
  if (!confined) {
    sendReady(channel, tl::unexpected<Error>(confined.error()), {});
    return EX_UNAVAILABLE;
  }
  installCrashHandler(crash_fd);

  static DaemonLink daemon(channel);
  static ServiceRegistry services;
  static ClockService clock;
  static ProcessService processes;
  static MetricsLink metrics(daemon);
  clock.registerIn(services);
  metrics.registerIn(services);
  if (hello.programs) processes.registerIn(services);
  static Serving serving(daemon, toString(hello.plugin), services);
  auto tables = enter(hello, serving, services);
  if (!tables) {
    sendReady(channel, tl::unexpected<Error>(tables.error()), {});
    return EX_UNAVAILABLE;
  }
  const std::uint32_t abilities = abilitiesOf(*tables);
  serving.use(std::move(*tables));
  sendReady(channel, {}, *confined, abilities);
  serving.takeTurns();
}

}  // namespace
}  // namespace scanhost::runner

int main() {
  using namespace scanhost::runner;
  if (!isSocket(socket_fd)) {
    std::fputs("scanhost-runner is started by scanhost for plugins with isolation: process\n",
               stderr);
    return EX_USAGE;
  }
  return run();
}
