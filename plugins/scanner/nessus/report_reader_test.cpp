// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>

namespace scanhost::nessus {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct Told {
  std::vector<FindingRecord> findings;
  std::vector<HostReport> hosts;
};

/// A sink that copies all it is told.
scanhost_scan_sink sinkInto(Told& told) {
  scanhost_scan_sink sink{};
  sink.struct_size = sizeof sink;
  sink.max_batch = 16;
  sink.max_text = 1000;
  sink.context = &told;
  sink.findings = [](void* context, const scanhost_finding* const* records, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      static_cast<Told*>(context)->findings.push_back(FindingRecord::from(*records[i]));
    return SCANHOST_OK;
  };
  sink.hosts = [](void* context, const scanhost_host_report* const* records, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      static_cast<Told*>(context)->hosts.push_back({toString(records[i]->host),
                                                    records[i]->state == SCANHOST_HOST_ANSWERED,
                                                    records[i]->login, toPairs(records[i]->facts)});
    return SCANHOST_OK;
  };
  return sink;
}

struct Read {
  Told told;
  ReportTotals totals;
  std::string error;  ///< what it was refused for
};

Read read(std::string_view xml, std::uint64_t max_bytes = 1u << 30) {
  Read result;
  const scanhost_scan_sink abi = sinkInto(result.told);
  FindingSink sink(&abi);
  ReportReader reader(sink, max_bytes);
  try {
    for (std::size_t at = 0; at < xml.size(); at += 100) reader.feed(xml.substr(at, 100));
    reader.finish();
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::transient);
    result.error = error.what();
  }
  sink.flush();
  result.totals = reader.totals();
  return result;
}

std::string report(const std::string& hosts) {
  return "<?xml version=\"1.0\" ?>\n<NessusClientData_v2>\n<Policy><policyName>p</policyName>"
         "<Preferences><ServerPreferences><preference><name>TARGET</name><value>secret</value>"
         "</preference></ServerPreferences></Preferences></Policy>\n"
         "<Report name=\"LAN\" xmlns:cm=\"http://www.nessus.org/cm\">\n" +
         hosts + "</Report>\n</NessusClientData_v2>\n";
}

std::string host(const std::string& items, const std::string& tags = "") {
  return "<ReportHost name=\"10.0.0.7\"><HostProperties>" + tags + "</HostProperties>" + items +
         "</ReportHost>\n";
}

std::string item(const std::string& plugin, const std::string& children = "",
                 const std::string& more = "") {
  return "<ReportItem port=\"443\" svc_name=\"www?\" protocol=\"tcp\" severity=\"4\" pluginID=\"" +
         plugin + "\" pluginName=\"A &amp; B\" pluginFamily=\"General\" " + more + ">" + children +
         "</ReportItem>\n";
}

TEST(NessusReport, MapsTheFieldsOfAnItem) {
  const Read back = read(report(host(
      item("12345",
           "<description>d &lt;b&gt;</description><plugin_output>o</plugin_output>"
           "<risk_factor>High</risk_factor><solution>s</solution><synopsis>y</synopsis>"
           "<see_also>https://a</see_also><see_also>https://b</see_also>"
           "<cve>CVE-1</cve><cve>CVE-2</cve><cwe>79</cwe><xref>IAVA:1</xref><xref>OSVDB:2</xref>"
           "<cvss_base_score>9.3</cvss_base_score><cvss3_base_score>9.8</cvss3_base_score>"
           "<cvss4_base_score>8.1</cvss4_base_score><vpr_score>5.9</vpr_score>"
           "<epss_score>0.97</epss_score><cvss_vector>CVSS2#AV:N</cvss_vector>"
           "<cvss3_vector>CVSS:3.0/AV:N</cvss3_vector><exploit_available>true</exploit_available>"
           "<plugin_publication_date>2020/01/02</plugin_publication_date>"
           "<vuln_publication_date>2020/01/01</vuln_publication_date>"
           "<bid>1</bid><bid>2</bid><stig_severity>I</stig_severity>"))));

  ASSERT_EQ(back.error, "");
  const FindingRecord& finding = back.told.findings.at(0);
  EXPECT_EQ(finding.host, "10.0.0.7");
  EXPECT_EQ(finding.port, "443");
  EXPECT_EQ(finding.protocol, "tcp");
  EXPECT_EQ(finding.service, "www?");
  EXPECT_EQ(finding.check_id, "12345");
  EXPECT_EQ(finding.check_name, "A & B");
  EXPECT_EQ(finding.family, "General");
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_EQ(finding.risk_factor, "High") << "kept beside the severity, from which it may differ";
  EXPECT_EQ(finding.description, "d <b>");
  EXPECT_EQ(finding.see_also, "https://a\nhttps://b");
  EXPECT_THAT(finding.cve, ElementsAre("CVE-1", "CVE-2"));
  EXPECT_THAT(finding.cwe, ElementsAre("79"));
  EXPECT_THAT(finding.xref, ElementsAre("IAVA:1", "OSVDB:2"));
  EXPECT_EQ(finding.cvss_base_score, 9.3);
  EXPECT_EQ(finding.cvss3_base_score, 9.8);
  EXPECT_EQ(finding.cvss4_base_score, 8.1);
  EXPECT_EQ(finding.vpr_score, 5.9);
  EXPECT_EQ(finding.epss_score, 0.97);
  EXPECT_TRUE(std::isnan(finding.cvss_temporal_score));
  EXPECT_EQ(finding.exploit_available, 1);
  EXPECT_EQ(finding.plugin_publication_date, "2020/01/02");
  EXPECT_THAT(finding.extra,
              ElementsAre(Pair("bid", "1"), Pair("bid", "2"), Pair("stig_severity", "I")));
  EXPECT_TRUE(finding.truncated.empty());
}

