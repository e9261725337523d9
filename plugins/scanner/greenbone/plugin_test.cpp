// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-greenbone as the host has it: the built file, loaded, against a stand-in for the
/// manager.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/simulators/gmp/server.h"
#include "tests/support/scanner_plugin.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using simulator_gmp::Fault;
using simulator_gmp::Manager;
using testing::HasSubstr;
using testing::Not;
using testing_support::ScannerPlugin;
using testing_support::ScanOutcome;

class GreenbonePlugin : public testing::Test {
 protected:
  void start(Manager::Options options = {}) {
    server.emplace(std::move(options));
    const Status made = make();
    ASSERT_TRUE(made) << made.error().message;
  }
  Status make(const Json& more = Json::object()) {
    Json settings = Json::object({{"host", "127.0.0.1"},
                                  {"port", server->port()},
                                  {"username", "scanhost"},
                                  {"password", "hunter2"},
                                  {"request_timeout", "20s"},
                                  {"tls", Json::object({{"pin_sha256", server->fingerprint()}})}});
    for (const auto& [name, value] : more.members()) settings[name] = value;
    return scanner.make(settings);
  }
  ScannerClient client() const { return scanner.client(); }
  static CallOptions soon() { return {.timeout = 60s}; }

  static ScanRequest request(const std::string& name = "LAN", int launch = 1) {
    ScanRequest made;
    made.task_id = "gr_m_1";
    made.marker = "[scanhost:gr_m_1/" + std::to_string(launch) + "]";
    made.name = name;
    made.targets = {{"10.0.0.0/30", {"10.0.0.0/30"}, false},
                    {"web.example.org", {"10.0.1.7"}, true}};
    return made;
  }
  RemoteScan prepared(const ScanRequest& wanted = request()) {
    const auto reference = client().prepare(wanted, soon());
    if (!reference) throw std::runtime_error(reference.error().message);
    return {*reference, "", wanted.marker};
  }
  RemoteScan started(const ScanRequest& wanted = request()) {
    RemoteScan scan = prepared(wanted);
    const auto run_id = client().start(scan, soon());
    if (!run_id) throw std::runtime_error(run_id.error().message);
    scan.run_id = *run_id;
    return scan;
  }
  RemoteState stateOf(const RemoteScan& scan) {
    const std::vector<RemoteScan> scans{scan};
    const auto states = client().poll(scans, soon());
    if (!states) throw std::runtime_error(states.error().message);
    return states->at(0);
  }
  RemoteScan completed() {
    const RemoteScan scan = started();
    for (int looks = 0; looks < 200; ++looks) {
      if (stateOf(scan).state == RemoteStatus::completed) return scan;
      std::this_thread::sleep_for(20ms);
    }
    throw std::runtime_error("the scan is " + stateOf(scan).status);
  }
  int count(const char* command) { return server->manager().count(command); }

  std::optional<simulator_gmp::Server> server;
  ScannerPlugin scanner{"scanner-greenbone", ScannerKind::remote};
  ScanOutcome outcome;
};

TEST_F(GreenbonePlugin, AScanRunsFromPrepareToItsFindings) {
  start();
  const RemoteScan scan = prepared();
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
  EXPECT_EQ(count("start_task"), 0) << "prepare touches no target";

  const RemoteScan running{scan.reference, client().start(scan, soon()).value(), scan.marker};
  EXPECT_NE(running.run_id, "");
  EXPECT_EQ(stateOf(running).run_id, running.run_id);
  while (stateOf(running).state != RemoteStatus::completed) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(stateOf(running).percent, 100);

  const Status done = client().collect(running, outcome, soon());
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_TRUE(outcome.summary);
  EXPECT_TRUE(outcome.summary->complete) << outcome.summary->reason;
  EXPECT_EQ(outcome.summary->hosts_answered, 2u);
  EXPECT_EQ(outcome.summary->hosts_silent, 3u);
  EXPECT_GT(outcome.summary->report_bytes, 0u);
  EXPECT_EQ(outcome.told.findings.size(), 11u);
  EXPECT_NE(outcome.told.host("10.0.1.7"), nullptr);

  ASSERT_TRUE(client().remove(running, soon()));
  EXPECT_EQ(stateOf(running).state, RemoteStatus::gone);
  EXPECT_TRUE(client().remove(running, soon())) << "gone already is as good";
  EXPECT_EQ(server->manager().targets(), 0u) << "the target that was made for it went too";
}

