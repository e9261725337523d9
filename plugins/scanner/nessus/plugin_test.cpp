// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nessus as the host has it: the built file, loaded, against the simulator program.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "plugins/scanner/nessus/test_fixture.h"

namespace scanhost {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(NessusPlugin, AScanRunsFromPrepareToItsFindings) {
  start();
  const RemoteScan scan = prepared();
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
  EXPECT_EQ(simulator->count("scan_launched"), 0) << "prepare touches no target";

  const RemoteScan running{scan.reference, client().start(scan, soon()).value(), scan.marker};
  EXPECT_NE(running.run_id, "");
  EXPECT_EQ(stateOf(running).run_id, running.run_id);
  waitFor(running, RemoteStatus::completed);
  EXPECT_EQ(stateOf(running).percent, 100);

  Recorder recorder;
  const Status done = client().collect(running, recorder, soon());
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_TRUE(recorder.summary);
  EXPECT_TRUE(recorder.summary->complete);
  EXPECT_GT(recorder.summary->hosts_answered, 0u);
  EXPECT_GT(recorder.summary->report_bytes, 0u);
  EXPECT_FALSE(recorder.findings.empty());

  ASSERT_TRUE(client().remove(running, soon()));
  EXPECT_EQ(stateOf(running).state, RemoteStatus::gone);
  EXPECT_TRUE(client().remove(running, soon())) << "gone already is as good";
  EXPECT_EQ(simulator->count("scan_created"), 1);
  EXPECT_EQ(simulator->count("scan_launched"), 1);
}

TEST_F(NessusPlugin, SaysWhatItIsAndHowItFares) {
  start();
  const auto description = client().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->family, "nessus");
  EXPECT_EQ(description->url, simulator->url());
  const auto health = client().selfTest(soon());
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_FALSE(health->read_only);
  EXPECT_EQ(health->version, "10.7.2");
  EXPECT_EQ(health->active_scans, 0);
}

// Trust and login

TEST_F(NessusPlugin, AnUntrustedCertificateIsRefusedWithTheLineToAdd) {
  start();
  make(Json::object({{"tls", Json::object()}}));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
  EXPECT_THAT(health.error().message,
              HasSubstr("tls: {pin_sha256: \"" + simulator->fingerprint() + "\"}"));
}

TEST_F(NessusPlugin, AnotherPinIsRefused) {
  start();
  make(Json::object({{"tls", Json::object({{"pin_sha256", std::string(64, 'a')}})}}));
  ASSERT_FALSE(client().selfTest(soon()));
}

TEST_F(NessusPlugin, TrustsAnAuthoritysFile) {
  const std::string file =
      testing::TempDir() + "nessus-certificate-" + std::to_string(getpid()) + ".pem";
  start({"--write-certificate", file});
  make(Json::object({{"tls", Json::object({{"ca_file", file}})}}));
  const auto health = client().selfTest(soon());
  EXPECT_TRUE(health) << health.error().message;
  std::filesystem::remove(file);
}

TEST_F(NessusPlugin, WrongKeysAreAnAuthErrorOfTheBackend) {
  start();
  make(Json::object({{"secret_key", "wrong-secret"}}));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::auth);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
  EXPECT_THAT(health.error().message, Not(HasSubstr("wrong-secret")));
}

TEST_F(NessusPlugin, ALicenceThatRefusesControlMakesItReadOnly) {
  start({"--licence", "professional"});
  const auto health = client().selfTest(soon());
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_TRUE(health->read_only);
  EXPECT_THAT(health->reason, HasSubstr("licence"));

  const auto reference = client().prepare(request(), soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::unsupported);
}

TEST_F(NessusPlugin, ASessionOfTheWebPageControlsScansWhereKeysMayNot) {
  start({"--licence", "professional", "--scan-seconds", "0.4"});
  useSession();
  EXPECT_THAT(logged, HasSubstr("scanner_licence_limit_bypassed"));
  const auto health = client().selfTest(soon());
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_FALSE(health->read_only);
  completed();
}

TEST_F(NessusPlugin, AnOutdatedApiTokenIsFetchedAnew) {
  start({"--licence", "professional"});
  useSession();
  const RemoteScan scan = prepared();
  simulator->call("POST", "/simulator/renew-api-token");
  EXPECT_TRUE(client().start(scan, soon()));
  EXPECT_EQ(simulator->count("scan_launched"), 1);
}

