// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A remote scanner that a test scripts. Its scans live in the process, by folder, as a scanner's
/// do on its own machine: instances come and go, they stay.
#include <scanhost/plugin.h>
#include <scanhost/scanner.h>

#include <algorithm>
#include <memory>

#include "tests/plugins/scanner_script.h"

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "scanner-far", "version": "1.0.0", "vendor": "scanhost contributors",
  "licence": "Apache-2.0", "abi": {"major": 1},
  "provides": [{"interface": "scanhost.scanner.remote/1"}],
  "max_parallel": 64,
  "config_schema": {"type": "object", "additionalProperties": false, "required": ["folder"],
   "properties": {
    "folder": {"type": "string"},
    "finds": {"type": "boolean", "default": true},
    "two_step": {"type": "boolean", "default": true},
    "polls": {"type": "integer", "default": 1, "minimum": 0},
    "polls_after_stop": {"type": "integer", "default": 0, "minimum": 0}}}
})json";

struct FarScan {
  std::string reference, run_id, marker, name;
  RemoteStatus state = RemoteStatus::created;
  std::int64_t polls = 0;
  std::int64_t polls_to_stop = 0;  ///< told to stop, it goes on for so many
};

struct Backend {
  explicit Backend(const std::string& folder) : script(folder) {}
  ScannerScript script;
  std::mutex mutex;
  std::vector<FarScan> scans;

  FarScan* find(const std::string& reference) {
    for (FarScan& scan : scans)
      if (scan.reference == reference) return &scan;
    return nullptr;
  }

  static Backend& at(const std::string& folder) {
    static std::mutex guard;
    static std::map<std::string, std::unique_ptr<Backend>> all;
    const std::lock_guard lock(guard);
    auto& backend = all[folder];
    if (!backend) backend = std::make_unique<Backend>(folder);
    return *backend;
  }
};

class FarScanner : public RemoteScanner {
 public:
  explicit FarScanner(const Settings& settings)
      : backend_(Backend::at(settings["folder"].asString())),
        finds_(settings["finds"].asBool()),
        two_step_(settings["two_step"].asBool()),
        polls_(settings["polls"].asInteger()),
        polls_after_stop_(settings["polls_after_stop"].asInteger()) {}

  ScannerDescription describe() override {
    return {SCANHOST_SCANNER_PAUSES | (finds_ ? SCANHOST_SCANNER_FINDS : 0) |
                (two_step_ ? SCANHOST_SCANNER_TWO_STEP : 0),
            "far", "https://far.example"};
  }

  ScannerHealth selfTest(Call& call) override {
    backend_.script.play("self_test", "", call, [] {});
    return {};
  }

  std::string prepareScan(const ScanRequest& request, Call& call) override {
    std::string reference;
    backend_.script.play("prepare", request.marker, call, [&] {
      const std::lock_guard lock(backend_.mutex);
      reference = std::to_string(backend_.scans.size() + 1);
      FarScan& made = backend_.scans.emplace_back();
      made.reference = reference;
      made.marker = request.marker;
      made.name = request.name;
    });
    return reference;
  }

  std::string startScan(const RemoteScan& scan, Call& call) override {
    std::string run_id;
    backend_.script.play("start", scan.reference, call, [&] {
      onScan(scan, [&](FarScan& found) {
        if (!found.run_id.empty())
          throw PluginError(ErrorClass::ambiguous, "scan " + found.reference + " has run before");
        found.state = RemoteStatus::running;
        run_id = found.run_id = "run-" + found.reference;
      });
    });
    return run_id;
  }

  void findScans(std::string_view prefix, RemoteStateSink& sink, Call& call) override {
    backend_.script.play("find", std::string(prefix), call, [&] {
      const std::lock_guard lock(backend_.mutex);
      for (const FarScan& scan : backend_.scans)
        if (scan.state != RemoteStatus::gone && scan.marker.rfind(prefix, 0) == 0) tell(scan, sink);
    });
  }

  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call& call) override {
    backend_.script.play("poll", std::to_string(scans.size()), call, [&] {
      const std::lock_guard lock(backend_.mutex);
      for (const RemoteScan& asked : scans)
        if (FarScan* scan = backend_.find(asked.reference)) {
          goOn(*scan);
          tell(*scan, sink);
        }
    });
  }

  void pauseScan(const RemoteScan& scan, Call& call) override {
    change("pause", scan, RemoteStatus::paused, call);
  }
  void resumeScan(const RemoteScan& scan, Call& call) override {
    change("resume", scan, RemoteStatus::running, call);
  }
  void stopScan(const RemoteScan& scan, Call& call) override {
    if (polls_after_stop_ == 0) return change("stop", scan, RemoteStatus::stopped, call);
    backend_.script.play("stop", scan.reference, call, [&] {
      onScan(scan, [&](FarScan& found) { found.polls_to_stop = polls_after_stop_; });
    });
  }
  void removeScan(const RemoteScan& scan, Call& call) override {
    change("remove", scan, RemoteStatus::gone, call);
  }

  Summary collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) override {
    std::string name;
    backend_.script.play("collect", scan.reference, call,
                         [&] { onScan(scan, [&](FarScan& found) { name = found.name; }); });
    return tellReport(name, sink);
  }

 private:
  template <class Step>
  void onScan(const RemoteScan& scan, Step&& step) {
    const std::lock_guard lock(backend_.mutex);
    FarScan* found = backend_.find(scan.reference);
    if (!found) throw PluginError(ErrorClass::lost, "there is no scan " + scan.reference);
    step(*found);
  }

  void change(const std::string& operation, const RemoteScan& scan, RemoteStatus state,
              Call& call) {
    backend_.script.play(operation, scan.reference, call,
                         [&] { onScan(scan, [&](FarScan& found) { found.state = state; }); });
  }

  /// A running scan is complete after so many polls; never with 0. One called "aborting" ends so.
  void goOn(FarScan& scan) const {
    if (scan.polls_to_stop > 0 && --scan.polls_to_stop == 0) scan.state = RemoteStatus::stopped;
    if (scan.state != RemoteStatus::running || polls_ == 0 || ++scan.polls < polls_) return;
    scan.state = scan.name.find("aborting") != std::string::npos ? RemoteStatus::aborted
                                                                 : RemoteStatus::completed;
  }

  void tell(const FarScan& scan, RemoteStateSink& sink) const {
    RemoteState state;
    state.state = scan.state;
    state.reference = scan.reference;
    state.run_id = scan.name.find("restarted") != std::string::npos && scan.polls > 1 ? "other run"
                                                                                      : scan.run_id;
    state.marker = scan.marker;
    state.name = scan.name;
    state.status = "far state " + std::to_string(static_cast<int>(scan.state));
    state.percent = scan.state == RemoteStatus::completed ? 100 : 10;
    sink.tell(state);
  }

  Backend& backend_;
  const bool finds_, two_step_;
  const std::int64_t polls_, polls_after_stop_;
};

}  // namespace

SCANHOST_PLUGIN(manifest, FarScanner)
