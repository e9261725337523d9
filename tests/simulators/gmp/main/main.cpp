// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// gmp-simulator [PORT [SCAN-SECONDS]]  answers on 127.0.0.1 until a signal ends it.
#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "tests/simulators/gmp/server.h"

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a connection that was cut is no reason to die
  scanhost::simulator_gmp::Manager::Options options;
  if (argc > 2) options.scan_time = std::chrono::seconds(std::atoi(argv[2]));
  const scanhost::simulator_gmp::Server server(
      options, static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  std::cout << "gmp-simulator: a stand-in for tests, not Greenbone; it scans nothing\n"
            << "listening on tls://127.0.0.1:" << server.port()
            << " fingerprint sha256:" << server.fingerprint() << " login " << options.username
            << '/' << options.password << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
}