TEST_F(NessusPlugin, AnExpiredSessionIsOpenedOnceMore) {
  start();
  useSession();
  ASSERT_TRUE(client().find("[scanhost:", soon()));
  simulator->misbehave(R"([{"path":"/scans","fault":"status","status":401}])");
  EXPECT_TRUE(client().find("[scanhost:", soon()));
  EXPECT_EQ(simulator->count("session_opened"), 2);

  simulator->misbehave(R"([{"path":"/scans","fault":"status","status":401,"times":0}])");
  const auto refused = client().find("[scanhost:", soon());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::auth);
  EXPECT_EQ(simulator->count("session_opened"), 3);
}

// One launch, whatever happens to answers

TEST_F(NessusPlugin, ACreatedScanWhoseAnswerIsLostIsFoundByItsMarker) {
  start();
  simulator->misbehave(R"([{"method":"POST","path":"/scans","fault":"drop_after"}])");
  const RemoteScan scan = prepared();
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
  EXPECT_EQ(simulator->count("scan_created"), 1);
}

TEST_F(NessusPlugin, ACreateThatNeverArrivedIsAmbiguousAndNotRepeated) {
  start();
  simulator->misbehave(R"([{"method":"POST","path":"/scans","fault":"drop_before"}])");
  const auto reference = client().prepare(request(), soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(simulator->countRequests("POST", "/scans"), 1);
}

TEST_F(NessusPlugin, ALaunchWhoseAnswerIsLostIsFoundByItsRun) {
  start();
  const RemoteScan scan = prepared();
  simulator->misbehave(R"([{"path":"/scans/.*/launch","fault":"drop_after"}])");
  const auto run_id = client().start(scan, soon());
  ASSERT_TRUE(run_id) << run_id.error().message;
  EXPECT_EQ(*run_id, stateOf(scan).run_id);
  EXPECT_EQ(simulator->count("scan_launched"), 1);
}

TEST_F(NessusPlugin, ALaunchThatNeverArrivedIsAmbiguousAndNotRepeated) {
  start();
  const RemoteScan scan = prepared();
  simulator->misbehave(R"([{"path":"/scans/.*/launch","fault":"drop_before"}])");
  const auto run_id = client().start(scan, soon());
  ASSERT_FALSE(run_id);
  EXPECT_EQ(run_id.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(simulator->count("scan_launched"), 0);
  EXPECT_EQ(simulator->countRequests("POST", "/scans/" + scan.reference + "/launch"), 1);
}

TEST_F(NessusPlugin, ALaunchThatIsNotAnsweredInTimeIsLookedUp) {
  start({"--scan-seconds", "20"});
  make(Json::object({{"request_timeout", "2s"}}));
  const RemoteScan scan = prepared();
  simulator->misbehave(R"([{"path":"/scans/.*/launch","fault":"delay_after","delay_ms":8000}])");
  const auto run_id = client().start(scan, soon());
  ASSERT_TRUE(run_id) << run_id.error().message;
  EXPECT_EQ(simulator->count("scan_launched"), 1);
}

TEST_F(NessusPlugin, AScanThatHasRunIsNeverStartedAgain) {
  start();
  const RemoteScan scan = completed();
  const auto again = client().start(scan, soon());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().error_class, ErrorClass::ambiguous);
  EXPECT_EQ(again.error().subject, ErrorSubject::task);
  EXPECT_EQ(simulator->count("scan_launched"), 1);
}

TEST_F(NessusPlugin, ASecondRunShowsByItsId) {
  start();
  const RemoteScan scan = completed();
  simulator->call("POST", "/scans/" + scan.reference + "/launch", "{}");
  EXPECT_NE(stateOf(scan).run_id, scan.run_id);

  Recorder recorder;
  const Status done = client().collect(scan, recorder, soon());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(recorder.summary->complete) << "the results of the run that was asked for";
}

TEST_F(NessusPlugin, FindsByTaskAndByAll) {
  start();
  prepared();
  ScanRequest other = request("other");
  other.marker = "[scanhost:ne_s_2/1]";
  prepared(other);
  simulator->call("POST", "/scans",
                  R"({"uuid":"731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65",
                      "settings":{"name":"someone's","text_targets":"10.0.0.9"}})");

  const auto one = client().find("[scanhost:ne_s_1/", soon());
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().marker, "[scanhost:ne_s_1/1]");
  EXPECT_EQ(one->front().name, "LAN");
  EXPECT_EQ(client().find("[scanhost:", soon())->size(), 2u);
}

