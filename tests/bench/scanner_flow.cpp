// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A local scanner that tells as many findings as the scan's name says, without any work, or
/// misbehaves as it says; so that what is measured is the way to the host.
#include <scanhost/plugin.h>
#include <scanhost/scanner.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "scanner-flow", "version": "1.0.0", "vendor": "scanhost", "licence": "Apache-2.0",
  "abi": {"major": 1}, "provides": [{"interface": "scanhost.scanner.local/1"}],
  "max_parallel": 8})json";

FindingRecord someFinding() {
  FindingRecord finding;
  finding.host = "10.0.0.7";
  finding.port = "443";
  finding.protocol = "tcp";
  finding.check_id = "51192";
  finding.check_name = "The certificate cannot be trusted";
  finding.severity = Severity::medium;
  finding.cve = {"CVE-2021-0001"};
  finding.synopsis = "The certificate of this service cannot be trusted by a client.";
  finding.output = "It is signed by itself and was issued to localhost.";
  return finding;
}

class FlowScanner : public LocalScanner {
 public:
  explicit FlowScanner(const Settings&) {}

  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override {
    if (request.name == "crash") std::abort();
    if (request.name == "block")
      while (!call.cancelled()) usleep(1000);
    if (request.name == "spin")
      while (!call.cancelled()) {
      }
    if (request.name == "flood")
      while (!call.cancelled()) call.log(LogLevel::info, "flood");
    if (request.name == "leak") {
      std::vector<std::string> kept;
      while (!call.cancelled()) kept.emplace_back(1u << 20, 'x');
    }
    const FindingRecord finding = someFinding();
    for (long left = std::atol(request.name.c_str()); left > 0; --left) sink.emit(finding);
    Summary summary;
    summary.complete = true;
    return summary;
  }
};

}  // namespace

SCANHOST_PLUGIN(manifest, FlowScanner)
