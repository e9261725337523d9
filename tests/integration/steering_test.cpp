// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans that are paused, resumed and deleted, through the real program.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::Finished;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

class Steering : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"}};
  Service service{{.scanners = nessusScanner(nessus, "scanner1", 1) + nmapScanner("1-65535"),
                   .extra = "tasks: {poll_interval: 100ms, lease: 2s}\n"}};
  client::Client client = service.client();

  std::string submit(const std::string& pool = "nessus") {
    client::ScanOptions options;
    options.scanner_pool = pool;
    return client.submit_scan("127.0.0.1", "LAN", options).task_id;
  }
  Json ask(const std::string& tool, const std::string& task) {
    return client.call_tool(tool, Json::object({{"task_id", task}}));
  }
  client::ScanStatus waitFor(const std::string& task, const std::string& state) {
    client::ScanStatus status = client.get_status(task);
    for (int i = 0; i < 400 && status.status != state; ++i) {
      std::this_thread::sleep_for(25ms);
      status = client.get_status(task);
    }
    EXPECT_EQ(status.status, state) << status.json.dump();
    return status;
  }
  std::string remoteOf(const std::string& task) { return integration::remoteOf(client, task); }
  std::string completed() {
    const std::string task = submit();
    nessus.call("POST", "/simulator/scans/" + remoteOf(task) + "/finish");
    EXPECT_EQ(waitForEnd(client, task).status, "completed");
    return task;
  }
  static std::string codeOf(const std::function<void()>& call) {
    try {
      call();
    } catch (const client::ServiceError& error) {
      return error.code();
    }
    return "";
  }
};

TEST_F(Steering, AWaitingScanIsHeldAndQueuedAgain) {
  remoteOf(submit());  // takes the only place
  const std::string waiting = submit();
  const Json held = ask("pause_scan", waiting);
  EXPECT_EQ(held["status"].asString(), "paused");
  EXPECT_TRUE(held["pause_requested"].asBool());
  EXPECT_EQ(ask("pause_scan", waiting)["status"].asString(), "paused") << "a repeat is harmless";
  const Json again = ask("resume_scan", waiting);
  EXPECT_EQ(again["status"].asString(), "queued");
  EXPECT_FALSE(again["pause_requested"].asBool());
}

TEST_F(Steering, ARunningScanIsPausedAndResumedWhenTheScannerConfirms) {
  const std::string task = submit();
  const std::string remote = remoteOf(task);
  EXPECT_EQ(service.ctl({"pause", task}).exit_code, 0);
  waitFor(task, "paused");
  EXPECT_EQ(nessus.call("GET", "/scans/" + remote)["info"]["status"].asString(), "paused");
  EXPECT_EQ(client.get_pool_status("nessus")["total_active"], Json(1)) << "it keeps its place";
  EXPECT_EQ(service.ctl({"resume", task}).exit_code, 0);
  waitFor(task, "running");
  EXPECT_EQ(nessus.count("scan_paused"), 1);
  EXPECT_EQ(nessus.count("scan_resumed"), 1);
}

TEST_F(Steering, ARunningScanOfAScannerThatCannotPauseGoesOn) {
  const std::string task = submit("nmap");
  waitFor(task, "running");
  EXPECT_EQ(codeOf([&] { ask("pause_scan", task); }), "unsupported");
  EXPECT_FALSE(client.get_status(task).json["pause_requested"].asBool());
  client.cancel(task);
}

TEST_F(Steering, AScanThatHasEndedIsNeitherPausedNorResumed) {
  const std::string task = completed();
  EXPECT_EQ(codeOf([&] { ask("pause_scan", task); }), "invalid_state");
  EXPECT_EQ(codeOf([&] { ask("resume_scan", task); }), "invalid_state");
}

TEST_F(Steering, DeleteRemovesTheScanItsFindingsAndItsRemoteScanOnly) {
  const std::string before = nessus.addForeignScan("LAN");
  const std::string task = completed();
  const std::string remote = client.get_status(task).json["remote_ref"].asString();
  const std::string after = nessus.addForeignScan("LAN [scanhost:someone/1]");
  const Json deleted = ask("delete_scan", task);
  EXPECT_TRUE(deleted["deleted"].asBool());
  EXPECT_GT(deleted["findings_deleted"].asInteger(), 0);
  EXPECT_EQ(deleted["remote"].asString(), "deleted");
  EXPECT_EQ(codeOf([&] { client.get_status(task); }), "task_not_found");
  EXPECT_FALSE(nessus.hasScan(remote));
  EXPECT_TRUE(nessus.hasScan(before));
  EXPECT_TRUE(nessus.hasScan(after));
}

TEST_F(Steering, DeleteKeepsTheRemoteScanWhenToldSo) {
  const std::string task = completed();
  const std::string remote = client.get_status(task).json["remote_ref"].asString();
  const Finished ended = service.ctl({"delete", task, "--keep-remote", "--output", "json"});
  EXPECT_EQ(Json::parse(ended.out)["remote"].asString(), "kept") << ended.err;
  EXPECT_TRUE(nessus.hasScan(remote));
}

TEST_F(Steering, AScanThatHasNotEndedIsNotDeleted) {
  const std::string task = submit();
  remoteOf(task);
  EXPECT_EQ(codeOf([&] { ask("delete_scan", task); }), "invalid_state");
  EXPECT_EQ(client.get_status(task).status, "running");
}

TEST_F(Steering, AScannerOutOfReachKeepsTheTaskSoThatDeleteCanBeRepeated) {
  const std::string task = completed();
  nessus.misbehave(R"([{"path": ".*", "fault": "status", "status": 500, "times": 0}])");
  EXPECT_EQ(codeOf([&] { ask("delete_scan", task); }), "unavailable");
  nessus.misbehave("[]");
  EXPECT_EQ(ask("delete_scan", task)["remote"].asString(), "deleted");
}

TEST_F(Steering, AForeignScanWithTheSameIdOnAReplacedScannerSurvivesADelete) {
  const std::string task = completed();
  const std::string remote = client.get_status(task).json["remote_ref"].asString();
  NessusSimulator other(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  std::string foreign = other.addForeignScan("LAN");
  while (foreign != remote) foreign = other.addForeignScan("LAN");
  const auto file = service.folder() / "scanhost.yaml";
  std::ifstream in(file);
  std::string config(std::istreambuf_iterator<char>(in), {});
  const auto replace = [&](const std::string& from, const std::string& to) {
    config.replace(config.find(from), from.size(), to);
  };
  replace(nessus.url(), other.url());
  replace(nessus.fingerprint(), other.fingerprint());
  std::ofstream(file) << config;
  service.killAndRestart();
  client = service.client();

  EXPECT_EQ(ask("delete_scan", task)["remote"].asString(), "absent");
  EXPECT_TRUE(other.hasScan(foreign));
}

}  // namespace
}  // namespace scanhost::integration
