// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Operations over scans that have completed with findings of a test's choice.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/findings/intake.h"
#include "host/operations/test_operations.h"
#include "host/tasks/reached_hosts.h"

namespace scanhost {

/// How a scan went.
struct CompletedScan {
  std::vector<Finding> findings;
  /// Hosts that answered and how far login went.
  std::map<std::string, HostAuthentication> hosts = {{"10.0.0.1", HostAuthentication::unknown}};
  std::string scan_type = "untrusted";
  std::string scanner_type = "far";
  std::string scan_template = {};
  std::string scanner_settings = "as configured";
};

class CompletedScansTest : public OperationsTest {
 protected:
  CompletedScansTest() { config.limits.response_bytes = 32u << 20; }

  static Finding finding(const std::string& check, Severity severity = Severity::high,
                         const std::string& host = "10.0.0.1") {
    Finding made;
    made.host = host;
    made.port = "443";
    made.check_id = check;
    made.check_name = "Check " + check;
    made.severity = severity;
    made.description = "What " + check + " means";
    takeIn(made, "far");
    return made;
  }

  /// Alice's. Its task id.
  std::string completed(const CompletedScan& scan) {
    Submission submission;
    submission.id = makeTaskId("far", "one", Timestamp::now());
    submission.trace_id = "550e8400-e29b-41d4-a716-446655440000";
    submission.owner = "alice";
    submission.pool = "far";
    submission.created_us = Timestamp::now().micros;
    submission.cap = 10'000;
    SubmissionDocument document;
    document.name = "LAN";
    document.targets = "10.0.0.0/24";
    document.scan_type = scan.scan_type;
    document.scanner_type = scan.scanner_type;
    document.scan_template = scan.scan_template;
    submission.submission = document.toText();
    EXPECT_TRUE(queue->submit(submission, {}));
    LeaseRequest wanted;
    wanted.worker = "test";
    wanted.lease = std::chrono::seconds(60);
    wanted.now_us = Timestamp::now().micros;
    wanted.instances = {{"far", "one", 10'000}};
    const QueuedTask leased = queue->lease(wanted, {}).value().at(0);
    Finish finish;
    finish.state = TaskState::completed;
    finish.completed_us = Timestamp::now().micros;
    finish.generation = store(leased, scan);
    EXPECT_EQ(queue->finish(leased.lease(), finish, {}), QueueOutcome::done);
    return leased.id;
  }

 private:
  std::string store(const QueuedTask& task, const CompletedScan& scan) {
    const std::string name = *results->openGeneration(
        {task.id, task.attempt, task.epoch, task.token, Timestamp::now().micros}, {});
    if (!scan.findings.empty()) {
      EXPECT_TRUE(results->append(name, scan.findings, {}));
    }
    ReachedHosts hosts;
    for (const auto& [host, login] : scan.hosts) hosts.add(host, login);
    hosts.seal();
    const Json summary = Json::object(
        {{"version", 1}, {"hosts", hosts.toJson()}, {"scanner_settings", scan.scanner_settings}});
    EXPECT_TRUE(results->seal(name, summary.dump(), {}));
    return name;
  }
};

}  // namespace scanhost
