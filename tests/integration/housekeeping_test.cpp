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