TEST_F(NessusPlugin, TellsACopyByItsName) {
  start();
  const RemoteScan scan = prepared();
  simulator->call("POST", "/scans/" + scan.reference + "/copy");

  const auto found = client().find("[scanhost:ne_s_1/", soon());

  ASSERT_TRUE(found);
  std::vector<std::string> names;
  for (const RemoteState& state : *found) names.push_back(state.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("LAN", "Copy of LAN"));
}

// Following and steering

TEST_F(NessusPlugin, PausesResumesAndStopsHarmlesslyWhenRepeated) {
  start({"--scan-seconds", "20"});
  const RemoteScan scan = started();
  waitFor(scan, RemoteStatus::running);
  ASSERT_TRUE(client().pause(scan, soon()));
  waitFor(scan, RemoteStatus::paused);
  ASSERT_TRUE(client().pause(scan, soon()));
  while (stateOf(scan).status != "paused") std::this_thread::sleep_for(50ms);
  ASSERT_TRUE(client().resume(scan, soon()));
  waitFor(scan, RemoteStatus::running);
  ASSERT_TRUE(client().stop(scan, soon()));
  waitFor(scan, RemoteStatus::stopped);
  ASSERT_TRUE(client().stop(scan, soon()));
  EXPECT_EQ(simulator->count("scan_stopped"), 1);

  Recorder recorder;
  ASSERT_TRUE(client().collect(scan, recorder, soon()));
  EXPECT_FALSE(recorder.summary->complete);
  EXPECT_THAT(recorder.summary->reason, HasSubstr("canceled"));
}

TEST_F(NessusPlugin, PollsManyScansWithOneListAndAskProgressOfTheRunningOnly) {
  start({"--scan-seconds", "20"});
  std::vector<RemoteScan> scans;
  for (int launch = 1; launch <= 5; ++launch) scans.push_back(prepared(request("a", launch)));
  scans[0].run_id = client().start(scans[0], soon()).value();
  while (stateOf(scans[0]).percent < 0) std::this_thread::sleep_for(50ms);
  const int lists = simulator->countRequests("GET", "/scans");
  const int pages = simulator->countRequests("GET", "/scans/" + scans[0].reference);

  const auto states = client().poll(scans, soon());

  ASSERT_TRUE(states);
  EXPECT_EQ(states->size(), 5u);
  EXPECT_GE(states->at(0).percent, 0);
  EXPECT_EQ(simulator->countRequests("GET", "/scans"), lists + 1);
  EXPECT_EQ(simulator->countRequests("GET", "/scans/" + scans[0].reference), pages + 1);
  EXPECT_EQ(simulator->countRequests("GET", "/scans/" + scans[1].reference), 0);
}

TEST_F(NessusPlugin, TouchesOnlyScansWithTheMarkerItWasGiven) {
  start();
  const RemoteScan scan = prepared();
  const RemoteScan claimed{scan.reference, "", "[scanhost:ne_s_9/1]"};
  EXPECT_EQ(client().stop(claimed, soon()).error().error_class, ErrorClass::lost);
  EXPECT_EQ(client().start(claimed, soon()).error().error_class, ErrorClass::lost);
  EXPECT_TRUE(client().remove(claimed, soon()));
  EXPECT_EQ(stateOf(claimed).state, RemoteStatus::gone);
  EXPECT_EQ(simulator->count("scan_deleted"), 0);
}

TEST_F(NessusPlugin, AVanishedScanIsGoneAndLost) {
  start({"--scan-seconds", "20"});
  const RemoteScan scan = started();
  simulator->misbehave(R"([{"method":"POST","path":"/scans/.*/stop","fault":"vanish"}])");
  EXPECT_EQ(client().stop(scan, soon()).error().error_class, ErrorClass::lost);
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::gone);
  Recorder recorder;
  EXPECT_EQ(client().collect(scan, recorder, soon()).error().error_class, ErrorClass::lost);
}

TEST_F(NessusPlugin, AnEmptyListAloneIsNoProofThatAScanIsGone) {
  start();
  const RemoteScan scan = prepared();
  simulator->misbehave(R"([{"method":"GET","path":"/scans","fault":"status","status":404}])");
  const std::vector<RemoteScan> scans{scan};
  EXPECT_FALSE(client().poll(scans, soon()));
  EXPECT_EQ(stateOf(scan).state, RemoteStatus::created);
}