TEST_F(GreenbonePlugin, SaysWhatItIsAndHowItFares) {
  start();
  const auto description = client().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->family, "greenbone");
  EXPECT_EQ(description->url, "tls://127.0.0.1:" + std::to_string(server->port()));
  EXPECT_EQ(description->capabilities & SCANHOST_SCANNER_PAUSES, 0u);
  const auto health = client().selfTest(soon());
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_EQ(health->version, "22.5");
  EXPECT_EQ(health->active_scans, 0);
}

// Trust and login

TEST_F(GreenbonePlugin, AnUntrustedCertificateIsRefusedWithTheLineToAdd) {
  start();
  ASSERT_TRUE(make(Json::object({{"tls", Json::object()}})));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
  EXPECT_THAT(health.error().message,
              HasSubstr("tls: {pin_sha256: \"" + server->fingerprint() + "\"}"));
  EXPECT_EQ(count("authenticate"), 0) << "the password went nowhere";
}

TEST_F(GreenbonePlugin, TrustsAnAuthoritysFile) {
  start();
  const std::string file = scanner.folder().write("ca.pem", server->certificate()).string();
  ASSERT_TRUE(make(Json::object({{"tls", Json::object({{"ca_file", file}})}})));
  const auto health = client().selfTest(soon());
  EXPECT_TRUE(health) << health.error().message;
}

TEST_F(GreenbonePlugin, AWrongLoginIsAnAuthErrorOfTheBackend) {
  start();
  ASSERT_TRUE(make(Json::object({{"password", "wrong-secret"}})));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::auth);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
  EXPECT_THAT(health.error().message, Not(HasSubstr("wrong-secret")));
}

TEST_F(GreenbonePlugin, AManagerThatIsNotThereIsTransientAndTheBackends) {
  start();
  server.reset();
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::transient);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
}

TEST_F(GreenbonePlugin, AConfigurationThatTheManagerLacksIsNamedWithThoseItHas) {
  start();
  ASSERT_TRUE(make(Json::object({{"scan_config", "Fastest"}})));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_THAT(health.error().message, HasSubstr("Full and fast, Discovery"));
}

// One launch, whatever happens to answers

TEST_F(GreenbonePlugin, ATaskWhoseAnswerIsLostIsFoundByItsMarker) {
  start();
  server->misbehave("create_task", Fault::drop_after);
  const RemoteScan scan = prepared();
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
  EXPECT_EQ(server->manager().tasks(), 1u);
}

