// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The plugin as a node uses it: loaded, entered through the ABI, its program replayed.
#include <scanhost/testing/check.h>
#include <scanhost/testing/host.h>
#include <scanhost/testing/scanner.h>

using namespace scanhost::plugintest;
using scanhost::ErrorClass;
using scanhost::ErrorSubject;
using scanhost::Json;

namespace {

constexpr const char* program = "/usr/lib/@NAME@/scan";

/// A scan of one address whose program prints `report`.
ScanOutcome scanWith(const std::string& report, int exit_code = 0) {
  TestHost host;
  host.replay(program, report, exit_code);
  TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  return LocalScannerUnderTest(plugin).scan(requestFor({"192.0.2.7"}));
}

}  // namespace

SCANHOST_TEST(ABannerIsAFindingOfItsHostAndPort) {
  const ScanOutcome outcome =
      scanWith("host\t192.0.2.7\nbanner\t192.0.2.7\t22\tSSH-2.0-OpenSSH_9.2\nend\n");
  SCANHOST_EXPECT_EQUAL(outcome.findings.size(), 1u);
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).host, "192.0.2.7");
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).port, "22");
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).check_id, "banner");
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).output, "SSH-2.0-OpenSSH_9.2");
  SCANHOST_EXPECT(outcome.summary && outcome.summary->complete);
  SCANHOST_EXPECT_EQUAL(outcome.summary->hosts_answered, 1u);
}

SCANHOST_TEST(AnOldProtocolIsAWeakness) {
  const ScanOutcome outcome = scanWith("host\t192.0.2.7\nbanner\t192.0.2.7\t22\tSSH-1.5-old\nend\n");
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).check_id, "ssh-protocol-1");
  SCANHOST_EXPECT(outcome.findings.at(0).severity == scanhost::Severity::high);
}

SCANHOST_TEST(AHostThatDoesNotAnswerIsSilentAndNotClean) {
  const ScanOutcome outcome = scanWith("end\n");
  SCANHOST_EXPECT(outcome.summary && outcome.summary->complete);
  SCANHOST_EXPECT_EQUAL(outcome.summary->hosts_silent, 1u);
}

SCANHOST_TEST(AReportWithoutItsEndIsNotComplete) {
  const ScanOutcome outcome = scanWith("host\t192.0.2.7\n");
  SCANHOST_EXPECT(outcome.summary && !outcome.summary->complete);
  SCANHOST_EXPECT_EQUAL(outcome.summary->reason, std::string(program) +
                            " ended with exit code 0 before the end of its report");
}

SCANHOST_TEST(AProgramThatFailsIsNotComplete) {
  const ScanOutcome outcome = scanWith("end\n", 3);
  SCANHOST_EXPECT(outcome.summary && !outcome.summary->complete);
}

SCANHOST_TEST(OutputThatIsNoReportFailsTheScan) {
  for (const char* output : {"Usage: scan\n", "banner\t192.0.2.7\tssh\tx\n", "end\nend\n"}) {
    const ScanOutcome outcome = scanWith(output);
    SCANHOST_EXPECT(outcome.error && outcome.error->errorClass() == ErrorClass::internal);
  }
  const ScanOutcome endless = scanWith(std::string(100 * 1024, 'x'));
  SCANHOST_EXPECT(endless.error && endless.error->errorClass() == ErrorClass::internal);
}

SCANHOST_TEST(TheProgramGetsAddressesAsInputAndTheScansPorts) {
  TestHost host;
  host.replay(program, "end\n");
  TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  LocalScannerUnderTest scanner(plugin);
  auto request = requestFor({"192.0.2.7", "2001:db8::7"}, Json::parse(R"({"ports": [22, 80]})"));
  request.targets[0].given = "web.example.org";
  scanner.scan(request);
  const ProgramRun run = host.runs().at(0);
  SCANHOST_EXPECT_EQUAL(run.input, "192.0.2.7\n2001:db8::7\n");
  SCANHOST_EXPECT(run.arguments == std::vector<std::string>({"--ports", "22,80"}));
}

SCANHOST_TEST(ACancelledScanEnds) {
  TestHost host;
  Replay endless;
  endless.hangs = true;
  host.replay(program, endless);
  TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  TestCall call;
  call.cancel();
  const ScanOutcome outcome = LocalScannerUnderTest(plugin).scan(requestFor({"192.0.2.7"}), call);
  SCANHOST_EXPECT(outcome.error && outcome.error->errorClass() == ErrorClass::cancelled);
}

SCANHOST_TEST(TheSelfTestNamesTheProgramsVersion) {
  TestHost host;
  host.replay(program, "scan 1.0\n");
  TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  SCANHOST_EXPECT_EQUAL(LocalScannerUnderTest(plugin).selfTest().version, "scan 1.0");
}

SCANHOST_TEST(ABrokenProgramIsTheScannersTroubleAndNotATasks) {
  TestHost host;
  host.replay(program, "", 127);
  TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  LocalScannerUnderTest scanner(plugin);
  const auto error = errorOf([&] { scanner.selfTest(); });
  SCANHOST_EXPECT(error.errorClass() == ErrorClass::config);
  SCANHOST_EXPECT(error.subject() == ErrorSubject::backend);
}

SCANHOST_TEST_MAIN()