TEST_F(NessusPlugin, AReferenceNeverBecomesAnotherPath) {
  start();
  const RemoteScan odd{"1/../../session", "", "[scanhost:t/1]"};
  EXPECT_EQ(client().remove(odd, soon()).error().error_class, ErrorClass::lost);
}

// Faults of the server

struct ExpectedError {
  const char* fault;
  ErrorClass error_class;
  ErrorSubject subject;
  std::chrono::seconds retry_after{0};
};

TEST_F(NessusPlugin, EachRefusalHasItsClass) {
  start();
  const ExpectedError table[] = {
      {R"("status","status":401)", ErrorClass::auth, ErrorSubject::backend},
      {R"("status","status":403)", ErrorClass::auth, ErrorSubject::backend},
      {R"("status","status":409)", ErrorClass::busy, ErrorSubject::task, 5s},
      {R"("status","status":412)", ErrorClass::unsupported, ErrorSubject::backend},
      {R"("broken_412")", ErrorClass::unsupported, ErrorSubject::backend},
      {R"("status","status":429,"retry_after":7)", ErrorClass::busy, ErrorSubject::backend, 7s},
      {R"("status","status":503)", ErrorClass::transient, ErrorSubject::backend},
      {R"("loading")", ErrorClass::transient, ErrorSubject::backend},
      {R"("drop_before")", ErrorClass::transient, ErrorSubject::backend},
      {R"("truncate")", ErrorClass::transient, ErrorSubject::backend},
  };
  for (const ExpectedError& expected : table) {
    simulator->misbehave(R"([{"path":"/scans","times":0,"fault":)" + std::string(expected.fault) +
                         "}]");
    const auto found = client().find("[scanhost:", soon());
    ASSERT_FALSE(found) << expected.fault;
    EXPECT_EQ(found.error().error_class, expected.error_class) << expected.fault;
    EXPECT_EQ(found.error().subject, expected.subject) << expected.fault;
    EXPECT_EQ(found.error().retry_after, expected.retry_after) << expected.fault;
  }
}

TEST_F(NessusPlugin, AReadIsRepeatedAWriteIsNot) {
  start();
  for (const char* fault : {R"("drop_before")", R"("drop_after")", R"("status","status":500)",
                            R"("status","status":503)"}) {
    simulator->misbehave(R"([{"path":"/scans","times":2,"fault":)" + std::string(fault) + "}]");
    EXPECT_TRUE(client().find("[scanhost:", soon())) << fault;
  }
}

TEST_F(NessusPlugin, A412WithoutItsBodyIsUnderstoodAndNothingIsRepeated) {
  start();
  simulator->misbehave(R"([{"method":"POST","path":"/scans","fault":"broken_412"}])");
  const auto reference = client().prepare(request(), soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::unsupported);
  EXPECT_EQ(simulator->countRequests("POST", "/scans"), 1);
}

TEST_F(NessusPlugin, AServerThatIsStillStartingIsNotReady) {
  start();
  simulator->misbehave(R"([{"path":"/server/status","times":0,"fault":"loading"}])");
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::transient);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
  EXPECT_THAT(health.error().message, HasSubstr("loading"));
}

TEST_F(NessusPlugin, AServerThatIsNotThereIsUnreachable) {
  start();
  make(Json::object({{"url", "https://127.0.0.1:1"}}));
  const auto health = client().selfTest(soon());
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::transient);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
}

TEST_F(NessusPlugin, ASlowAnswerIsWaitedForAndADeadlineKept) {
  start();
  simulator->misbehave(R"([{"path":"/scans","fault":"delay","delay_ms":500}])");
  EXPECT_TRUE(client().find("[scanhost:", soon()));

  simulator->misbehave(R"([{"path":"/scans","fault":"delay","delay_ms":4000}])");
  const auto begin = std::chrono::steady_clock::now();
  const auto late = client().find("[scanhost:", {.timeout = 300ms});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().error_class, ErrorClass::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(NessusPlugin, AnUnknownTemplateIsNamedBesideTheKnownOnes) {
  start();
  ScanRequest wanted = request();
  wanted.settings = Json::object({{"template", "basik"}});
  const auto reference = client().prepare(wanted, soon());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::config);
  EXPECT_THAT(reference.error().message, HasSubstr("basik"));
}

