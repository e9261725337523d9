// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/nuclei_scanner.h"

#include <scanhost/process.h>

#include <set>
#include <string>
#include <vector>

#include "plugins/scanner/nuclei/command_line.h"
#include "plugins/scanner/nuclei/result_reader.h"
#include "plugins/scanner/nuclei/run_log.h"
#include "plugins/shared/local_scan/complaint.h"
#include "plugins/shared/local_scan/coverage.h"
#include "plugins/shared/local_scan/endpoints.h"
#include "plugins/shared/local_scan/program_version.h"
#include "plugins/shared/local_scan/run_folder.h"

namespace scanhost::nuclei {

using local_scan::howItEnded;
using local_scan::RunFolder;

namespace {

constexpr std::size_t most_addresses = 4096;
constexpr std::chrono::seconds connect_patience{5};

/// What is handed to Nuclei.
struct Targets {
  std::string input;  ///< ADDRESS:PORT a line
  std::set<std::string> addresses;
};

Targets answeringTargets(const std::vector<local_scan::PinnedAddress>& hosts,
                         const ScanOptions& options, Call& call) {
  std::vector<local_scan::Endpoint> endpoints;
  for (const local_scan::PinnedAddress& host : hosts)
    for (const std::uint16_t port : options.ports) endpoints.push_back({host.address, port});
  const std::vector<bool> answers = local_scan::whichAnswer(endpoints, connect_patience, call);
  Targets targets;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (!answers[i]) continue;
    targets.addresses.insert(endpoints[i].address);
    targets.input +=
        local_scan::inUrl(endpoints[i].address) + ":" + std::to_string(endpoints[i].port) + "\n";
  }
  return targets;
}

std::string undone(const ResultReader& reader) {
  if (reader.tooLong() != 0)
    return std::to_string(reader.tooLong()) + " results were too long to be read";
  if (reader.ofOthers() != 0)
    return std::to_string(reader.ofOthers()) +
           " results were of hosts that were not asked for and are not told";
  return {};
}

}  // namespace

NucleiScanner::NucleiScanner(const Settings& settings)
    : host_(settings.host()),
      data_dir_(settings.dataDir()),
      config_(readConfig(settings.values())) {}

void NucleiScanner::start(Call&) {
  RunFolder::removeAbandoned(data_dir_);
  std::error_code ignored;
  if (!std::filesystem::is_directory(config_.templates, ignored))
    throw PluginError(ErrorClass::config,
                      "scanner-nuclei: templates: " + config_.templates +
                          " is no folder; put Nuclei's templates there (nuclei -update-templates "
                          "-update-template-dir " +
                          config_.templates + ")",
                      ErrorSubject::backend);
}

ScannerDescription NucleiScanner::describe() {
  return {0, "nuclei", ""};
}

ScannerHealth NucleiScanner::selfTest(Call& call) {
  const RunFolder folder(data_dir_);
  ProgramSpec spec;
  spec.program = config_.program;
  spec.arguments = {"-version", "-disable-update-check"};
  spec.environment = environment(config_, folder.path());
  ScannerHealth health;
  health.version =
      local_scan::programVersion(host_, call, std::move(spec), "Nuclei Engine Version: ", "Nuclei");
  return health;
}

Summary NucleiScanner::scan(const ScanRequest& request, FindingSink& sink, Call& call) {
  if (request.credential)
    throw PluginError(ErrorClass::unsupported, "scanner-nuclei cannot log in to targets");
  const ScanOptions options = readScanOptions(request.settings, config_.scan);
  const auto hosts = local_scan::pinnedAddresses(request.targets, most_addresses);
  local_scan::Coverage coverage(hosts);
  sink.progress(0, "connecting");
  const Targets targets = answeringTargets(hosts, options, call);
  for (const std::string& address : targets.addresses) coverage.answered(address);

  Summary summary;
  summary.complete = true;
  if (!targets.input.empty()) {
    const RunFolder folder(data_dir_);
    ResultReader reader(sink, targets.addresses);
    RunLog log([&](int percent) { sink.progress(percent, "scanning"); });
    ProgramSpec spec;
    spec.program = config_.program;
    spec.arguments = arguments(config_, options);
    spec.environment = environment(config_, folder.path());
    spec.input = targets.input;
    spec.output = [&](std::string_view text) { reader.feed(text); };
    spec.error_output = [&](std::string_view text) { log.feed(text); };
    const ProgramEnd end = runProgram(host_, call, spec);
    if (end.exit_code != 0)
      throw PluginError(ErrorClass::transient,
                        "nuclei " + howItEnded(end) + ": " + log.lastWords());
    reader.finish();
    summary.report_bytes = reader.bytesRead();
    summary.reason = log.hadTemplates()
                         ? undone(reader)
                         : "nuclei did not say that it ran a template: " + log.lastWords();
    summary.complete = summary.reason.empty();
  }
  coverage.tell(sink, summary);
  if (summary.complete) sink.progress(100, "done");
  return summary;
}

}  // namespace scanhost::nuclei
