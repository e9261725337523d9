// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A remote scanner whose scans never end and whose answers cost nothing, so that what is measured
/// is the node that follows them. It keeps nothing: a reference tells all there is.
#include <scanhost/plugin.h>
#include <scanhost/scanner.h>

#include <atomic>

namespace {

using namespace scanhost;

class EndlessScanner : public RemoteScanner {
 public:
  explicit EndlessScanner(const Settings&) {}

  ScannerDescription describe() override {
    return {SCANHOST_SCANNER_TWO_STEP | SCANHOST_SCANNER_FINDS, "bench", ""};
  }
  std::string prepareScan(const ScanRequest&, Call&) override { return std::to_string(++made_); }
  std::string startScan(const RemoteScan& scan, Call&) override { return "run-" + scan.reference; }
  void findScans(std::string_view, RemoteStateSink&, Call&) override {}
  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call&) override {
    for (const RemoteScan& scan : scans) {
      RemoteState state;
      state.reference = scan.reference;
      state.run_id = scan.run_id;
      state.marker = scan.marker;
      state.status = "running";
      state.percent = 50;
      sink.tell(state);
    }
  }
  void stopScan(const RemoteScan&, Call&) override {}
  Summary collectScan(const RemoteScan&, FindingSink&, Call&) override { return {}; }
  void removeScan(const RemoteScan&, Call&) override {}

 private:
  std::atomic<std::uint64_t> made_{0};
};

constexpr char manifest[] =
    R"json({"name": "scanner-bench", "version": "1.0.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.scanner.remote/1"}], "requires": [],
 "max_parallel": 64})json";

}  // namespace

SCANHOST_PLUGIN(manifest, EndlessScanner)
