// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/scanner_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// Keeps what was told, as values.
class Recorder : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    ++batches;
    if (refuse) return fail(ErrorClass::cancelled, "enough");
    for (const scanhost_finding* record : records) findings.push_back(FindingRecord::from(*record));
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const> records) override {
    for (const scanhost_host_report* record : records) hosts.push_back(toString(record->host));
    return {};
  }
  Status onProgress(int value, std::string_view) override {
    percent = value;
    return {};
  }
  Status onSummary(const Summary& told) override {
    summary = told;
    return {};
  }

  bool refuse = false;
  int batches = 0;
  std::vector<FindingRecord> findings;
  std::vector<std::string> hosts;
  int percent = -1;
  std::optional<Summary> summary;
};

/// The example of the design document, with an answer worth looking at.
class BannerScanner : public LocalScanner {
 public:
  explicit BannerScanner(const Settings&) {}
  Summary scan(const ScanRequest& request, FindingSink& sink, Call&) override {
    const auto count = request.settings["count"].asInteger(1);
    for (std::int64_t i = 0; i < count; ++i) {
      FindingRecord finding;
      finding.host = request.targets.at(0).addresses.at(0);
      finding.check_id = "banner";
      finding.output = request.settings["output"].asString();
      sink.emit(std::move(finding));
    }
    sink.host({request.targets[0].addresses[0], true, SCANHOST_LOGIN_GOOD, {}});
    if (request.settings["break"].asBool())
      throw PluginError(ErrorClass::transient, "the report ended in the middle");
    sink.progress(50, (*request.credential)["username"]);
    Summary summary;
    summary.complete = true;
    summary.hosts_answered = 1;
    return summary;
  }
};

class KeptScanner : public RemoteScanner {
 public:
  explicit KeptScanner(const Settings&) {}
  std::string prepareScan(const ScanRequest& request, Call&) override {
    return "ref " + request.marker;
  }
  std::string startScan(const RemoteScan& scan, Call&) override { return "run " + scan.reference; }
  void findScans(std::string_view prefix, RemoteStateSink& sink, Call&) override {
    RemoteState state;
    state.marker = std::string(prefix) + "1]";
    sink.tell(state);
  }
  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call&) override {
    for (const RemoteScan& scan : scans) {
      RemoteState state;
      state.state = RemoteStatus::gone;
      state.reference = scan.reference;
      sink.tell(state);
    }
  }
  void stopScan(const RemoteScan&, Call&) override {
    throw PluginError(ErrorClass::lost, "no such scan");
  }
  Summary collectScan(const RemoteScan&, FindingSink&, Call&) override { return {}; }
  void removeScan(const RemoteScan&, Call&) override {}
};

/// One instance made through its table, as a loader would.
template <class Plugin>
class Made {
 public:
  Made() : table_(Plugin::template interfaceTable<Plugin>()) {
    HostCall call;
    const scanhost_create_args args{sizeof args, 0, toText("x"), {}, {}};
    EXPECT_EQ(table_->create(nullptr, call.abi(), &args, &self_), SCANHOST_OK);
  }
  ~Made() { table_->destroy(self_); }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

  ScannerClient client(CallObserver observer = {}) const {
    const bool remote = Plugin::interfaceId() == SCANHOST_SCANNER_REMOTE_ID;
    return {"scanner-banner", table_, self_, remote ? ScannerKind::remote : ScannerKind::local,
            std::move(observer)};
  }

 private:
  const scanhost_interface* table_;
  void* self_ = nullptr;
};

ScanRequest request(Json settings) {
  ScanRequest made;
  made.marker = "[scanhost:t/1]";
  made.settings = std::move(settings);
  made.targets = {{"web.example.org", {"10.0.0.7"}, true}};
  made.credential = Credential("ssh-password", Pairs{{"username", "root"}});
  return made;
}

TEST(ScannerClient, ALocalScanTellsItsFindingsHostsProgressAndSummary) {
  const Made<BannerScanner> scanner;
  Recorder recorder;

  const Status done = scanner.client().scan(request(Json::object()), recorder, {});

  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(recorder.findings.size(), 1u);
  EXPECT_EQ(recorder.findings[0].host, "10.0.0.7");
  EXPECT_EQ(recorder.hosts, std::vector<std::string>{"10.0.0.7"});
  EXPECT_EQ(recorder.percent, 50);
  ASSERT_TRUE(recorder.summary);
  EXPECT_TRUE(recorder.summary->complete);
}

