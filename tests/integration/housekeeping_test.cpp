// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a service clears up by itself, and what it refuses while its disk is nearly full.
#include <gmock/gmock.h>

#include <thread>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

template <class Holds>
bool eventually(Holds&& holds) {
  for (int i = 0; i < 400; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

class ClearingUp : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "1", "--seed", "7"}};
};

TEST_F(ClearingUp, AScanLeavesTheScannerAndItsRecordTheQueueWhenTheirTimeHasCome) {
  Service service({.scanners = nessusScanner(nessus),
                   .extra =
                       "tasks: {poll_interval: 100ms}\n"
                       "housekeeping: {interval: 1s, completed_ttl: 3s, remote_retention: 0s}\n"});
  client::Client client = service.client();
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  ASSERT_EQ(waitForEnd(client, task).status, "completed");

  EXPECT_TRUE(eventually([&] { return nessus.count("scan_deleted") == 1; }));
  EXPECT_TRUE(eventually([&] { return service.metric("nessus_ttl_deletions_total") == 1.0; }));
  EXPECT_THAT(service.ctl({"status", task}).err, HasSubstr("not found"));
  EXPECT_TRUE(eventually([&] { return !service.events("task_expired").empty(); }));
}

TEST_F(ClearingUp, LeavesForeignScansAloneAlsoWhereTheirIdsAreThoseOfItsOwn) {
  NessusSimulator other(built("bin/nessus-simulator"), {"--scan-seconds", "1"});
  Service service({.scanners = nessusScanner(nessus, "one") + nessusScanner(other, "two"),
                   .extra =
                       "tasks: {poll_interval: 100ms}\n"
                       "housekeeping: {interval: 1s, completed_ttl: 3s, remote_retention: 0s}\n"});
  client::Client client = service.client();
  client::ScanOptions on_one;
  on_one.scanner_pool = "nessus";
  on_one.scanner_instance = "one";
  const std::string before = nessus.addForeignScan("LAN");
  const std::string task = client.submit_scan("10.0.0.1", "LAN", on_one).task_id;
  const auto ended = waitForEnd(client, task);
  ASSERT_EQ(ended.status, "completed");
  const std::string same_name = nessus.addForeignScan("LAN");
  const std::string other_queues =
      nessus.addForeignScan("LAN [scanhost:ne_on_20251201_143022_a1b2c3d4/1]");
  std::string same_id = other.addForeignScan("LAN");
  while (same_id != ended.json["remote_ref"].asString()) same_id = other.addForeignScan("LAN");

  ASSERT_TRUE(eventually([&] { return !service.events("task_expired").empty(); }));
  const std::size_t runs = service.events("housekeeping_completed").size();
  ASSERT_TRUE(
      eventually([&] { return service.events("housekeeping_completed").size() >= runs + 2; }));

  EXPECT_EQ(nessus.count("scan_deleted"), 1) << "its own";
  EXPECT_EQ(other.count("scan_deleted"), 0);
  for (const std::string& foreign : {before, same_name, other_queues})
    EXPECT_TRUE(nessus.hasScan(foreign)) << foreign;
  EXPECT_TRUE(other.hasScan(same_id));
}

TEST_F(ClearingUp, LeavesACopyThatAPersonMadeOfAnEarlierLaunchsScan) {
  Service service({.scanners = nessusScanner(nessus),
                   .extra =
                       "tasks: {poll_interval: 100ms, retry: {base_delay: 100ms}}\n"
                       "housekeeping: {interval: 1s, completed_ttl: 3s, remote_retention: 0s}\n"});
  client::Client client = service.client();
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  const std::string first = remoteOf(client, task);
  const Json copied = nessus.call("POST", "/scans/" + first + "/copy");
  const std::string copy = std::to_string(copied["id"].asInteger());
  ASSERT_TRUE(nessus.hasScan(copy));
  nessus.call("POST", "/simulator/scans/" + first + "/abort");

  const auto ended = waitForEnd(client, task);
  ASSERT_EQ(ended.status, "completed");
  ASSERT_EQ(ended.json["attempt"], Json(2)) << "of two launches";
  ASSERT_TRUE(eventually([&] { return !service.events("task_expired").empty(); }));

  EXPECT_FALSE(nessus.hasScan(first));
  EXPECT_FALSE(nessus.hasScan(ended.json["remote_ref"].asString()));
  EXPECT_TRUE(nessus.hasScan(copy));
}

TEST_F(ClearingUp, WithoutRoomOnTheDiskNothingIsAcceptedAndTheServiceIsNotReady) {
  Service service({.scanners = nessusScanner(nessus), .extra = "limits: {disk_free: 1024TiB}\n"});
  client::Client client = service.client();

  try {
    client.submit_scan("10.0.0.1", "LAN");
    ADD_FAILURE() << "it was accepted";
  } catch (const client::ServiceError& error) {
    EXPECT_EQ(error.code(), "unavailable");
  }

  EXPECT_THAT(service.get("/readyz"), HasSubstr("unhealthy: disk_free"));
  EXPECT_EQ(service.get("/livez"), "ok");
  EXPECT_EQ(nessus.count("scan_created"), 0);
}

}  // namespace
}  // namespace scanhost::integration
