// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What was decided is written down and stays as it was written, and what an operator stops stands
/// still: through the real programs.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing_support::Finished;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

class AuditLedger : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"}};
  Service service{{.scanners = nessusScanner(nessus, "scanner1", 1),
                   .extra = "tasks: {poll_interval: 100ms, lease: 2s}\n"}};
  client::Client client = service.client();

  std::string submit() { return client.submit_scan("10.0.0.1", "LAN").task_id; }
  std::filesystem::path data() const { return service.folder() / "data"; }
  std::filesystem::path ledger() const { return data() / "audit/ledger.jsonl"; }
  Finished verify() const {
    return testing_support::run(
        {{built("bin/scanhost"), "audit", "verify", data().string()}, {}, {}});
  }
  std::set<std::string> kinds() const {
    std::set<std::string> found;
    std::ifstream in(ledger());
    for (std::string line; std::getline(in, line);)
      found.insert((*Json::tryParse(line))["kind"].asString());
    return found;
  }
  Json killSwitch(const std::vector<std::string>& words) {
    std::vector<std::string> all = {"kill-switch"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--output", "json"});
    const Finished ended = service.operatorCtl(all);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return Json::tryParse(ended.out).value_or(Json());
  }
  bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 400; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(25ms);
    }
    return false;
  }
  bool waits(const std::string& task) {
    std::this_thread::sleep_for(1500ms);
    return client.get_status(task).status == "queued";
  }
};

TEST_F(AuditLedger, ARunWritesWhatWasDecidedAndDoneAndNothingOfItCanBeAlteredUnseen) {
  const std::string runs = submit();
  remoteOf(client, runs);
  const std::string task = submit();
  for (const char* act : {"pause", "resume", "cancel", "delete"})
    ASSERT_EQ(service.operatorCtl({act, task}).exit_code, 0) << act;
  ASSERT_EQ(service.operatorCtl({"reload"}).exit_code, 0);
  killSwitch({"on"});
  killSwitch({"off"});
  service.operatorCtl({"dlq", "redrive", runs});
  service.operatorCtl({"dlq", "purge", "--yes"});

  EXPECT_GE(*service.metric("scanhost_audit_entries_total{kind=\"policy_decision\"}"), 3);
  EXPECT_EQ(*service.metric("scanhost_audit_entries_total{kind=\"cancel\"}"), 1);
  EXPECT_EQ(*service.metric("scanhost_ledger_writable"), 1);
  const Finished shown =
      service.operatorCtl({"audit", "show", "--task", task, "--output", "jsonl"});
  EXPECT_THAT(shown.out, HasSubstr("\"kind\":\"policy_decision\""));
  EXPECT_THAT(shown.out, HasSubstr("\"kind\":\"delete\""));
  EXPECT_EQ(shown.out.find(runs), std::string::npos);
  EXPECT_EQ(verify().exit_code, 0) << verify().err << "while it is being written";

  ASSERT_EQ(service.stop(), 0);
  EXPECT_THAT(kinds(),
              IsSupersetOf({"start", "stop", "policy_decision", "pause", "resume", "cancel",
                            "delete", "reload", "kill_switch", "redrive", "purge"}));
  EXPECT_EQ(verify().exit_code, 0) << verify().err;

  std::fstream file(ledger(), std::ios::in | std::ios::out | std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t at = text.find("\"decision\":\"allow\"");
  file.clear();
  file.seekp(static_cast<std::streamoff>(at + 12)).put('A');
  file.close();
  const Finished broken = verify();
  EXPECT_EQ(broken.exit_code, 1);
  const auto line = std::count(text.begin(), text.begin() + static_cast<long>(at), '\n') + 1;
  EXPECT_THAT(broken.err, HasSubstr("ledger.jsonl:" + std::to_string(line) + ": "));
}

TEST_F(AuditLedger, IsVerifiedByWhomTheSecretsOfTheConfigurationAreNotFor) {
  submit();
  std::filesystem::create_directory(service.folder() / "conf.d");
  std::ofstream(service.folder() / "conf.d/webhook.yaml")
      << "exporters: [{plugin: exporter-webhook, config: {secret: \"${file:/nowhere/secret}\"}}]\n";
  const Finished verified =
      testing_support::run({{built("bin/scanhost"), "audit", "verify", "--config",
                             (service.folder() / "scanhost.yaml").string()},
                            {},
                            {}});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("whole: "));
}

