// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/nmap_scanner.h"

#include <scanhost/process.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "plugins/scanner/nmap/command_line.h"
#include "plugins/scanner/nmap/report_reader.h"
#include "plugins/shared/local_scan/complaint.h"
#include "plugins/shared/local_scan/program_version.h"

namespace scanhost::nmap {

using local_scan::Complaint;
using local_scan::howItEnded;

namespace {

ProgramSpec programSpec(const Config& config, std::vector<std::string> arguments) {
  ProgramSpec spec;
  spec.program = config.program;
  spec.arguments = std::move(arguments);
  spec.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}};
  return spec;
}

/// Whether a program that we start will have CAP_NET_RAW: ambient, or all of it for root.
bool canSendRaw() {
  constexpr std::uint64_t net_raw = UINT64_C(1) << 13;
  const std::string wanted = geteuid() == 0 ? "CapEff:" : "CapAmb:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, wanted.size(), wanted) == 0)
      return (std::strtoull(line.c_str() + wanted.size(), nullptr, 16) & net_raw) != 0;
  return false;
}

}  // namespace

NmapScanner::NmapScanner(const Settings& settings)
    : host_(settings.host()), config_(readConfig(settings.values())) {}

void NmapScanner::start(Call&) {
  if (config_.raw && !canSendRaw())
    throw PluginError(ErrorClass::config,
                      "scanner-nmap: raw: true needs CAP_NET_RAW, which this service does not hand "
                      "down; take its drop-in /usr/share/scanhost/raw-nmap.conf into use, or set raw: false",
                      ErrorSubject::backend);
}

ScannerDescription NmapScanner::describe() {
  return {SCANHOST_SCANNER_PINS_NAMES, "nmap", ""};
}

ScannerHealth NmapScanner::selfTest(Call& call) {
  ScannerHealth health;
  health.version = local_scan::programVersion(host_, call, programSpec(config_, {"--version"}),
                                              "Nmap version ", "nmap");
  return health;
}

Summary NmapScanner::scan(const ScanRequest& request, FindingSink& sink, Call& call) {
  if (request.credential)
    throw PluginError(ErrorClass::unsupported, "scanner-nmap cannot log in to targets");
  const ScanOptions options = readScanOptions(request.settings, config_.scan);
  const std::vector<TargetList> lists = targetLists(request.targets);
  const GivenNames names = local_scan::givenNames(request.targets);
  std::uint64_t addresses = 0;
  for (const TargetList& list : lists) addresses += list.addresses;
  Progress progress(sink, addresses);

  Summary summary;
  summary.complete = true;
  for (const TargetList& list : lists) {
    ReportReader reader(sink, names, progress);
    Complaint complaint;
    ProgramSpec spec = programSpec(config_, arguments(config_, options, list.family));
    spec.input = list.input;
    spec.output = [&](std::string_view xml) { reader.feed(xml); };
    spec.error_output = [&](std::string_view text) { complaint.add(text); };
    const ProgramEnd end = runProgram(host_, call, spec);
    if (end.exit_code != 0)
      throw PluginError(ErrorClass::transient, "nmap " + howItEnded(end) + ": " + complaint.line());
    reader.finish();
    const RunTotals& totals = reader.totals();
    summary.hosts_answered += totals.hosts_answered;
    summary.hosts_silent += totals.hosts_silent;
    summary.report_bytes += reader.bytesRead();
    if (!totals.succeeded) {
      summary.complete = false;
      summary.reason = totals.error.empty() ? "nmap did not say that it finished" : totals.error;
    }
  }
  if (summary.complete) sink.progress(100, "done");
  return summary;
}

}  // namespace scanhost::nmap
