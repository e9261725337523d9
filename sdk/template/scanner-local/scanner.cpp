// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "scanner.h"

#include <scanhost/process.h>

#include "report_reader.h"

namespace {

/// "22,80". The schema has seen to it that these are port numbers.
std::string portList(const scanhost::Json& ports) {
  std::string list;
  for (const scanhost::Json& port : ports.items())
    list += (list.empty() ? "" : ",") + std::to_string(port.asInteger());
  return list;
}

std::string howItEnded(const scanhost::ProgramEnd& end) {
  return end.signal != 0 ? "signal " + std::to_string(end.signal)
                         : "exit code " + std::to_string(end.exit_code);
}

}  // namespace

@CLASS@::@CLASS@(const scanhost::Settings& settings)
    : host_(settings.host()),
      program_(settings["program"].asString()),
      ports_(settings["ports"]) {}

scanhost::ScannerDescription @CLASS@::describe() {
  scanhost::ScannerDescription description;
  // The program gets addresses and never a name that it would look up again.
  description.capabilities = SCANHOST_SCANNER_PINS_NAMES;
  return description;
}

/// The host asks this at its start, for `doctor`, and before it trusts a scanner that failed.
scanhost::ScannerHealth @CLASS@::selfTest(scanhost::Call& call) {
  std::string version;
  scanhost::ProgramSpec spec;
  spec.program = program_;
  spec.arguments = {"--version"};
  spec.output = [&version](std::string_view chunk) {
    if (version.size() < 64) version += chunk.substr(0, 64);
  };
  const scanhost::ProgramEnd end = scanhost::runProgram(host_, call, spec);
  if (end.exit_code != 0)
    throw scanhost::PluginError(scanhost::ErrorClass::config,
                                program_ + " --version ended with " + howItEnded(end) +
                                    "; set `program` to a program that works",
                                scanhost::ErrorSubject::backend);
  scanhost::ScannerHealth health;
  health.version = version.substr(0, version.find('\n'));
  return health;
}

scanhost::Summary @CLASS@::scan(const scanhost::ScanRequest& request,
                                       scanhost::FindingSink& sink, scanhost::Call& call) {
  std::size_t asked = 0;
  scanhost::ProgramSpec spec;
  spec.program = program_;
  spec.arguments = {"--ports", portList(request.settings.has("ports") ? request.settings["ports"]
                                                                      : ports_)};
  for (const scanhost::Target& target : request.targets)
    for (const std::string& address : target.addresses) {
      spec.input += address + "\n";  // these and no others: not target.given
      ++asked;
    }

  ReportReader report(sink);
  std::size_t told = 0;
  spec.output = [&](std::string_view chunk) {
    report.read(chunk);
    if (report.hosts() == told) return;
    told = report.hosts();
    sink.progress(static_cast<int>(told * 100 / asked), "scanning");
  };
  const scanhost::ProgramEnd end = scanhost::runProgram(host_, call, spec);

  scanhost::Summary summary;
  summary.hosts_answered = report.hosts();
  summary.hosts_silent = asked > report.hosts() ? asked - report.hosts() : 0;
  summary.report_bytes = report.bytes();
  // Nothing found and nothing tested are different answers: only a report with its end is whole.
  summary.complete = end.exit_code == 0 && report.ended();
  if (!summary.complete)
    summary.reason = program_ + " ended with " + howItEnded(end) +
                     (report.ended() ? "" : " before the end of its report");
  return summary;
}