TEST(ScannerClient, FindingsComeInBatchesOfTheAgreedSize) {
  const Made<BannerScanner> scanner;
  Recorder recorder;

  ASSERT_TRUE(scanner.client().scan(request(Json::object({{"count", 25}})), recorder, {},
                                    {.max_batch = 10}));

  EXPECT_EQ(recorder.findings.size(), 25u);
  EXPECT_EQ(recorder.batches, 3);
}

TEST(ScannerClient, ALongTextIsCutAtACharacterAndNamed) {
  const Made<BannerScanner> scanner;
  Recorder recorder;
  const Json settings = Json::object({{"output", "ab\xC3\xA4\xC3\xA4"}});

  ASSERT_TRUE(scanner.client().scan(request(settings), recorder, {}, {.max_text = 5}));

  EXPECT_EQ(recorder.findings[0].output, "ab\xC3\xA4");
  EXPECT_THAT(recorder.findings[0].truncated, testing::Contains("plugin_output"));
}

TEST(ScannerClient, TheHandlersFailureIsTheResult) {
  const Made<BannerScanner> scanner;
  Recorder recorder;
  recorder.refuse = true;

  const Status done = scanner.client().scan(request(Json::object()), recorder, {});

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::cancelled);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_FALSE(recorder.summary);
  EXPECT_EQ(recorder.batches, 1) << "a sink that refused is not called again";
}

TEST(ScannerClient, WhatWasGatheredBeforeAFailureIsTold) {
  const Made<BannerScanner> scanner;
  Recorder recorder;

  const Status done =
      scanner.client().scan(request(Json::object({{"count", 2}, {"break", true}})), recorder, {});

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the report ended in the middle");
  EXPECT_EQ(recorder.findings.size(), 2u);
  EXPECT_EQ(recorder.hosts.size(), 1u);
  EXPECT_FALSE(recorder.summary);
}

TEST(ScannerClient, APluginWithoutAFamilyIsNamedAfterItself) {
  const Made<BannerScanner> scanner;
  EXPECT_EQ(scanner.client().describe()->family, "banner");
}

TEST(ScannerClient, ALocalScannerRefusesRemoteWork) {
  const Made<BannerScanner> scanner;
  const auto reference = scanner.client().prepare(request(Json::object()), {});
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::unsupported);
}

TEST(ScannerClient, ARemoteScanIsPreparedStartedFoundAndPolled) {
  const Made<KeptScanner> made;
  const ScannerClient scanner = made.client();

  EXPECT_EQ(scanner.prepare(request(Json::object()), {}).value(), "ref [scanhost:t/1]");
  EXPECT_EQ(scanner.start({"7", "", ""}, {}).value(), "run 7");
  EXPECT_EQ(scanner.find("[scanhost:t/", {}).value().at(0).marker, "[scanhost:t/1]");
  const std::vector<RemoteScan> scans{{"7", "", ""}, {"8", "", ""}};
  const auto states = scanner.poll(scans, {}).value();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[1].reference, "8");
  EXPECT_EQ(states[1].state, RemoteStatus::gone);
}

TEST(ScannerClient, ErrorsKeepTheirClass) {
  const Made<KeptScanner> scanner;
  EXPECT_EQ(scanner.client().stop({"7", "", ""}, {}).error().error_class, ErrorClass::lost);
  EXPECT_EQ(scanner.client().pause({"7", "", ""}, {}).error().error_class, ErrorClass::unsupported);
}

TEST(ScannerClient, AnObserverHearsOfEachCall) {
  const Made<KeptScanner> scanner;
  std::vector<std::pair<std::string, bool>> heard;
  const ScannerClient client = scanner.client(
      [&](std::string_view operation, bool ok, double) { heard.emplace_back(operation, ok); });
  ASSERT_TRUE(client.prepare(request(Json::object()), {}).has_value());
  ASSERT_FALSE(client.stop({"ref", "run", "marker"}, {}).has_value());
  EXPECT_EQ(heard, (std::vector<std::pair<std::string, bool>>{{"prepare", true}, {"stop", false}}));
  const auto known = ScannerClient::operations(ScannerKind::remote);
  for (const auto& [operation, ok] : heard)
    EXPECT_NE(std::find(known.begin(), known.end(), operation), known.end()) << operation;
}

}  // namespace
}  // namespace scanhost