TEST_F(GreenbonePlugin, ATaskThatWasNeverMadeIsAmbiguousAndNotRepeated) {
  start();
  server->misbehave("create_task", Fault::drop_before);
  const auto reference = client().prepare(request(), soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(server->manager().tasks(), 0u);
}

TEST_F(GreenbonePlugin, ATargetWhoseAnswerIsLostLaunchedNothing) {
  start();
  server->misbehave("create_target", Fault::drop_after);
  const auto reference = client().prepare(request(), soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::transient);
  EXPECT_EQ(reference.error().subject, ErrorSubject::backend);
  EXPECT_EQ(count("create_task"), 0);
}

TEST_F(GreenbonePlugin, AStartWhoseAnswerIsLostIsFoundByItsRun) {
  start();
  const RemoteScan scan = prepared();
  server->misbehave("start_task", Fault::cut_off);
  const auto run_id = client().start(scan, soon());
  ASSERT_TRUE(run_id) << run_id.error().message;
  EXPECT_EQ(*run_id, stateOf(scan).run_id);
}

TEST_F(GreenbonePlugin, AStartThatIsNotAnsweredInTimeIsLookedUp) {
  start();
  ASSERT_TRUE(make(Json::object({{"request_timeout", "500ms"}})));
  const RemoteScan scan = prepared();
  server->misbehave("start_task", Fault::silent);
  const auto run_id = client().start(scan, soon());
  ASSERT_TRUE(run_id) << run_id.error().message;
  EXPECT_EQ(count("start_task"), 1);
  EXPECT_EQ(*run_id, stateOf(scan).run_id);
}

TEST_F(GreenbonePlugin, AStartThatNeverArrivedIsAmbiguousAndNotRepeated) {
  start();
  const RemoteScan scan = prepared();
  server->misbehave("start_task", Fault::drop_before);
  const auto run_id = client().start(scan, soon());
  ASSERT_FALSE(run_id);
  EXPECT_EQ(run_id.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
}

TEST_F(GreenbonePlugin, AScanThatHasRunIsNeverStartedAgain) {
  start();
  const RemoteScan scan = completed();
  const auto again = client().start(scan, soon());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(again.error().subject, ErrorSubject::task);
  EXPECT_EQ(count("start_task"), 1);
}

TEST_F(GreenbonePlugin, ASecondRunShowsByItsIdAndTheFirstIsStillRead) {
  start();
  const RemoteScan scan = completed();
  server->manager().startAgain(scan.reference);
  EXPECT_NE(stateOf(scan).run_id, scan.run_id);
  ASSERT_TRUE(client().collect(scan, outcome, soon()));
  EXPECT_TRUE(outcome.summary->complete) << "the results of the run that was asked for";
}

TEST_F(GreenbonePlugin, FindsByTaskAndByAllAndNothingOfOthers) {
  start();
  prepared();
  ScanRequest other = request("other");
  other.marker = "[scanhost:gr_m_2/1]";
  prepared(other);
  server->manager().addForeignTask("someone's");

  const auto one = client().find("[scanhost:gr_m_1/", soon());
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().marker, "[scanhost:gr_m_1/1]");
  EXPECT_EQ(one->front().name, "LAN");
  EXPECT_EQ(client().find("[scanhost:", soon())->size(), 2u);
}

TEST_F(GreenbonePlugin, ANameThatLooksLikeMarkupStaysAName) {
  start();
  prepared(request("<a> & \"b\" rows=1"));
  const auto found = client().find("[scanhost:gr_m_1/", soon());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().name, "<a> & \"b\" rows=1");
}

// Following and steering

TEST_F(GreenbonePlugin, StopsHarmlesslyWhenRepeatedAndKeepsWhatWasFound) {
  start({.scan_time = 60s});
  const RemoteScan scan = started();
  ASSERT_TRUE(client().stop(scan, soon()));
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::stopped);
  ASSERT_TRUE(client().stop(scan, soon()));
  EXPECT_EQ(count("stop_task"), 1);

  ASSERT_TRUE(client().collect(scan, outcome, soon()));
  EXPECT_FALSE(outcome.summary->complete);
  EXPECT_THAT(outcome.summary->reason, HasSubstr("Stopped"));
  EXPECT_FALSE(outcome.told.findings.empty());
}

TEST_F(GreenbonePlugin, CannotPauseAndCannotLogIn) {
  start({.scan_time = 60s});
  const RemoteScan scan = started();
  EXPECT_EQ(client().pause(scan, soon()).error().error_class, ErrorClass::unsupported);
  ScanRequest with_login = request("a", 2);
  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"}});
  const auto reference = client().prepare(with_login, soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::unsupported);
}

