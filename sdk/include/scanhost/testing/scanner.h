// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scanners under test: run a scan through the C ABI and look at what came of it.
///
///     LocalScannerUnderTest scanner(plugin, settings);
///     const ScanOutcome outcome = scanner.scan(requestFor({"192.0.2.7"}));
///     SCANHOST_EXPECT(outcome.summary && outcome.summary->complete);
#ifndef SCANHOST_TESTING_SCANNER_H
#define SCANHOST_TESTING_SCANNER_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../scanner.h"
#include "host.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

/// What a scan told, in order of arrival, and how it ended.
struct ScanOutcome {
  std::vector<FindingRecord> findings;
  std::vector<HostReport> hosts;
  std::vector<std::pair<int, std::string>> progress;
  std::optional<Summary> summary;    ///< none when it failed
  std::optional<PluginError> error;  ///< none when it did not
};

/// What the host's sink allows; small by choice, so that batches and long texts are met in tests.
struct SinkLimits {
  std::uint32_t max_batch = 4;
  std::uint64_t max_text = 4096;
  /// Refuses (cancelled) everything after that many calls, as a host does whose task is cancelled.
  std::size_t calls = static_cast<std::size_t>(-1);
};

/// A request to scan addresses, each a target of its own.
inline ScanRequest requestFor(const std::vector<std::string>& addresses,
                              const Json& settings = Json::object()) {
  ScanRequest request;
  request.task_id = "00000000-0000-4000-8000-000000000001";
  request.marker = "[scanhost:" + request.task_id + "/1]";
  request.name = "test";
  request.settings = settings;
  for (const std::string& address : addresses)
    request.targets.push_back({address, {address}, false});
  return request;
}

/// Gathers what is told to a scanhost_scan_sink.
class ScanCollector {
 public:
  explicit ScanCollector(const SinkLimits& limits = {}) : calls_left_(limits.calls) {
    sink_.struct_size = sizeof sink_;
    sink_.max_batch = limits.max_batch;
    sink_.max_text = limits.max_text;
    sink_.context = this;
    sink_.findings = [](void* context, const scanhost_finding* const* records, uint64_t count) {
      return of(context).take([&](ScanOutcome& outcome) {
        for (uint64_t i = 0; i < count; ++i)
          outcome.findings.push_back(FindingRecord::from(*records[i]));
      });
    };
    sink_.hosts = [](void* context, const scanhost_host_report* const* records, uint64_t count) {
      return of(context).take([&](ScanOutcome& outcome) {
        for (uint64_t i = 0; i < count; ++i)
          outcome.hosts.push_back({toString(records[i]->host),
                                   records[i]->state == SCANHOST_HOST_ANSWERED, records[i]->login,
                                   toPairs(records[i]->facts)});
      });
    };
    sink_.progress = [](void* context, int32_t percent, scanhost_text status) {
      return of(context).take(
          [&](ScanOutcome& outcome) { outcome.progress.emplace_back(percent, toString(status)); });
    };
    sink_.summary = [](void* context, const scanhost_scan_summary* summary) {
      return of(context).take([&](ScanOutcome& outcome) {
        outcome.summary =
            Summary{summary->complete != 0, toString(summary->reason), summary->hosts_answered,
                    summary->hosts_silent,  summary->report_bytes,     summary->login_findings};
      });
    };
  }
  ScanCollector(const ScanCollector&) = delete;
  ScanCollector& operator=(const ScanCollector&) = delete;

  const scanhost_scan_sink* sink() const noexcept { return &sink_; }
  /// What came, once the call ended with `status`.
  ScanOutcome take(const TestCall& call, scanhost_status status, const char* function) {
    try {
      call.throwIfFailed(status, function);
    } catch (const PluginError& error) {
      outcome_.error = error;
    }
    return std::move(outcome_);
  }

 private:
  static ScanCollector& of(void* context) noexcept { return *static_cast<ScanCollector*>(context); }
  template <class Add>
  scanhost_status take(Add&& add) {
    if (calls_left_ == 0) return SCANHOST_ERROR_CANCELLED;
    --calls_left_;
    add(outcome_);
    return SCANHOST_OK;
  }

  std::size_t calls_left_;
  scanhost_scan_sink sink_{};
  ScanOutcome outcome_;
};

/// What both kinds can do. Functions that fail throw the PluginError that the plugin left.
class ScannerUnderTest {
 public:
  ScannerUnderTest(const TestPlugin& plugin, std::string_view interface_id, const Json& settings)
      : instance_(plugin, interface_id, settings) {
    instance_.start();
  }

  ScannerDescription describe() const {
    ScannerDescription found;
    scanhost_scanner_sink sink{sizeof(scanhost_scanner_sink), 0, &found, nullptr, nullptr};
    sink.description = [](void* context, const scanhost_scanner_description* description) {
      *static_cast<ScannerDescription*>(context) = {
          description->capabilities, toString(description->family), toString(description->url)};
    };
    TestCall call;
    call.throwIfFailed(head().describe(instance_.self(), call.abi(), &sink), "describe");
    return found;
  }
  ScannerHealth selfTest() const {
    ScannerHealth found;
    scanhost_scanner_sink sink{sizeof(scanhost_scanner_sink), 0, &found, nullptr, nullptr};
    sink.health = [](void* context, const scanhost_scanner_health* health) {
      *static_cast<ScannerHealth*>(context) = {health->state == SCANHOST_SCANNER_READ_ONLY,
                                               toString(health->reason), toString(health->version),
                                               health->active_scans};
    };
    TestCall call;
    call.throwIfFailed(head().self_test(instance_.self(), call.abi(), &sink), "self_test");
    return found;
  }
  TestInstance& instance() noexcept { return instance_; }

