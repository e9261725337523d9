// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhostctl against a real service: each verb, each exit code that a user meets.
#include <gmock/gmock.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing_support::Finished;
using testing_support::NessusSimulator;

class Scanhostctl : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.3", "--seed", "7"}};
  Service service{{.scanners = nmapScanner("9") + nessusScanner(nessus)}};

  std::string submit() {
    const Finished ended =
        service.ctl({"submit", "--name", "LAN", "--output", "json", "--watch", "127.0.0.1"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    client::Client client = service.client();
    return client.list_tasks()["tasks"].items()[0]["task_id"].asString();
  }
};

TEST_F(Scanhostctl, SubmitWithWatchFollowsTheScanToItsEnd) {
  const Finished ended = service.ctl({"submit", "--name", "LAN", "--watch", "127.0.0.1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out + ended.err,
              AllOf(HasSubstr("submitted as ne_scan_"), HasSubstr("completed")));
}

TEST_F(Scanhostctl, ResultsAreATableJsonLinesAndCsv) {
  const std::string task = submit();
  EXPECT_THAT(service.ctl({"results", task}).out, HasSubstr("plugin_name"));
  const Finished lines = service.ctl({"results", task, "--all", "--output", "jsonl"});
  EXPECT_EQ(lines.exit_code, 0);
  EXPECT_TRUE(Json::tryParse(lines.out.substr(0, lines.out.find('\n'))));
  EXPECT_TRUE(Json::tryParse(service.ctl({"results", task, "--output", "json"}).out));
  EXPECT_THAT(service.ctl({"results", task, "--fields", "severity,host", "--output", "csv"}).out,
              testing::StartsWith("severity,host"));
}

TEST_F(Scanhostctl, ListingsShowTasksScannersPoolsAndQueue) {
  const std::string task = submit();
  EXPECT_THAT(service.ctl({"tasks"}).out, HasSubstr(task));
  EXPECT_THAT(service.ctl({"status", task}).out, HasSubstr("completed"));
  EXPECT_THAT(service.ctl({"scanners"}).out, AllOf(HasSubstr("scanner1"), HasSubstr("local")));
  EXPECT_THAT(service.ctl({"pools"}).out, AllOf(HasSubstr("nessus"), HasSubstr("nmap")));
  EXPECT_EQ(service.ctl({"queue"}).exit_code, 0);
}

TEST_F(Scanhostctl, ARefusalIsExitCode1WithItsHint) {
  const Finished ended = service.ctl({"submit", "--name", "LAN", "--pool", "nowhere", "127.0.0.1"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("Scanner not found"), HasSubstr("Known pools: nmap, nessus")));
}

TEST_F(Scanhostctl, ATargetOutsideTheScopeIsExitCode4) {
  const Finished ended = service.ctl({"submit", "--name", "LAN", "192.0.2.1"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("Denied by policy"));
}

TEST_F(Scanhostctl, CancelEndsAScan) {
  NessusSimulator slow(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service other{{.scanners = nessusScanner(slow)}};
  client::Client client = other.client();
  const std::string task = client.submit_scan("10.0.0.1", "Long").task_id;
  EXPECT_EQ(other.ctl({"cancel", task}).exit_code, 0);
  EXPECT_EQ(waitForEnd(client, task).status, "cancelled");
}

TEST_F(Scanhostctl, AnUnreachableServiceIsExitCode3) {
  const Finished ended = testing_support::run(
      {{built("bin/scanhostctl"), "--url", "http://127.0.0.1:1", "tasks"}, {}, {}});
  EXPECT_EQ(ended.exit_code, 3);
}

TEST_F(Scanhostctl, DoctorFindsAHealthyServiceHealthy) {
  const Finished ended =
      service.ctl({"doctor", "--config", (service.folder() / "scanhost.yaml").string()});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("config"), HasSubstr("queue"), HasSubstr("scanner1")));
}

TEST_F(Scanhostctl, DoctorNamesTheScannerThatRefusesOurKeys) {
  Service other{{
      .scanners = "  - {name: s, pool: nessus, plugin: scanner-nessus, config: {url: \"" +
                  nessus.url() +
                  "\", access_key: WRONG, secret_key: WRONG, tls: "
                  "{pin_sha256: \"" +
                  nessus.fingerprint() + "\"}}}\n",
  }};
  const Finished ended = other.ctl({"doctor"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("nessus:s"), HasSubstr("suspended")));
}

}  // namespace
}  // namespace scanhost::integration
