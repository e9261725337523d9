// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/told_scan.h"

namespace scanhost::greenbone {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing_support::ToldScan;

class GreenboneReport : public testing::Test {
 protected:
  PageTotals read(const std::string& content, TellHosts tell_hosts = TellHosts::yes,
                  std::size_t step = 61) {
    const std::string xml =
        "<get_reports_response status=\"200\" status_text=\"OK\"><report id=\"r1\" "
        "format_id=\"f\"><name>x</name><task id=\"t1\"/><report id=\"r1\">"
        "<scan_run_status>Done</scan_run_status>" +
        content + "</report></report></get_reports_response>";
    FindingSink sink(told.abi());
    ReportReader reader(sink, tell_hosts, 1u << 26);
    for (std::size_t at = 0; at < xml.size(); at += step) reader.feed(xml.substr(at, step));
    sink.flush();
    return reader.totals();
  }
  static std::string result(const std::string& more) {
    return "<results><result id=\"1\"><name>Weak</name><host>10.0.0.7<asset asset_id=\"a\"/>"
           "<hostname>web</hostname></host>" +
           more + "</result></results>";
  }

  ToldScan told;
};

TEST_F(GreenboneReport, AResultIsAFindingWithItsCheck) {
  const PageTotals totals = read(result(
      "<port>443/tcp</port><nvt oid=\"1.3.6.1.4.1.25623.1.0.5\"><type>nvt</type><name>Weak</name>"
      "<family>Web Servers</family><severities score=\"7.5\"><severity type=\"cvss_base_v3\">"
      "<score>7.5</score><value>CVSS:3.1/AV:N</value></severity></severities>"
      "<tags>summary=S|insight=I|impact=M</tags><solution type=\"VendorFix\">Update.</solution>"
      "<refs><ref type=\"cve\" id=\"CVE-2021-41773\"/><ref type=\"url\" id=\"https://e.org/\"/>"
      "<ref type=\"cert-bund\" id=\"WID-1\"/></refs></nvt><threat>High</threat>"
      "<severity>7.5</severity><qod><value>80</value></qod><description>seen</description>"));

  EXPECT_EQ(totals.results, 1u);
  EXPECT_EQ(totals.report_id, "r1");
  EXPECT_EQ(totals.run_status, "Done");
  ASSERT_EQ(told.findings.size(), 1u);
  const FindingRecord& finding = told.findings[0];
  EXPECT_EQ(finding.host, "10.0.0.7");
  EXPECT_EQ(finding.port, "443");
  EXPECT_EQ(finding.check_id, "1.3.6.1.4.1.25623.1.0.5");
  EXPECT_EQ(finding.family, "Web Servers");
  EXPECT_EQ(finding.severity, Severity::high);
  EXPECT_EQ(finding.risk_factor, "High");
  EXPECT_DOUBLE_EQ(finding.cvss3_base_score, 7.5);
  EXPECT_EQ(finding.cvss3_vector, "CVSS:3.1/AV:N");
  EXPECT_EQ(finding.synopsis, "S");
  EXPECT_EQ(finding.description, "I\n\nM");
  EXPECT_EQ(finding.solution, "Update.");
  EXPECT_EQ(finding.output, "seen");
  EXPECT_EQ(finding.see_also, "https://e.org/");
  EXPECT_THAT(finding.cve, ElementsAre("CVE-2021-41773"));
  EXPECT_THAT(finding.xref, ElementsAre("cert-bund:WID-1"));
  EXPECT_THAT(finding.extra, Contains(Pair("qod/value", "80")));
}

TEST_F(GreenboneReport, SeverityFollowsTheScore) {
  const std::pair<const char*, Severity> cases[] = {
      {"10.0", Severity::critical}, {"9.0", Severity::critical}, {"8.9", Severity::high},
      {"4.0", Severity::medium},    {"0.1", Severity::low},      {"0.0", Severity::info},
      {"-1.0", Severity::info},     {"nan", Severity::info}};
  for (const auto& [score, severity] : cases) {
    told.findings.clear();
    read(result("<nvt oid=\"1\"/><severity>" + std::string(score) + "</severity>"));
    EXPECT_EQ(told.findings.at(0).severity, severity) << score;
  }
}

TEST_F(GreenboneReport, AGeneralPortIsTheHostItself) {
  read(result("<port>general/icmp</port><nvt oid=\"1\"/>"));
  EXPECT_EQ(told.findings.at(0).port, "0");
  EXPECT_EQ(told.findings.at(0).protocol, "icmp");
}

TEST_F(GreenboneReport, WhatIsNestedInAResultIsNotTheResult) {
  read(
      result("<port>80/tcp</port><nvt oid=\"1\"/><detection><result id=\"2\"><details><detail>"
             "<name>port</name></detail></details></result></detection><notes><note id=\"3\"><nvt "
             "oid=\"9\"/><text>t</text></note></notes>"));
  ASSERT_EQ(told.findings.size(), 1u);
  EXPECT_EQ(told.findings[0].check_id, "1");
  EXPECT_EQ(told.findings[0].port, "80");
}

TEST_F(GreenboneReport, HostsAreToldOnTheFirstPageOnly) {
  const std::string hosts =
      "<host><ip>10.0.0.7</ip><detail><name>best_os_txt</name><value>Debian</value></detail>"
      "<detail><name>Auth-SSH-Failure</name><value>u</value></detail></host><errors><error>"
      "<host>10.0.0.7<asset/></host><port>general/tcp</port><description>too slow</description>"
      "<nvt oid=\"7\"><name>Slow</name></nvt></error></errors>";
  EXPECT_EQ(read(hosts).hosts, 1u);
  read(hosts, TellHosts::no);
  ASSERT_EQ(told.hosts.size(), 1u);
  EXPECT_TRUE(told.hosts[0].answered);
  EXPECT_EQ(told.hosts[0].login, SCANHOST_LOGIN_BAD);
  EXPECT_THAT(told.hosts[0].facts, Contains(Pair("best_os_txt", "Debian")));
  ASSERT_EQ(told.findings.size(), 1u);
  EXPECT_EQ(told.findings[0].check_id, "greenbone:error");
  EXPECT_EQ(told.findings[0].check_key, "7");
  EXPECT_EQ(told.findings[0].severity, Severity::info);
}

TEST_F(GreenboneReport, ALongTextIsCutAndNamed) {
  read(result("<nvt oid=\"1\"/><description>" + std::string(5000, 'x') + "</description>"));
  EXPECT_EQ(told.findings.at(0).output.size(), 1000u);
  EXPECT_THAT(told.findings.at(0).truncated, Contains("plugin_output"));
}

TEST_F(GreenboneReport, AHostileReportIsRefusedAfterWhatCameBefore) {
  EXPECT_THROW(read(result("<nvt oid=\"1\"/>") + "<a></b>", TellHosts::yes, 1u << 20), PluginError);
  const std::string bomb =
      "<!DOCTYPE a [<!ENTITY x \"y\">]><get_reports_response status=\"200\">&x;";
  FindingSink sink(told.abi());
  ReportReader reader(sink, TellHosts::yes, 1u << 20);
  EXPECT_THROW(reader.feed(bomb), PluginError);
}

TEST_F(GreenboneReport, ALargerReportThanAllowedIsRefused) {
  FindingSink sink(told.abi());
  ReportReader reader(sink, TellHosts::yes, 100);
  EXPECT_THROW(reader.feed("<get_reports_response status=\"200\">" + std::string(200, ' ')),
               PluginError);
}

}  // namespace
}  // namespace scanhost::greenbone
