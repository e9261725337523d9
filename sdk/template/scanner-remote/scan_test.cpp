// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The plugin as a node uses it: loaded, entered through the ABI. The test plays the scanner.
#include <scanhost/testing/check.h>
#include <scanhost/testing/host.h>
#include <scanhost/testing/scanner.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

using namespace scanhost::plugintest;
using namespace scanhost;

namespace {

class Remote {
 public:
  Remote() {
    if (!mkdtemp(folder_)) throw std::runtime_error("mkdtemp failed");
  }
  ~Remote() { std::filesystem::remove_all(folder_); }
  Json settings() const { return Json::object({{"folder", std::string(folder_) + "/"}}); }
  /// What the scanner writes for a job.
  void write(const RemoteScan& scan, const char* file, const std::string& text) const {
    std::ofstream(std::string(folder_) + "/" + scan.reference + "/" + file) << text;
  }

 private:
  char folder_[32] = "/tmp/spool-test-XXXXXX";
};

}  // namespace

SCANHOST_TEST(AScanIsPreparedStartedFollowedAndRead) {
  const Remote remote;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, remote.settings());
  RemoteScan scan = scanner.prepare(requestFor({"192.0.2.7"}));
  SCANHOST_EXPECT(scanner.poll({scan}).at(0).state == RemoteStatus::created);

  scan = scanner.start(scan);
  SCANHOST_EXPECT(scanner.poll({scan}).at(0).state == RemoteStatus::pending);
  remote.write(scan, "status", "running 40\n");
  SCANHOST_EXPECT_EQUAL(scanner.poll({scan}).at(0).percent, 40);

  remote.write(scan, "status", "completed 100\n");
  remote.write(scan, "report", "192.0.2.7 443 weak-cipher 2 RC4 is offered\n");
  SCANHOST_EXPECT(scanner.poll({scan}).at(0).state == RemoteStatus::completed);
  const ScanOutcome outcome = scanner.collect(scan);
  SCANHOST_EXPECT(outcome.summary && outcome.summary->complete);
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).check_id, "weak-cipher");
  SCANHOST_EXPECT_EQUAL(outcome.findings.at(0).output, "RC4 is offered");

  scanner.remove(scan);
  scanner.remove(scan);
  SCANHOST_EXPECT(scanner.poll({scan}).at(0).state == RemoteStatus::gone);
}

SCANHOST_TEST(AScanThatHasRunIsNotStartedAgain) {
  const Remote remote;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, remote.settings());
  const RemoteScan scan = scanner.prepare(requestFor({"192.0.2.7"}));
  scanner.start(scan);
  SCANHOST_EXPECT(errorOf([&] { scanner.start(scan); }).errorClass() == ErrorClass::ambiguous);
}

SCANHOST_TEST(AScanIsFoundByItsMarkerWithTheNameItWasGiven) {
  const Remote remote;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, remote.settings());
  const RemoteScan scan = scanner.prepare(requestFor({"192.0.2.7"}));
  const auto found = scanner.find("[scanhost:");
  SCANHOST_EXPECT_EQUAL(found.size(), 1u);
  SCANHOST_EXPECT_EQUAL(found.at(0).reference, scan.reference);
  SCANHOST_EXPECT_EQUAL(found.at(0).marker, scan.marker);
  SCANHOST_EXPECT_EQUAL(found.at(0).name, "test");
  SCANHOST_EXPECT(scanner.find("[scanhost:another/").empty());
}

SCANHOST_TEST(AnotherMarkersScanIsLeftAlone) {
  const Remote remote;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, remote.settings());
  RemoteScan scan = scanner.prepare(requestFor({"192.0.2.7"}));
  RemoteScan foreign = scan;
  foreign.marker = "[scanhost:another/1]";
  scanner.remove(foreign);
  SCANHOST_EXPECT(errorOf([&] { scanner.stop(foreign); }).errorClass() == ErrorClass::lost);
  SCANHOST_EXPECT(scanner.poll({scan}).at(0).state == RemoteStatus::created);
}

SCANHOST_TEST(ABrokenReportIsNotComplete) {
  const Remote remote;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, remote.settings());
  const RemoteScan scan = scanner.start(scanner.prepare(requestFor({"192.0.2.7"})));
  remote.write(scan, "status", "completed\n");
  remote.write(scan, "report", "192.0.2.7 443\n192.0.2.7 80 plain-http 1 No TLS\n");
  const ScanOutcome outcome = scanner.collect(scan);
  SCANHOST_EXPECT(outcome.summary && !outcome.summary->complete);
  SCANHOST_EXPECT_EQUAL(outcome.findings.size(), 1u);
}

SCANHOST_TEST(AFolderThatIsAwayIsTheScannersTroubleAndNoJobIsGone) {
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  RemoteScannerUnderTest scanner(plugin, Json::object({{"folder", "/nowhere"}}));
  for (const auto& error : {errorOf([&] { scanner.selfTest(); }),
                            errorOf([&] { scanner.poll({{"job-abcdef", "", "[scanhost:x/1]"}}); })}) {
    SCANHOST_EXPECT(error.errorClass() == ErrorClass::transient);
    SCANHOST_EXPECT(error.subject() == ErrorSubject::backend);
  }
}

SCANHOST_TEST_MAIN()
