// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// nessus-simulator: starts the parts, says where it listens, waits for a signal to end.
#include <signal.h>

#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>

#include "tests/simulators/nessus/exchange.h"
#include "tests/simulators/nessus/listener.h"
#include "tests/simulators/nessus/options.h"
#include "tests/support/certificate.h"

namespace scanhost::simulator {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

int complain(const Error& error) {
  std::cerr << "nessus-simulator: " << error.message << '\n';
  return error.error_class == ErrorClass::config ? exit_usage : exit_failure;
}

/// Lets ordered delays end early when the program does.
class Pause {
 public:
  void sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, time, [this] { return over_; });
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    ended_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
};

Result<std::optional<testing_support::Certificate>> chooseCertificate(const CommandLine& options) {
  if (!options.tls) return std::nullopt;
  auto certificate =
      options.certificate_file
          ? testing_support::readCertificate(*options.certificate_file, *options.key_file)
          : testing_support::makeSelfSigned(options.listen.host);
  if (!certificate) return tl::unexpected(certificate.error());
  if (options.write_certificate) {
    std::ofstream out(*options.write_certificate, std::ios::binary);
    out << certificate->chain_pem;
    if (!out.flush())
      return fail(ErrorClass::config,
                  "the certificate cannot be written to '" + *options.write_certificate + "'");
  }
  return std::optional(*certificate);
}

void announce(const CommandLine& options,
              const std::optional<testing_support::Certificate>& certificate, std::uint16_t port) {
  const bool v6 = options.listen.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.listen.host + "]" : options.listen.host;
  std::cout << "listening on " << (certificate ? "https" : "http") << "://" << host << ':' << port;
  if (certificate) std::cout << " fingerprint sha256:" << certificate->fingerprint;
  std::cout << std::endl;
}

int waitForSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return 0;
}

int run(const CommandLine& options, const sigset_t& signals) {
  std::vector<FaultRule> rules;
  if (options.fault_file) {
    auto read = readFaultFile(*options.fault_file);
    if (!read) return complain(read.error());
    rules = std::move(*read);
  }
  ReportLibrary reports;
  if (options.reports_folder) {
    auto loaded = ReportLibrary::load(*options.reports_folder);
    if (!loaded) return complain(loaded.error());
    reports = std::move(*loaded);
  }
  const auto certificate = chooseCertificate(options);
  if (!certificate) return complain(certificate.error());

  Journal journal;
  Api api(options.api, std::move(reports), journal, &Timestamp::now);
  FaultPlan faults(std::move(rules));
  Pause pause;
  Exchange exchange(api, faults, journal, &Timestamp::now,
                    [&pause](std::chrono::milliseconds time) { pause.sleep(time); });
  const auto listener = Listener::open(options.listen, *certificate, exchange);
  if (!listener) return complain(listener.error());
  announce(options, *certificate, (*listener)->port());
  const int code = waitForSignal(signals);
  pause.end();
  return code;
}

}  // namespace
}  // namespace scanhost::simulator

#if defined(__SANITIZE_THREAD__)
/// Poco's accepting thread lets go of a socket by a count kept in Poco's own library, which
/// ThreadSanitizer does not see; that thread touches nothing of ours.
extern "C" const char* __tsan_default_suppressions();
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions() {
  return "race:Poco::Net::TCPServer::run\nrace:Poco::Net::SocketImpl::close\n";
}
#endif

int main(int argc, char** argv) {
  const auto [options, exit_code] = scanhost::simulator::parseCommandLine(argc, argv);
  if (!options) return exit_code;
  std::cout << "nessus-simulator: a stand-in for tests, not Nessus; it scans nothing" << std::endl;
  // Blocked before any thread starts, so that only the wait below meets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a connection that was cut is no reason to die
  return scanhost::simulator::run(*options, signals);
}