// Reports

TEST_F(NessusPlugin, ADownloadThatBreaksOffNamesXmlInvalid) {
  start();
  const RemoteScan scan = completed();
  for (const char* fault : {"truncate", "cut_file"}) {
    simulator->misbehave(R"([{"path":".*/download","fault":")" + std::string(fault) + "\"}]");
    Recorder recorder;
    const Status done = client().collect(scan, recorder, soon());
    ASSERT_FALSE(done) << fault;
    EXPECT_EQ(done.error().error_class, ErrorClass::transient) << fault;
    EXPECT_THAT(done.error().message, testing::StartsWith("xml_invalid")) << fault;
    EXPECT_FALSE(recorder.summary) << fault;
  }
  Recorder recorder;
  EXPECT_TRUE(client().collect(scan, recorder, soon())) << "the next attempt reads it whole";
}

TEST_F(NessusPlugin, AForgottenExportIsAskedForOnceMore) {
  start();
  const RemoteScan scan = completed();
  simulator->misbehave(R"([{"path":".*/download","fault":"status","status":404}])");
  Recorder recorder;
  EXPECT_TRUE(client().collect(scan, recorder, soon()));
  EXPECT_EQ(simulator->count("export_created"), 2);

  simulator->misbehave(R"([{"path":".*/download","fault":"status","status":404,"times":0}])");
  const Status done = client().collect(scan, recorder, soon());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, testing::StartsWith("file_not_found"));
}

TEST_F(NessusPlugin, AScanInWhichNobodyAnsweredSaysSo) {
  start();
  const RemoteScan scan = completed(request("quiet [empty]"));
  Recorder recorder;
  ASSERT_TRUE(client().collect(scan, recorder, soon()));
  EXPECT_TRUE(recorder.summary->complete);
  EXPECT_EQ(recorder.summary->hosts_answered, 0u);
  EXPECT_EQ(recorder.summary->hosts_silent, 4u);
}

TEST_F(NessusPlugin, AHundredMegabytesOfOutputKeepMemoryFlat) {
  start({"--scan-seconds", "0.2"});
  const RemoteScan scan = completed(request("huge [huge:100]"));
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);

  Recorder recorder;
  const Status done = client().collect(scan, recorder, {.timeout = 90s});

  getrusage(RUSAGE_SELF, &after);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(recorder.summary->report_bytes, 100u * 1024 * 1024);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep freed memory
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 24 * 1024) << "kilobytes";
#endif
  int cut = 0;
  for (const FindingRecord& finding : recorder.findings)
    cut += !finding.truncated.empty() && finding.truncated[0] == "plugin_output" &&
           finding.output.size() <= 65'536;
  EXPECT_EQ(cut, 1);
}

// Credentials

TEST_F(NessusPlugin, ALoginReachesTheServerAndTheReportTellsHowItWent) {
  start();
  ScanRequest with_login = request();
  with_login.scan_type = "authenticated";
  with_login.credential =
      Credential("ssh-password", Pairs{{"username", "root"}, {"password", "pa55word"}});
  const RemoteScan scan = completed(with_login);

  const Json seen = simulator->call("GET", "/simulator/credentials-seen");
  std::vector<std::string> paths;
  for (const Json& entry : seen["credentials"].items()) paths.push_back(entry["path"].asString());
  EXPECT_THAT(paths, Contains("Host.SSH[0].password"));
  Recorder recorder;
  ASSERT_TRUE(client().collect(scan, recorder, soon()));
  ASSERT_FALSE(recorder.login.empty());
  EXPECT_EQ(recorder.login[0] & SCANHOST_LOGIN_GOOD, SCANHOST_LOGIN_GOOD);
  EXPECT_THAT(logged, Not(HasSubstr("pa55word")));
}

TEST_F(NessusPlugin, ARefusedLoginIsBadEvidence) {
  start();
  ScanRequest with_login = request();
  with_login.credential =
      Credential("ssh-password", Pairs{{"username", "wrong"}, {"password", "x"}});
  const RemoteScan scan = completed(with_login);
  Recorder recorder;
  ASSERT_TRUE(client().collect(scan, recorder, soon()));
  ASSERT_FALSE(recorder.login.empty());
  EXPECT_EQ(recorder.login[0], SCANHOST_LOGIN_BAD);
}

}  // namespace
}  // namespace scanhost