TEST_F(AuditLedger, AKilledNodesLedgerIsWholeAndGoesOn) {
  submit();
  service.killAndRestart();
  service.client().submit_scan("10.0.0.1", "LAN");
  EXPECT_EQ(verify().exit_code, 0) << verify().err;
}

TEST_F(AuditLedger, ANodeWhoseLedgerIsRemovedTakesNoScanUntilARestartThatTellsOfIt) {
  submit();
  std::filesystem::remove(ledger());
  const Finished broken = verify();
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, HasSubstr("ledger.head tells of entry"));
  EXPECT_TRUE(eventually([&] { return service.events("audit_write_failed").size() == 1; }));
  EXPECT_THAT(service.events("audit_write_failed")[0]["error"].asString(),
              HasSubstr("was removed or replaced"));
  EXPECT_THAT(service.ctl({"submit", "10.0.0.1"}).err, HasSubstr("nothing is accepted"));
  EXPECT_TRUE(eventually(
      [&] { return service.get("/readyz").find("unhealthy: ledger") != std::string::npos; }));
  EXPECT_EQ(*service.metric("scanhost_ledger_writable"), 0);

  service.killAndRestart();
  EXPECT_TRUE(eventually([&] { return service.events("audit_chain_broken").size() == 1; }));
  service.client().submit_scan("10.0.0.1", "LAN");
  EXPECT_EQ(verify().exit_code, 1);
}

TEST_F(AuditLedger, TheKillSwitchHoldsLaunchesAlsoAfterARestartUntilItIsOff) {
  remoteOf(client, submit());  // takes the only place
  const std::string waiting = submit();
  EXPECT_TRUE(killSwitch({"on", "--reason", "incident"})["engaged"].asBool());
  EXPECT_EQ(*service.metric("scanhost_kill_switch"), 1);
  EXPECT_TRUE(eventually([&] { return service.events("kill_switch_engaged").size() == 1; }));
  EXPECT_THAT(service.get("/health"), HasSubstr(R"({"name":"kill_switch","state":"degraded")"));
  const Finished refused = service.ctl({"submit", "10.0.0.1"});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("kill-switch off"));

  service.killAndRestart();
  client = service.client();
  EXPECT_EQ(killSwitch({"status"})["reason"].asString(), "incident");
  const Json stopped = killSwitch({"on", "--stop-running"});
  EXPECT_EQ(stopped["scans_stopped"].asInteger(), 1);
  EXPECT_TRUE(waits(waiting)) << "though the place is free";

  killSwitch({"off"});
  remoteOf(client, waiting);
  std::this_thread::sleep_for(1100ms);  // the oldest that a shown gauge may be
  EXPECT_EQ(*service.metric("scanhost_kill_switch"), 0);
}

TEST_F(AuditLedger, AFileMadeByHandIsTheSwitchToo) {
  std::ofstream(data() / "kill_switch").flush();
  const Finished refused = service.ctl({"submit", "10.0.0.1"});
  EXPECT_THAT(refused.err, HasSubstr("kill switch"));
  EXPECT_TRUE(eventually([&] { return service.events("kill_switch_engaged").size() == 1; }));
  std::filesystem::remove(data() / "kill_switch");
  EXPECT_EQ(service.ctl({"submit", "10.0.0.1"}).exit_code, 0);
}

}  // namespace
}  // namespace scanhost::integration
