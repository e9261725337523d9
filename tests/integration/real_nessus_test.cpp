// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One scan on a real Nessus, when an operator names one: see README.md.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

std::string required(const char* name) {
  const char* value = getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

TEST(RealNessus, AScanGoesFromSubmissionToFindings) {
  const std::string target = required("SCANHOST_TEST_NESSUS_TARGET");
  Service service{
      {.scanners = "  - {name: real, pool: nessus, plugin: scanner-nessus, config: {url: \"" +
                   required("SCANHOST_TEST_NESSUS_URL") +
                   "\", access_key: \"${env:SCANHOST_TEST_NESSUS_ACCESS_KEY}\", secret_key: "
                   "\"${env:SCANHOST_TEST_NESSUS_SECRET_KEY}\", tls: {pin_sha256: \"" +
                   required("SCANHOST_TEST_NESSUS_PIN") + "\"}}}\n",
       .extra = "tasks: {poll_interval: 5s}\n",
       .targets = "{allow: [\"" + target + "\"]}"}};
  client::Client client = service.client();
  ASSERT_EQ(client.list_scanners()["scanners"].items()[0]["state"].asString(), "ready")
      << client.list_scanners().dump();
  const auto scan = client.submit_scan(target, "scanhost test");
  const auto status = client.wait_for_completion(
      scan.task_id, {}, {.timeout = std::chrono::hours(2), .poll = std::chrono::seconds(5)});
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_GT(client.get_results(scan.task_id).findings.size(), 0u);
}

}  // namespace
}  // namespace scanhost::integration
