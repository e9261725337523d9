// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Plugins of others, and ours where asked for, in processes of their own.
#include <gmock/gmock.h>

#include "tests/integration/service.h"
#include "tests/integration/vendors_folder.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::NessusSimulator;

constexpr const char* wild_scanner = "  - {name: wild, pool: wild, plugin: scanner-wild}\n";

class IsolatedVendor : public testing::Test {
 protected:
  struct Vendors : VendorsFolder {
    Vendors() { add(SCANHOST_FIXTURE_DIR "/scanner-wild.so"); }
  };
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