TEST(NessusReport, AnItemWithoutANumberIsAnOpenPort) {
  const Read back =
      read(report(host("<ReportItem port=\"22\" svc_name=\"ssh\" protocol=\"tcp\" "
                       "severity=\"0\" pluginID=\"0\" pluginName=\"\" "
                       "pluginFamily=\"\"/>")));
  EXPECT_EQ(back.told.findings.at(0).check_name, "Open port");
  EXPECT_EQ(back.told.findings.at(0).exploit_available, -1);
}

TEST(NessusReport, ComplianceItemsAreToldApartByTheirOwnKey) {
  const std::string family = "pluginFamily2=\"x\"";
  const Read back = read(report(
      host(item("21157",
                "<compliance>true</compliance><cm:compliance-check-id>id1</cm:compliance-check-id>"
                "<cm:compliance-check-name>1.1 a</cm:compliance-check-name>"
                "<cm:compliance-result>FAILED</cm:compliance-result>") +
           item("21157", "<cm:compliance-check-name>1.2 b</cm:compliance-check-name>", family) +
           "<ReportItem port=\"0\" svc_name=\"general\" protocol=\"tcp\" severity=\"3\" "
           "pluginID=\"21156\" pluginName=\"Windows\" pluginFamily=\"Policy Compliance\">"
           "<description>\"1.3 c\" : [FAILED]\n\nmore</description></ReportItem>")));

  ASSERT_EQ(back.told.findings.size(), 3u);
  EXPECT_EQ(back.told.findings[0].check_key, "id1");
  EXPECT_THAT(back.told.findings[0].extra, Contains(Pair("cm:compliance-result", "FAILED")));
  EXPECT_EQ(back.told.findings[1].check_key, "1.2 b");
  EXPECT_EQ(back.told.findings[2].check_key, "\"1.3 c\"");
}

TEST(NessusReport, EqualItemsAreToldOnceAndOthersOfTheSamePlaceAreNot) {
  const std::string one = item("1", "<plugin_output>a</plugin_output>");
  const std::string other = item("1", "<plugin_output>b</plugin_output>");
  const Read back = read(report(host(one + one + other)));
  EXPECT_EQ(back.told.findings.size(), 2u);
  EXPECT_EQ(back.totals.items, 3u);
  EXPECT_EQ(back.totals.repeated_items, 1u);
}

TEST(NessusReport, HostPropertiesAreFacts) {
  const Read back = read(report(host(item("1"),
                                     "<tag name=\"host-ip\">10.0.0.7</tag>"
                                     "<tag name=\"operating-system\">Linux\nBSD</tag>")));
  EXPECT_THAT(back.told.hosts.at(0).facts,
              ElementsAre(Pair("host-ip", "10.0.0.7"), Pair("operating-system", "Linux\nBSD")));
}

unsigned loginOf(const std::string& items, const std::string& tags = "") {
  return read(report(host(items, tags))).told.hosts.at(0).login;
}

std::string scanInformation(const std::string& credentialed) {
  return item("19506", "<plugin_output>Information about this scan :\n\nCredentialed checks : " +
                           credentialed + "\nPatch management checks : None\n</plugin_output>");
}

TEST(NessusReport, ChecksThatShowALoginAreCounted) {
  const auto result = read(report(host(item("12634") + item("22869") + item("21643"))));
  EXPECT_EQ(result.totals.login_findings, 2u);
}

