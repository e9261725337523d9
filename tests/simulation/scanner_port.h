// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A node's way to a scanner, with what a plugin would make of answers that do not come.
#pragma once

#include <scanhost/scanner.h>

#include <tuple>

#include "tests/simulation/scanner_server.h"
#include "tests/simulation/wire.h"

namespace scanhost::simulation {

class ScannerPort : public RemoteScanner {
 private:
  static constexpr Nanos timeout = std::chrono::seconds(20);

  static void tellAll(const std::vector<RemoteState>& states, RemoteStateSink& sink) {
    for (const RemoteState& state : states) sink.tell(state);
  }

  /// `in_doubt` is the class of an error after which nobody knows whether it was done.
  template <class Function, class... Arguments>
  auto ask(ErrorClass in_doubt, Call& call, Function function, const Arguments&... arguments) {
    call.check();
    const ErrorSubject subject =
        in_doubt == ErrorClass::ambiguous ? ErrorSubject::task : ErrorSubject::backend;
    try {
      return wire_.call(
          way_, timeout, [&server = server_, function, kept = std::tuple(arguments...)] {
            return std::apply([&](const auto&... each) { return (server.*function)(each...); },
                              kept);
          });
    } catch (const Refused&) {
      throw PluginError(ErrorClass::transient, server_.name() + " cannot be reached",
                        ErrorSubject::backend);
    } catch (const Unanswered&) {
      throw PluginError(in_doubt, server_.name() + " did not answer", subject);
    } catch (const PluginError& error) {
      const bool failed_midway = error.errorClass() == ErrorClass::transient;
      if (!failed_midway) throw;
      throw PluginError(in_doubt, error.what(), subject);
    }
  }

  ScannerServer& server_;
  const Way& way_;
  Wire& wire_;

 public:
  using Server = ScannerServer;

  ScannerPort(ScannerServer& server, const Way& way, Wire& wire)
      : server_(server), way_(way), wire_(wire) {}

  ScannerDescription describe() override {
    return {SCANHOST_SCANNER_TWO_STEP | SCANHOST_SCANNER_FINDS | SCANHOST_SCANNER_PAUSES,
            "simulated", ""};
  }
  ScannerHealth selfTest(Call& call) override {
    ask(ErrorClass::transient, call, &ScannerServer::selfTest);
    return {};
  }

  std::string prepareScan(const ScanRequest& request, Call& call) override {
    return ask(ErrorClass::ambiguous, call, &ScannerServer::prepare, request);
  }
  std::string startScan(const RemoteScan& scan, Call& call) override {
    return ask(ErrorClass::ambiguous, call, &ScannerServer::start, scan);
  }
  void findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call& call) override {
    using Find = std::vector<RemoteState> (ScannerServer::*)(const std::string&);
    tellAll(ask(ErrorClass::transient, call, static_cast<Find>(&ScannerServer::find),
                std::string(marker_prefix)),
            sink);
  }
  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call& call) override {
    tellAll(ask(ErrorClass::transient, call, &ScannerServer::poll, scans), sink);
  }
  void pauseScan(const RemoteScan& scan, Call& call) override {
    ask(ErrorClass::transient, call, &ScannerServer::pause, scan);
  }
  void resumeScan(const RemoteScan& scan, Call& call) override {
    ask(ErrorClass::transient, call, &ScannerServer::resume, scan);
  }
  void stopScan(const RemoteScan& scan, Call& call) override {
    ask(ErrorClass::transient, call, &ScannerServer::stop, scan);
  }
  Summary collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) override {
    Summary summary = ask(ErrorClass::transient, call, &ScannerServer::collect, scan);
    // A report of so many bytes takes as many milliseconds to read.
    if (!wire_.takeTime(std::chrono::milliseconds(summary.report_bytes)))
      throw PluginError(ErrorClass::cancelled, "the process died");
    sink.host({"10.0.0.1", true, 0, {}});
    return summary;
  }
  void removeScan(const RemoteScan& scan, Call& call) override {
    server_.noteRemoval(scan.reference);
    ask(ErrorClass::transient, call, &ScannerServer::remove, scan);
  }
};

}  // namespace scanhost::simulation
