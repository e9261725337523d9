// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The example programs of the client library do what they show, against a real service.
#include <gmock/gmock.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::NessusSimulator;

class Examples : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.3", "--seed", "7"}};
  Service service{{.scanners = nessusScanner(nessus)}};

  std::string finishedTask() {
    client::Client client = service.client();
    return waitForEnd(client, client.submit_scan("127.0.0.1", "LAN").task_id).task_id;
  }
  void expectDone(const std::string& example, const std::string& argument,
                  const std::string& says) {
    const auto ended = service.example(example, argument);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_THAT(ended.out, HasSubstr(says));
  }
};

TEST_F(Examples, BasicUsageSubmits) {
  expectDone("basic_usage", "127.0.0.1", "task ne_scan_");
}
TEST_F(Examples, WaitForCompletionShowsTheEnd) {
  expectDone("wait_for_completion", finishedTask(), "completed");
}
TEST_F(Examples, ScanAndWaitRunsAScan) {
  expectDone("scan_and_wait", "127.0.0.1", "completed");
}
TEST_F(Examples, CriticalVulnerabilitiesListsThem) {
  expectDone("critical_vulnerabilities", finishedTask(), "SSL Version 2 and 3");
}
TEST_F(Examples, FullWorkflowGoesFromQueueToAnalysis) {
  expectDone("full_workflow", "127.0.0.1", "24 findings, the worst:");
}
TEST_F(Examples, EndToEndProvesTheService) {
  expectDone("end_to_end", "127.0.0.1", "ok   get_vulnerability_summary");
}
TEST_F(Examples, ARefusalIsExplained) {
  const auto ended = service.example("scan_and_wait", "192.0.2.1");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("refused (policy_denied)"));
}

}  // namespace
}  // namespace scanhost::integration