 protected:
  const scanhost_scanner& head() const noexcept { return instance_.table<scanhost_scanner>(); }

  TestInstance instance_;
};

class LocalScannerUnderTest : public ScannerUnderTest {
 public:
  explicit LocalScannerUnderTest(const TestPlugin& plugin, const Json& settings = Json::object())
      : ScannerUnderTest(plugin, SCANHOST_SCANNER_LOCAL_ID, settings) {}

  ScanOutcome scan(const ScanRequest& request, TestCall& call, const SinkLimits& limits = {}) {
    ScanCollector collector(limits);
    const LentScanRequest lent(request);
    const scanhost_status status = instance_.table<scanhost_scanner_local>().scan(
        instance_.self(), call.abi(), lent.abi(), collector.sink());
    return collector.take(call, status, "scan");
  }
  ScanOutcome scan(const ScanRequest& request) {
    TestCall call;
    return scan(request, call);
  }
};

class RemoteScannerUnderTest : public ScannerUnderTest {
 public:
  explicit RemoteScannerUnderTest(const TestPlugin& plugin, const Json& settings = Json::object())
      : ScannerUnderTest(plugin, SCANHOST_SCANNER_REMOTE_ID, settings) {}

  /// The scan that `prepare` made, with the request's marker.
  RemoteScan prepare(const ScanRequest& request) {
    TextBuffer reference;
    const LentScanRequest lent(request);
    TestCall call;
    call.throwIfFailed(table().prepare(instance_.self(), call.abi(), lent.abi(), reference.sink()),
                       "prepare");
    return {reference.take(), {}, request.marker};
  }
  /// Answers the scan with the id of the run that began.
  RemoteScan start(RemoteScan scan) {
    TextBuffer run_id;
    TestCall call;
    const scanhost_remote_scan lent = lend(scan);
    call.throwIfFailed(table().start(instance_.self(), call.abi(), &lent, run_id.sink()), "start");
    scan.run_id = run_id.take();
    return scan;
  }
  std::vector<RemoteState> find(std::string_view marker_prefix) {
    std::vector<RemoteState> found;
    const scanhost_remote_sink sink = sinkFor(found);
    TestCall call;
    call.throwIfFailed(table().find(instance_.self(), call.abi(), toText(marker_prefix), &sink),
                       "find");
    return found;
  }
  std::vector<RemoteState> poll(const std::vector<RemoteScan>& scans) {
    std::vector<scanhost_remote_scan> lent;
    for (const RemoteScan& scan : scans) lent.push_back(lend(scan));
    std::vector<const scanhost_remote_scan*> pointers;
    for (const scanhost_remote_scan& scan : lent) pointers.push_back(&scan);
    std::vector<RemoteState> found;
    const scanhost_remote_sink sink = sinkFor(found);
    TestCall call;
    call.throwIfFailed(
        table().poll(instance_.self(), call.abi(), pointers.data(), pointers.size(), &sink),
        "poll");
    return found;
  }
  void pause(const RemoteScan& scan) { ask(table().pause, scan, "pause"); }
  void resume(const RemoteScan& scan) { ask(table().resume, scan, "resume"); }
  void stop(const RemoteScan& scan) { ask(table().stop, scan, "stop"); }
  void remove(const RemoteScan& scan) { ask(table().remove, scan, "remove"); }
  ScanOutcome collect(const RemoteScan& scan, const SinkLimits& limits = {}) {
    ScanCollector collector(limits);
    TestCall call;
    const scanhost_remote_scan lent = lend(scan);
    const scanhost_status status =
        table().collect(instance_.self(), call.abi(), &lent, collector.sink());
    return collector.take(call, status, "collect");
  }

 private:
  using Function = scanhost_status (*)(void*, const scanhost_call*, const scanhost_remote_scan*);

  const scanhost_scanner_remote& table() const noexcept {
    return instance_.table<scanhost_scanner_remote>();
  }
  void ask(Function function, const RemoteScan& scan, const char* name) {
    TestCall call;
    const scanhost_remote_scan lent = lend(scan);
    call.throwIfFailed(function(instance_.self(), call.abi(), &lent), name);
  }
  static scanhost_remote_scan lend(const RemoteScan& scan) noexcept {
    return {sizeof(scanhost_remote_scan), 0, toText(scan.reference), toText(scan.run_id),
            toText(scan.marker)};
  }
  static scanhost_remote_sink sinkFor(std::vector<RemoteState>& states) noexcept {
    const auto take = [](void* context, const scanhost_remote_state* state) {
      static_cast<std::vector<RemoteState>*>(context)->push_back(
          {static_cast<RemoteStatus>(state->state), toString(state->reference),
           toString(state->run_id), toString(state->marker), toString(state->status),
           state->percent, std::chrono::nanoseconds(state->next_poll_ns), toString(state->name)});
      return scanhost_status{SCANHOST_OK};
    };
    return {sizeof(scanhost_remote_sink), 0, &states, take};
  }
};

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#endif
