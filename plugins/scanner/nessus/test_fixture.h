// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The built scanner-nessus, loaded as the host does, with a simulator program for its server.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/plugins/instance.h"
#include "host/plugins/loader.h"
#include "host/plugins/scanner_client.h"
#include "host/plugins/schema.h"
#include "tests/support/nessus_simulator.h"

namespace scanhost {

using namespace std::chrono_literals;

inline const LoadedPlugin& plugin() {
  static PluginLoader loader({.folder = std::filesystem::path(SCANHOST_BINARY_DIR) / "plugins"});
  const auto loaded = loader.load("scanner-nessus");
  if (!loaded) throw std::runtime_error(loaded.error().message);
  return **loaded;
}

class Recorder : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    for (const scanhost_finding* record : records) findings.push_back(FindingRecord::from(*record));
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const> records) override {
    for (const scanhost_host_report* record : records) login.push_back(record->login);
    return {};
  }
  Status onProgress(int, std::string_view) override { return {}; }
  Status onSummary(const Summary& told) override {
    summary = told;
    return {};
  }

  std::vector<FindingRecord> findings;
  std::vector<unsigned> login;
  std::optional<Summary> summary;
};

class NessusPlugin : public testing::Test {
 protected:
  void start(std::vector<std::string> simulator_options = {"--scan-seconds", "0.4"}) {
    for (const char* word :
         {"--username", "admin", "--password", "swordfish", "--export-seconds", "0.1"})
      simulator_options.emplace_back(word);
    simulator.emplace(SCANHOST_BINARY_DIR "/bin/nessus-simulator", simulator_options);
    make();
  }
  /// An instance with the settings that the host would fill in; null takes a setting away.
  void make(const Json& more = Json::object()) {
    Json settings =
        Json::object({{"url", simulator->url()},
                      {"access_key", "AK"},
                      {"secret_key", "hunter2"},
                      {"request_timeout", "20s"},
                      {"tls", Json::object({{"pin_sha256", simulator->fingerprint()}})}});
    for (const auto& [name, value] : more.members()) settings[name] = value;
    CheckedSettings checked = Schema::compile(plugin().manifest().config_schema)->check(settings);
    ASSERT_TRUE(checked.problems.empty()) << checked.problems.at(0).message;
    auto created = PluginInstance::create(
        plugin(), SCANHOST_SCANNER_REMOTE_ID,
        {.name = "scanner1",
         .settings = std::move(checked.values),
         .data_dir = {},
         .events = [this](int, std::string_view event, std::string_view fields, const auto&) {
           logged += std::string(event) + std::string(fields) + "\n";
         }});
    ASSERT_TRUE(created) << created.error().message;
    instance = std::move(*created);
    ASSERT_TRUE(instance->start({.events = instance->events()}));
  }
  void useSession() {
    make(Json::object({{"access_key", ""},
                       {"secret_key", ""},
                       {"ui_session", true},
                       {"username", "admin"},
                       {"password", "swordfish"}}));
  }

  ScannerClient client() const {
    return {"scanner-nessus", &instance->table<scanhost_interface>(), instance->self(),
            ScannerKind::remote};
  }
  static CallOptions soon() { return {.timeout = 60s}; }

  static ScanRequest request(const std::string& name = "LAN", int launch = 1) {
    ScanRequest made;
    made.task_id = "ne_s_1";
    made.marker = "[scanhost:ne_s_1/" + std::to_string(launch) + "]";
    made.name = name;
    made.targets = {{"10.0.0.0/30", {"10.0.0.0/30"}, false}};
    return made;
  }
  RemoteScan prepared(const ScanRequest& wanted = request()) {
    const auto reference = client().prepare(wanted, soon());
    if (!reference) throw std::runtime_error(reference.error().message);
    return {*reference, "", wanted.marker};
  }
  RemoteScan started(const ScanRequest& wanted = request()) {
    RemoteScan scan = prepared(wanted);
    const auto run_id = client().start(scan, soon());
    if (!run_id) throw std::runtime_error(run_id.error().message);
    scan.run_id = *run_id;
    return scan;
  }
  RemoteState stateOf(const RemoteScan& scan) {
    const std::vector<RemoteScan> scans{scan};
    const auto states = client().poll(scans, soon());
    if (!states) throw std::runtime_error(states.error().message);
    return states->at(0);
  }
  RemoteScan completed(const ScanRequest& wanted = request()) {
    const RemoteScan scan = started(wanted);
    waitFor(scan, RemoteStatus::completed);
    return scan;
  }
  void waitFor(const RemoteScan& scan, RemoteStatus wanted) {
    for (int looks = 0; looks < 200; ++looks) {
      if (stateOf(scan).state == wanted) return;
      std::this_thread::sleep_for(50ms);
    }
    FAIL() << "the scan is " << stateOf(scan).status;
  }

  std::optional<testing_support::NessusSimulator> simulator;
  std::unique_ptr<PluginInstance> instance;
  std::string logged;
};

}  // namespace scanhost
