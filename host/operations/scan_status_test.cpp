// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A status that waits for news.
#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class WaitingStatus : public OperationsTest {
 protected:
  WaitingStatus() { addScanner("far", ScannerKind::remote, Json::object({{"polls", 0}})); }

  Json status(const std::string& id, int wait_s) {
    return call("get_scan_status", Json::object({{"task_id", id}, {"wait_s", wait_s}}), owner);
  }
};

TEST_F(WaitingStatus, AnswersOnceTheStateChanges) {
  const std::string id = submit("far");
  std::thread cancels([&] {
    std::this_thread::sleep_for(200ms);
    queue->request(id, TaskRequest::cancel, Timestamp::now().micros, {});
  });
  const auto began = Clock::now();
  EXPECT_EQ(status(id, 50)["status"].asString(), "cancelled");
  EXPECT_LT(Clock::now() - began, 20s);
  cancels.join();
}

TEST_F(WaitingStatus, AnswersAtOnceWhereNothingWillChangeAnyMore) {
  const std::string id = submit("far");
  queue->request(id, TaskRequest::cancel, Timestamp::now().micros, {});
  const auto began = Clock::now();
  EXPECT_EQ(status(id, 50)["status"].asString(), "cancelled");
  EXPECT_EQ(status("xx_none_20251201_143022_a1b2c3d4", 50)["code"].asString(), "task_not_found");
  EXPECT_LT(Clock::now() - began, 10s);
}

TEST_F(WaitingStatus, AnswersUnchangedWhenTheTimeIsOver) {
  const std::string id = submit("far");
  const auto began = Clock::now();
  EXPECT_EQ(status(id, 1)["status"].asString(), "queued");
  EXPECT_GE(Clock::now() - began, 1s);
  EXPECT_EQ(status(id, 51)["code"].asString(), "invalid_argument");
}

}  // namespace
}  // namespace scanhost