TEST(NessusReport, LoginEvidenceAddsUpPerHost) {
  constexpr unsigned good = SCANHOST_LOGIN_GOOD, weak = SCANHOST_LOGIN_WEAK,
                     bad = SCANHOST_LOGIN_BAD;
  EXPECT_EQ(loginOf(item("1")), 0u);
  EXPECT_EQ(loginOf(scanInformation("yes")), good);
  EXPECT_EQ(loginOf(scanInformation("yes, as 'root' via ssh")), good);
  EXPECT_EQ(loginOf(scanInformation("yes (on the localhost)")), good);
  EXPECT_EQ(loginOf(scanInformation("partial")), weak);
  EXPECT_EQ(loginOf(scanInformation("no")), bad);
  EXPECT_EQ(loginOf(item("1"), "<tag name=\"Credentialed_Scan\">true</tag>"), good);
  EXPECT_EQ(loginOf(item("1"), "<tag name=\"Credentialed_Scan\">false</tag>"), bad);
  EXPECT_EQ(loginOf(item("141118")), good);
  EXPECT_EQ(loginOf(item("110385")), weak);
  EXPECT_EQ(loginOf(item("104410")), bad);
  EXPECT_EQ(loginOf(item("21745")), bad);
  EXPECT_EQ(loginOf(scanInformation("yes") + item("110385")), good | weak);
  EXPECT_EQ(loginOf(item("1", "<plugin_output>Credentialed checks : yes</plugin_output>")), 0u)
      << "a scanned host may say so; only the scanner's own plugin counts";
}

TEST(NessusReport, AHostWithoutItemsOrSaidToBeDeadDidNotAnswer) {
  const Read back =
      read(report(host("") +
                  host(item("10180",
                            "<plugin_output>The remote host is considered as dead - not "
                            "scanning</plugin_output>")) +
                  host(item("1"))));
  EXPECT_EQ(back.totals.hosts_answered, 1u);
  EXPECT_EQ(back.totals.hosts_silent, 2u);
  EXPECT_FALSE(back.told.hosts.at(0).answered);
}

TEST(NessusReport, AReportWithoutHostsIsEmptyAndWellFormed) {
  const Read back = read(report(""));
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.totals.hosts_answered, 0u);
}

TEST(NessusReport, ThePolicyIsPassedOver) {
  const Read back = read(report(host(item("1"))));
  EXPECT_EQ(back.told.findings.size(), 1u);
  EXPECT_TRUE(back.told.findings[0].extra.empty());
}

TEST(NessusReport, WhatClosedBeforeACutIsToldAndTheReasonNamed) {
  const std::string whole = report(host(item("1") + item("2")));
  const Read back = read(std::string_view(whole).substr(0, whole.find("pluginID=\"2\"")));
  EXPECT_THAT(back.error, testing::StartsWith("xml_invalid: "));
  EXPECT_EQ(back.told.findings.size(), 1u);
}

TEST(NessusReport, HostileDocumentsAreRefused) {
  const std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
  std::string deep = "<NessusClientData_v2>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (const std::string& document :
       {bomb + "<NessusClientData_v2>&b;</NessusClientData_v2>",
        std::string("<!DOCTYPE NessusClientData_v2><NessusClientData_v2/>"),
        std::string("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><NessusClientData_v2/>"),
        std::string("<NessusClientData/>"), std::string("<html><body>Login</body></html>"),
        std::string("{\"error\":\"no\"}"), std::string(""), deep,
        report(host(item("1", "<description>&unknown;</description>"))),
        report(host(item("1", "<description>\x08</description>"))), report("</ReportHost>")})
    EXPECT_THAT(read(document).error, testing::StartsWith("xml_invalid: "))
        << document.substr(0, 80);
}

TEST(NessusReport, AReportLargerThanAllowedIsRefused) {
  EXPECT_THAT(read(report(host(item("1"))), 100).error, HasSubstr("larger than 100"));
}

TEST(NessusReport, AHundredMegabytesOfOutputAreCutNamedAndNotHeld) {
  Told told;
  const scanhost_scan_sink abi = sinkInto(told);
  FindingSink sink(&abi);
  ReportReader reader(sink, 1u << 30);
  const std::string piece(1u << 20, 'x');
  const std::string whole = report(host(item("1", "<plugin_output>@</plugin_output>")));
  const std::size_t place = whole.find('@');
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);

  reader.feed(whole.substr(0, place));
  for (int i = 0; i < 100; ++i) reader.feed(piece);
  reader.feed(whole.substr(place + 1));
  reader.finish();
  sink.flush();

  getrusage(RUSAGE_SELF, &after);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep freed memory
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 8 * 1024) << "kilobytes";
#endif
  ASSERT_EQ(told.findings.size(), 1u);
  EXPECT_EQ(told.findings[0].output.size(), 1000u);
  EXPECT_THAT(told.findings[0].truncated, ElementsAre("plugin_output"));
}

TEST(NessusReport, AnItemsTextsTogetherAreBounded) {
  std::string children;
  for (int i = 0; i < 20'000; ++i) children += "<a>" + std::string(1000, 'x') + "</a>";
  const Read back = read(report(host(item("1", children) + item("2"))));
  ASSERT_EQ(back.told.findings.size(), 2u);
  EXPECT_LT(back.told.findings[0].extra.size(), 9000u);
  EXPECT_THAT(back.told.findings[0].truncated, ElementsAre("extra"));
  EXPECT_TRUE(back.told.findings[1].truncated.empty());
}

}  // namespace
}  // namespace scanhost::nessus
