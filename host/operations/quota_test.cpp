// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How many scans of one client may wait.
#include <gmock/gmock.h>

#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

class Quota : public OperationsTest {
 protected:
  Quota() {
    config.limits.queued_per_client = 2;
    config.limits.queued_per_pool = 100;
    config.tasks.idempotency_ttl = std::chrono::hours(1);
    addScanner("far", ScannerKind::remote);
  }
  Json ask(const Caller& caller, const std::string& key = {}) {
    Json arguments =
        Json::object({{"targets", "10.0.0.1"}, {"name", "scan"}, {"scanner_pool", "far"}});
    if (!key.empty()) arguments["idempotency_key"] = key;
    return call("run_untrusted_scan", arguments, caller);
  }
};

TEST_F(Quota, AClientWithAsManyWaitingScansAsItMayHasToWait) {
  EXPECT_EQ(ask(owner)["status"].asString(), "queued");
  EXPECT_EQ(ask(owner)["status"].asString(), "queued");
  const Json refused = ask(owner);
  EXPECT_EQ(refused["code"].asString(), "rate_limited");
  EXPECT_GT(refused["retry_after_s"].asNumber(), 0);
  EXPECT_EQ(ask(stranger)["status"].asString(), "queued") << "that is its own";
}

TEST_F(Quota, WhatWasTakenBeforeIsAnsweredAllTheSame) {
  const Json first = ask(owner, "one");
  ask(owner, "two");
  const Json again = ask(owner, "one");
  EXPECT_EQ(again["task_id"].asString(), first["task_id"].asString());
  EXPECT_TRUE(again["idempotent"].asBool());
  EXPECT_EQ(ask(owner, "three")["code"].asString(), "rate_limited");
}

}  // namespace
}  // namespace scanhost
