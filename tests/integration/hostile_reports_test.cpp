// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A hostile or broken report fails its own task, with a reason; what it held before stays
/// readable, and memory stays flat.
#include <gmock/gmock.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::NessusSimulator;

constexpr const char* head =
    "<?xml version=\"1.0\" ?>\n<NessusClientData_v2>\n<Report name=\"r\">\n";
constexpr const char* host =
    "<ReportHost name=\"10.0.0.1\"><HostProperties><tag name=\"host-ip\">10.0.0.1</tag>"
    "</HostProperties>\n<ReportItem port=\"80\" svc_name=\"www\" protocol=\"tcp\" severity=\"3\" "
    "pluginID=\"1001\" pluginName=\"First\" pluginFamily=\"General\"><synopsis>s</synopsis>"
    "</ReportItem>\n</ReportHost>\n";

class HostileReports : public testing::Test {
 protected:
  /// Named so that a scan of that name gets it.
  static void writeReports(const Folder& reports) {
    reports.write("bomb.nessus",
                  "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
                  "\"&a;&a;&a;&a;&a;&a;&a;&a;\">]><NessusClientData_v2><Report name=\"&b;\"/>"
                  "</NessusClientData_v2>");
    reports.write("outside.nessus",
                  "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                  "<NessusClientData_v2><Report name=\"&x;\"/></NessusClientData_v2>");
    reports.write("truncated.nessus",
                  std::string(head) + host + "<ReportHost name=\"10.0.0.2\"><HostProp");
    reports.write("encoding.nessus", std::string(head) + host +
                                         "<ReportHost name=\"\xff\xfe\xfa\"></ReportHost>"
                                         "</Report></NessusClientData_v2>");
    reports.write("nothing.nessus", "");
    reports.write("html.nessus", "<html><body>Please log in</body></html>");
  }
  struct Reports : Folder {
    Reports() { writeReports(*this); }
  };
  Reports reports;
  NessusSimulator nessus{built("bin/nessus-simulator"),
                         {"--scan-seconds", "0.2", "--reports", reports.path().string()}};
  Service service{
      {.scanners = nessusScanner(nessus),
       .extra = "tasks: {poll_interval: 100ms, retry: {max_attempts: 2, base_delay: 50ms}}\n"}};
  client::Client client = service.client();

  client::ScanStatus scan(const std::string& name) {
    return waitForEnd(client, client.submit_scan("10.0.0.1", name).task_id);
  }
};

TEST_F(HostileReports, EachFailsItsTaskWithAReasonAndNoOther) {
  for (const char* name : {"bomb", "outside", "truncated", "encoding", "nothing", "html"}) {
    const auto status = scan(name);
    EXPECT_EQ(status.status, "failed") << name << ' ' << status.json.dump();
    EXPECT_FALSE(status.error_message.empty()) << name;
    EXPECT_THAT(status.error_message, testing::Not(HasSubstr("root:"))) << name;
  }
  EXPECT_EQ(scan("plain").status, "completed");
}

TEST_F(HostileReports, WhatClosedBeforeTheCutStaysReadableAsPartial) {
  const auto status = scan("truncated");
  ASSERT_EQ(status.status, "failed");
  const auto page = client.get_results(status.task_id, partialResults());
  ASSERT_EQ(page.findings.size(), 1u);
  EXPECT_EQ(page.findings[0]["plugin_name"].asString(), "First");
  EXPECT_FALSE(page.schema["complete"].asBool(true));
}

TEST_F(HostileReports, AnEmptyScanIsNotACleanScan) {
  const auto status = scan("[empty]");
  EXPECT_EQ(status.status, "failed");
  EXPECT_EQ(status.json["error_class"].asString(), "target");
  EXPECT_THAT(status.error_message, HasSubstr("nothing was tested"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep freed memory
TEST_F(HostileReports, AHundredMegabytesOfOneTextAreCutAndNamedInFlatMemory) {
  scan("warm up");
  const std::size_t before = service.peakMemory();
  const auto status = scan("[huge:100]");
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_LT(service.peakMemory() - before, std::size_t{32} << 20);
  std::size_t cut = 0;
  for (const Json& finding : client.get_results(status.task_id, allResults("full")).findings)
    if (finding["truncated"].dump() == R"(["plugin_output"])") {
      ++cut;
      EXPECT_LE(finding["plugin_output"].asString().size(), std::size_t{64} << 10);
    }
  EXPECT_EQ(cut, 1u);
}

TEST_F(HostileReports, FiftyThousandFindingsAreStoredInFlatMemory) {
  scan("[items:1000]");
  const std::size_t before = service.peakMemory();
  const auto status = scan("[items:50000]");
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_GT(status.json["results_summary"]["severity_breakdown"]["info"].asInteger(), 0);
  EXPECT_LT(service.peakMemory() - before, std::size_t{32} << 20);
}
#endif

}  // namespace
}  // namespace scanhost::integration
