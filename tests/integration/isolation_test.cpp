// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Plugins of others, and ours where asked for, in processes of their own.
#include <gmock/gmock.h>

#include <thread>

#include "tests/integration/service.h"
#include "tests/integration/vendors_folder.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::NessusSimulator;

constexpr const char* wild_scanner = "  - {name: wild, pool: wild, plugin: scanner-wild}\n";

struct Vendors : VendorsFolder {
  Vendors() { add(SCANHOST_FIXTURE_DIR "/scanner-wild.so"); }
};

class IsolatedVendor : public testing::Test {
 protected:
  Vendors plugins;
  Service service{
      {.scanners = wild_scanner,
       .extra = plugins.setting() +
                "tasks: {retry: {max_attempts: 2, base_delay: 50ms, max_delay: 100ms}}\n"}};
  client::Client client = service.client();

  client::ScanStatus scan(const std::string& name) {
    return waitForEnd(client, client.submit_scan("10.0.0.1", name).task_id);
  }
};

TEST_F(IsolatedVendor, AScannerOfAnotherVendorRunsInAProcessOfItsOwn) {
  EXPECT_EQ(scan("nothing").status, "completed");
  bool told = false;
  for (const Json& event : service.events("plugin_loaded"))
    if (event["plugin"].asString() == "scanner-wild")
      told = event["isolation"].asString() == "process";
  EXPECT_TRUE(told) << service.log();
}

TEST_F(IsolatedVendor, ACrashFailsItsTaskAfterItsAttemptsAndNoOther) {
  const auto crashed = scan("crash");
  EXPECT_EQ(crashed.status, "failed");
  EXPECT_THAT(crashed.error_message, HasSubstr("died of SIGSEGV in scan"));
  EXPECT_EQ(scan("nothing").status, "completed");
}

TEST_F(IsolatedVendor, ACrashIsAnEventAMetricAndAReport) {
  const auto crashed = scan("crash");
  const auto events = service.events("plugin_crashed");
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0]["signal"].asString(), "SIGSEGV");
  EXPECT_EQ(events[0]["task_id"].asString(), crashed.task_id);
  EXPECT_EQ(scan("nothing").status, "completed");
  EXPECT_FALSE(service.events("plugin_restarted").empty());
  EXPECT_GE(service.metric("scanhost_plugin_restarts_total{plugin=\"scanner-wild\"}").value_or(0),
            1);
  EXPECT_EQ(service.metric("scanhost_plugin_up{plugin=\"scanner-wild\"}"), 1);
  const std::string report_file = events[0]["report"].asString();
  ASSERT_TRUE(std::filesystem::exists(report_file)) << report_file;
  const auto list = testing_support::run(
      {{built("bin/scanhost"), "plugin", "list", "--dir", plugins.path().string(), "--data-dir",
        (service.folder() / "data").string()},
       {},
       {}});
  EXPECT_THAT(list.out, HasSubstr("last crash: died of SIGSEGV in scan"));
}

TEST(IsolatedVendors, APluginIsUpOnlyWhileAllItsInstancesAre) {
  const Vendors plugins;
  Service service(
      {.scanners = "  - {name: first, pool: first, plugin: scanner-wild}\n"
                   "  - {name: second, pool: second, plugin: scanner-wild}\n",
       .extra = plugins.setting() + "tasks: {retry: {max_attempts: 1, base_delay: 50ms}}\n"});
  client::Client client = service.client();
  const auto crash = [&](const std::string& pool) {
    client::ScanOptions options;
    options.scanner_pool = pool;
    waitForEnd(client, client.submit_scan("10.0.0.1", "crash", options).task_id);
  };
  const auto up = [&] { return service.metric("scanhost_plugin_up{plugin=\"scanner-wild\"}"); };
  const auto eventually = [&](const std::string& event, std::size_t count) {
    for (int i = 0; i < 300 && service.events(event).size() < count; ++i)
      std::this_thread::sleep_for(100ms);
    return service.events(event).size() == count;
  };
  EXPECT_EQ(up(), 1);
  for (std::size_t crashes = 1; crashes < 5; ++crashes) {
    crash("first");
    ASSERT_TRUE(eventually("plugin_restarted", crashes)) << service.log();
  }
  crash("first");
  ASSERT_TRUE(eventually("plugin_given_up", 1)) << service.log();
  crash("second");
  ASSERT_TRUE(eventually("plugin_restarted", 5)) << service.log();
  EXPECT_EQ(up(), 0);

  service.operatorClient().call_tool("reload", Json::object());  // replaces the one given up
  for (int i = 0; i < 100 && up() != 1; ++i) std::this_thread::sleep_for(100ms);
  EXPECT_EQ(up(), 1);
}

TEST(IsolatedOwn, ScannersWorkThereAsTheyDoHere) {
  const NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  std::string remote = nessusScanner(nessus);
  remote.insert(remote.find("plugin: scanner-nessus"), "isolation: process, ");
  Service service({.scanners = remote +
                               "  - {name: local, pool: nmap, plugin: scanner-nmap, isolation: "
                               "process, config: {ports: \"1-10\"}}\n"});
  client::Client client = service.client();
  EXPECT_EQ(waitForEnd(client, client.submit_scan("10.0.0.1", "remote").task_id).status,
            "completed");
  client::ScanOptions local;
  local.scanner_pool = "nmap";
  EXPECT_EQ(waitForEnd(client, client.submit_scan("127.0.0.1", "local", local).task_id).status,
            "completed");
}

}  // namespace
}  // namespace scanhost::integration