TEST_F(GreenbonePlugin, PollsManyScansWithOneList) {
  start();
  std::vector<RemoteScan> scans;
  for (int launch = 1; launch <= 5; ++launch) scans.push_back(prepared(request("a", launch)));
  const int lists = count("get_tasks");
  const auto states = client().poll(scans, soon());
  ASSERT_TRUE(states);
  EXPECT_EQ(states->size(), 5u);
  EXPECT_EQ(count("get_tasks"), lists + 1);
}

TEST_F(GreenbonePlugin, TouchesOnlyTasksWithTheMarkerItWasGiven) {
  start();
  const RemoteScan foreign{server->manager().addForeignTask("someone's"), "",
                           "[scanhost:gr_m_1/1]"};
  EXPECT_FALSE(client().start(foreign, soon()));
  EXPECT_FALSE(client().stop(foreign, soon()));
  EXPECT_TRUE(client().remove(foreign, soon()));
  EXPECT_EQ(server->manager().tasks(), 1u);
  EXPECT_EQ(count("start_task") + count("stop_task") + count("delete_task"), 0);
  EXPECT_EQ(stateOf(foreign).state, RemoteStatus::gone);
}

TEST_F(GreenbonePlugin, AReferenceThatIsNoIdNeverReachesTheManager) {
  start();
  const RemoteScan odd{"x\"/><delete_task task_id=\"y", "", "[scanhost:gr_m_1/1]"};
  EXPECT_FALSE(client().stop(odd, soon()));
  EXPECT_EQ(count("get_tasks"), 0);
}

// Reports and hostile managers

TEST_F(GreenbonePlugin, ALargeReportIsReadByPages) {
  start({.results_per_host = 1500});
  const RemoteScan scan = completed();
  ASSERT_TRUE(client().collect(scan, outcome, soon()));
  EXPECT_EQ(outcome.told.findings.size(), 3001u);
  EXPECT_EQ(count("get_reports"), 4);
  EXPECT_EQ(outcome.told.hosts.size(), 2u);
}

TEST_F(GreenbonePlugin, AReportOverItsBoundIsRefused) {
  start({.results_per_host = 1000});
  const RemoteScan scan = completed();
  ASSERT_TRUE(make(Json::object({{"max_report_bytes", 100'000}})));
  const Status done = client().collect(scan, outcome, soon());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("xml_invalid"));
}

TEST_F(GreenbonePlugin, AReportThatIsCutOffIsNoSuccess) {
  start();
  const RemoteScan scan = completed();
  server->misbehave("get_reports", Fault::cut_off);
  const Status done = client().collect(scan, outcome, soon());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::transient);
  EXPECT_FALSE(outcome.summary);
}

TEST_F(GreenbonePlugin, HostileAnswersAreRefused) {
  start();
  const RemoteScan scan = prepared();
  const std::vector<RemoteScan> scans{scan};
  for (const Fault fault : {Fault::entity_bomb, Fault::not_xml, Fault::cut_off, Fault::refuse}) {
    server->misbehave("get_tasks", fault);
    const auto states = client().poll(scans, soon());
    ASSERT_FALSE(states) << static_cast<int>(fault);
    EXPECT_EQ(states.error().subject, ErrorSubject::backend);
  }
  EXPECT_TRUE(client().poll(scans, soon()));
}

TEST_F(GreenbonePlugin, AnAnswerThatNeverEndsEndsWithTheCall) {
  start();
  prepared();
  server->misbehave("get_tasks", Fault::never_ending);
  const auto begin = std::chrono::steady_clock::now();
  const auto found = client().find("[scanhost:", {.timeout = 500ms});
  ASSERT_FALSE(found);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_F(GreenbonePlugin, ASilentManagerEndsWithTheCall) {
  start();
  server->misbehave("get_tasks", Fault::silent);
  const auto begin = std::chrono::steady_clock::now();
  const auto found = client().find("[scanhost:", {.timeout = 500ms});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().error_class, ErrorClass::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

}  // namespace
}  // namespace scanhost
