// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/wapiti_scanner.h"

#include <scanhost/process.h>

#include <algorithm>
#include <string>
#include <vector>

#include "plugins/scanner/wapiti/report_reader.h"
#include "plugins/scanner/wapiti/run_log.h"
#include "plugins/shared/local_scan/complaint.h"
#include "plugins/shared/local_scan/coverage.h"
#include "plugins/shared/local_scan/endpoints.h"
#include "plugins/shared/local_scan/program_version.h"
#include "plugins/shared/local_scan/run_folder.h"

namespace scanhost::wapiti {

using local_scan::Complaint;
using local_scan::howItEnded;
using local_scan::RunFolder;

namespace {

constexpr std::size_t most_addresses = 4096;
constexpr std::chrono::seconds connect_patience{5};

/// The applications that take a connection.
std::vector<Site> answeringSites(const std::vector<local_scan::PinnedAddress>& hosts,
                                 const ScanOptions& options, Call& call) {
  std::vector<Site> sites;
  std::vector<local_scan::Endpoint> endpoints;
  for (const local_scan::PinnedAddress& host : hosts)
    for (const std::uint16_t port : portsOf(options)) {
      sites.push_back({host, port});
      endpoints.push_back({host.address, port});
    }
  const std::vector<bool> answers = local_scan::whichAnswer(endpoints, connect_patience, call);
  std::vector<Site> answering;
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (answers[i]) answering.push_back(std::move(sites[i]));
  return answering;
}

std::string urlOf(const Site& site, const ScanOptions& options) {
  const std::string& host =
      site.host.name.empty() ? local_scan::inUrl(site.host.address) : site.host.name;
  return options.scheme + "://" + host + ":" + std::to_string(site.port) + options.path;
}

}  // namespace

WapitiScanner::WapitiScanner(const Settings& settings)
    : host_(settings.host()),
      data_dir_(settings.dataDir()),
      config_(readConfig(settings.values())) {}

void WapitiScanner::start(Call&) {
  RunFolder::removeAbandoned(data_dir_);
}

ScannerDescription WapitiScanner::describe() {
  return {SCANHOST_SCANNER_PINS_NAMES, "wapiti", ""};
}

ScannerHealth WapitiScanner::selfTest(Call& call) {
  const RunFolder folder(data_dir_);
  ProgramSpec spec;
  spec.program = config_.program;
  spec.arguments = {"--version"};
  spec.environment = environment({{"127.0.0.1", ""}, 0}, folder.path());
  ScannerHealth health;
  health.version = local_scan::programVersion(host_, call, std::move(spec), "Wapiti ", "Wapiti");
  return health;
}

Summary WapitiScanner::scan(const ScanRequest& request, FindingSink& sink, Call& call) {
  if (request.credential)
    throw PluginError(ErrorClass::unsupported, "scanner-wapiti cannot log in to targets");
  const ScanOptions options = readScanOptions(request.settings, config_.scan);
  const auto hosts = local_scan::pinnedAddresses(request.targets, most_addresses);
  local_scan::Coverage coverage(hosts);
  sink.progress(0, "connecting");
  const std::vector<Site> sites = answeringSites(hosts, options, call);

  Summary summary;
  summary.complete = true;
  const double share = 1.0 / static_cast<double>(std::max<std::size_t>(sites.size(), 1));
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const SiteResult result =
        scanSite(sites[i], options, share * static_cast<double>(i), share, sink, call);
    if (result.answered) coverage.answered(sites[i].host.address);
    summary.report_bytes += result.report_bytes;
    if (result.undone.empty()) continue;
    if (summary.complete) summary.reason = urlOf(sites[i], options) + ": " + result.undone;
    summary.complete = false;
  }
  coverage.tell(sink, summary);
  if (summary.complete) sink.progress(100, "done");
  return summary;
}

WapitiScanner::SiteResult WapitiScanner::scanSite(const Site& site, const ScanOptions& options,
                                                  double begin, double share, FindingSink& sink,
                                                  Call& call) {
  const RunFolder folder(data_dir_);
  const std::size_t modules = (options.modules.empty() ? usualModules() : options.modules).size();
  RunLog log(modules, [&](double done, std::string_view module) {
    sink.progress(std::min(99, static_cast<int>((begin + share * done) * 100)), module);
  });
  Complaint complaint;
  ProgramSpec spec;
  spec.program = config_.program;
  spec.arguments = arguments(options, site, folder.path());
  spec.environment = environment(site, folder.path());
  spec.output = [&](std::string_view text) { log.feedOutput(text); };
  spec.error_output = [&](std::string_view text) {
    log.feedErrors(text);
    complaint.add(text);
  };
  const ProgramEnd end = runProgram(host_, call, spec);
  log.finish();
  const std::string report = folder.read(report_file, most_report_bytes);
  if (end.exit_code != 0 || report.empty())
    throw PluginError(ErrorClass::transient, "wapiti " + howItEnded(end) +
                                                 (report.empty() ? " and left no report: " : ": ") +
                                                 complaint.line());
  readReport(report, {site.host.address, std::to_string(site.port), options.scheme, site.host.name},
             sink);
  // It took a connection and then said nothing that a browser would understand: no web server.
  if (log.pages() == 0) return {false, "nothing on it speaks " + options.scheme, report.size()};
  return {true, log.undone(), report.size()};
}

}  // namespace scanhost::wapiti
