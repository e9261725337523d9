// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace scanhost::nmap {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct Told {
  std::vector<FindingRecord> findings;
  std::vector<HostReport> hosts;
  std::vector<int> percents;

  const FindingRecord* find(const std::string& check_id, const std::string& key = {}) const {
    for (const FindingRecord& finding : findings)
      if (finding.check_id == check_id && finding.check_key == key) return &finding;
    return nullptr;
  }
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
  sink.progress = [](void* context, int32_t percent, scanhost_text) {
    static_cast<Told*>(context)->percents.push_back(percent);
    return SCANHOST_OK;
  };
  return sink;
}

struct Read {
  Told told;
  RunTotals totals;
  std::string error;  ///< what it was refused for
};

Read read(std::string_view xml, std::uint64_t addresses = 1, const GivenNames& names = {}) {
  Read result;
  const scanhost_scan_sink abi = sinkInto(result.told);
  FindingSink sink(&abi);
  Progress progress(sink, addresses);
  ReportReader reader(sink, names, progress);
  try {
    for (std::size_t at = 0; at < xml.size(); at += 100) reader.feed(xml.substr(at, 100));
    reader.finish();
  } catch (const PluginError& error) {
    result.error = error.what();
  }
  sink.flush();
  result.totals = reader.totals();
  return result;
}

std::string report(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n"
         "<?xml-stylesheet href=\"file:///usr/share/nmap/nmap.xsl\" type=\"text/xsl\"?>\n"
         "<nmaprun scanner=\"nmap\" version=\"7.93\" xmloutputversion=\"1.05\">\n" +
         body + "</nmaprun>\n";
}

std::string finished(const std::string& hosts, const std::string& exit = "exit=\"success\"") {
  return "<runstats><finished time=\"1\" elapsed=\"1\" " + exit + "/><hosts " + hosts +
         "/></runstats>";
}

std::string host(const std::string& inner, const std::string& attributes = "") {
  return "<host " + attributes +
         "><status state=\"up\" reason=\"syn-ack\"/><address addr=\"10.0.0.7\" "
         "addrtype=\"ipv4\"/>" +
         inner + "</host>";
}

std::string openPort(const std::string& inner) {
  return "<ports><extraports state=\"filtered\" count=\"998\"/>"
         "<port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\"/>" +
         inner + "</port></ports>";
}

TEST(NmapReport, AnOpenPortAndItsServiceAreFindings) {
  const Read read_back = read(report(
      host("<hostnames><hostname name=\"gw.lan\" type=\"PTR\"/></hostnames>"
           "<address addr=\"00:11:22:33:44:55\" addrtype=\"mac\" vendor=\"Acme\"/>" +
           openPort("<service name=\"https\" product=\"nginx\" version=\"1.18.0\" tunnel=\"ssl\" "
                    "method=\"probed\" conf=\"10\"><cpe>cpe:/a:nginx:nginx:1.18.0</cpe>"
                    "</service>")) +
      finished("up=\"1\" down=\"0\" total=\"1\"")));

  ASSERT_EQ(read_back.error, "");
  const FindingRecord* open = read_back.told.find("nmap:open-port");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->host, "10.0.0.7");
  EXPECT_EQ(open->port, "443");
  EXPECT_EQ(open->protocol, "tcp");
  EXPECT_EQ(open->service, "https");
  EXPECT_EQ(open->severity, Severity::info);
  const FindingRecord* service = read_back.told.find("nmap:service");
  ASSERT_NE(service, nullptr);
  EXPECT_EQ(service->output, "nginx 1.18.0");
  EXPECT_THAT(service->extra, Contains(Pair("cpe", "cpe:/a:nginx:nginx:1.18.0")));
  EXPECT_THAT(read_back.told.hosts.at(0).facts,
              testing::IsSupersetOf({std::pair<std::string, std::string>("hostname", "gw.lan"),
                                     {"mac-address", "00:11:22:33:44:55"},
                                     {"mac-vendor", "Acme"}}));
  EXPECT_TRUE(read_back.totals.succeeded);
  EXPECT_EQ(read_back.totals.hosts_answered, 1u);
}

TEST(NmapReport, ClosedAndFilteredPortsAreNone) {
  const Read read_back = read(report(
      host("<ports><port protocol=\"tcp\" portid=\"1\"><state state=\"closed\"/></port>"
           "<port protocol=\"udp\" portid=\"2\"><state state=\"open|filtered\"/></port></ports>")));
  EXPECT_TRUE(read_back.told.findings.empty());
}

TEST(NmapReport, SilentHostsAreCountedAlsoWhenNotListed) {
  const Read read_back =
      read(report("<host><status state=\"down\" reason=\"no-response\"/>"
                  "<address addr=\"10.0.0.8\" addrtype=\"ipv4\"/></host>" +
                  host("") + finished("up=\"1\" down=\"255\" total=\"256\"")));
  EXPECT_EQ(read_back.totals.hosts_answered, 1u);
  EXPECT_EQ(read_back.totals.hosts_silent, 255u);
  ASSERT_EQ(read_back.told.hosts.size(), 2u);
  EXPECT_FALSE(read_back.told.hosts[0].answered);
  EXPECT_TRUE(read_back.told.hosts[1].answered);
}

TEST(NmapReport, AHostThatWasOnlyAssumedUpDidNotAnswer) {
  const std::string assumed =
      "<host><status state=\"up\" reason=\"user-set\"/>"
      "<address addr=\"10.0.0.8\" addrtype=\"ipv4\"/><ports><extraports state=\"";
  EXPECT_FALSE(read(report(assumed + "filtered\" count=\"100\"/></ports></host>"))
                   .told.hosts.at(0)
                   .answered);
  EXPECT_TRUE(
      read(report(assumed + "closed\" count=\"100\"/></ports></host>")).told.hosts.at(0).answered);
}

TEST(NmapReport, AHostThatRanOutOfTimeWasNotTested) {
  const Read read_back =
      read(report(host("", "timedout=\"true\"") + finished("up=\"1\" down=\"0\" total=\"1\"")));
  EXPECT_EQ(read_back.totals.hosts_answered, 0u);
  EXPECT_EQ(read_back.totals.hosts_silent, 1u);
  EXPECT_THAT(read_back.told.hosts.at(0).facts, Contains(Pair("timed-out", "true")));
}

TEST(NmapReport, AGivenNameIsAFactOfItsAddress) {
  const Read read_back = read(report(host("")), 1, GivenNames{{"10.0.0.7", "web.example.org"}});
  EXPECT_THAT(read_back.told.hosts.at(0).facts, Contains(Pair("given", "web.example.org")));
  EXPECT_EQ(read_back.told.hosts.at(0).host, "10.0.0.7");
}

TEST(NmapReport, AScriptsOutputIsAFinding) {
  const Read read_back = read(report(host(
      openPort("<script id=\"http-title\" output=\"Hello &lt;b&gt;\"><elem key=\"title\">Hello"
               "</elem></script><script id=\"x\" output=\"ERROR: Script execution failed (use -d"
               " to debug)\"/>") +
      "<hostscript><script id=\"clock-skew\" output=\"2s\"/></hostscript>")));

  const FindingRecord* title = read_back.told.find("nmap:script:http-title");
  ASSERT_NE(title, nullptr);
  EXPECT_EQ(title->output, "Hello <b>");
  const FindingRecord* skew = read_back.told.find("nmap:script:clock-skew");
  ASSERT_NE(skew, nullptr);
  EXPECT_EQ(skew->port, "0");
  EXPECT_EQ(read_back.told.find("nmap:script:x"), nullptr);
}

std::string vulnerability(const std::string& key, const std::string& state,
                          const std::string& more = "") {
  return "<table key=\"" + key + "\"><elem key=\"title\">Weak thing</elem><elem key=\"state\">" +
         state + "</elem>" + more + "</table>";
}

TEST(NmapReport, AVulnerabilityHasASeverityByItsStateAndScore) {
  const Read read_back = read(report(host(openPort(
      "<script id=\"ssl-heartbleed\" output=\"...\">" +
      vulnerability("CVE-2014-0160", "VULNERABLE (Exploitable)",
                    "<table key=\"ids\"><elem>CVE:CVE-2014-0160</elem><elem>BID:1</elem></table>"
                    "<table key=\"scores\"><elem key=\"CVSSv2\">9.4 (HIGH) (AV:N)</elem></table>"
                    "<table key=\"description\"><elem>Reads memory.</elem></table>"
                    "<table key=\"refs\"><elem>https://a</elem><elem>https://b</elem></table>") +
      vulnerability("CVE-1", "VULNERABLE") + vulnerability("CVE-2", "LIKELY VULNERABLE") +
      vulnerability("CVE-3", "NOT VULNERABLE") + vulnerability("NMAP-7", "VULNERABLE (DoS)") +
      "</script>"))));

  const std::string check = "nmap:script:ssl-heartbleed";
  const FindingRecord* scored = read_back.told.find(check, "CVE-2014-0160");
  ASSERT_NE(scored, nullptr);
  EXPECT_EQ(scored->severity, Severity::critical);
  EXPECT_EQ(scored->cvss_base_score, 9.4);
  EXPECT_EQ(scored->exploit_available, 1);
  EXPECT_THAT(scored->cve, ElementsAre("CVE-2014-0160"));
  EXPECT_THAT(scored->xref, ElementsAre("BID:1"));
  EXPECT_EQ(scored->description, "Reads memory.");
  EXPECT_EQ(scored->see_also, "https://a\nhttps://b");
  EXPECT_EQ(read_back.told.find(check, "CVE-1")->severity, Severity::high);
  EXPECT_EQ(read_back.told.find(check, "CVE-2")->severity, Severity::medium);
  EXPECT_EQ(read_back.told.find(check, "CVE-3"), nullptr);
  EXPECT_NE(read_back.told.find(check, "Weak thing"), nullptr)
      << "a number of one run is no stable key";
}

TEST(NmapReport, VulnersRowsAreFindingsOfLowConfidenceOncePerCve) {
  const std::string row =
      "<table><elem key=\"id\">CVE-2021-1</elem><elem key=\"type\">cve</elem>"
      "<elem key=\"cvss\">7.5</elem></table>";
  const Read read_back = read(report(host(openPort(
      "<script id=\"vulners\" output=\"x\"><table key=\"cpe:/a:x\">" + row +
      "<table><elem key=\"id\">EDB-1</elem><elem key=\"type\">exploitdb</elem></table></table>"
      "<table key=\"cpe:/a:y\">" +
      row + "</table></script>"))));

  const FindingRecord* cve = read_back.told.find("nmap:script:vulners", "CVE-2021-1");
  ASSERT_NE(cve, nullptr);
  EXPECT_EQ(cve->severity, Severity::high);
  EXPECT_THAT(cve->extra, ElementsAre(Pair("confidence", "low"), Pair("cpe", "cpe:/a:x"),
                                      Pair("cpe", "cpe:/a:y")));
  EXPECT_EQ(read_back.told.findings.size(), 2u);  // the open port and the CVE
}

TEST(NmapReport, VulnersTextOfOlderVersionsIsReadToo) {
  const Read read_back = read(report(host(openPort(
      "<script id=\"vulners\" output=\"&#xa;  cpe:/a:x: &#xa;    &#x9;CVE-2021-1&#x9;7.5&#x9;"
      "https://vulners.com/cve/CVE-2021-1&#xa;    &#x9;EDB-1&#x9;0.0&#x9;u&#x9;*EXPLOIT*\"/>"))));

  const FindingRecord* cve = read_back.told.find("nmap:script:vulners", "CVE-2021-1");
  ASSERT_NE(cve, nullptr);
  EXPECT_EQ(cve->cvss_base_score, 7.5);
  EXPECT_THAT(cve->extra, Contains(Pair("cpe", "cpe:/a:x")));
}

TEST(NmapReport, ProgressGrowsWithStagesAndHosts) {
  const Read read_back =
      read(report("<hosthint><status state=\"up\"/><address addr=\"10.0.0.7\"/></hosthint>"
                  "<taskbegin task=\"Connect Scan\"/>"
                  "<taskprogress task=\"Connect Scan\" percent=\"50.00\"/>"
                  "<taskbegin task=\"Service scan\"/><taskend task=\"NSE\"/>" +
                  host("") + finished("up=\"1\" down=\"0\" total=\"1\"")));
  EXPECT_THAT(read_back.told.percents, ElementsAre(0, 30, 60, 99));
}

TEST(NmapReport, AnInterruptedRunIsNotASuccess) {
  EXPECT_FALSE(read(report(host(""))).totals.succeeded);
  const Read failed = read(
      report(finished("up=\"0\" down=\"0\" total=\"0\"", "exit=\"error\" errormsg=\"no route\"")));
  EXPECT_FALSE(failed.totals.succeeded);
  EXPECT_EQ(failed.totals.error, "no route");
}

TEST(NmapReport, WhatClosedBeforeACutIsTold) {
  const std::string whole = report(host(openPort("")) + host(openPort("")));
  const Read read_back = read(whole.substr(0, whole.size() - 20));
  EXPECT_THAT(read_back.error, HasSubstr("xml_invalid"));
  EXPECT_EQ(read_back.told.findings.size(), 2u);
}

TEST(NmapReport, RefusesEntitiesAndForeignDocumentTypes) {
  EXPECT_THAT(read("<!DOCTYPE nmaprun [<!ENTITY a \"b\">]><nmaprun>&a;</nmaprun>").error,
              HasSubstr("xml_invalid"));
  EXPECT_THAT(read("<!DOCTYPE x SYSTEM \"http://127.0.0.1/\"><nmaprun/>").error,
              HasSubstr("xml_invalid"));
}

TEST(NmapReport, AScriptsStructureIsBounded) {
  std::string rows;
  for (int i = 0; i < 60'000; ++i) rows += "<elem key=\"k\">v</elem>";
  const Read read_back =
      read(report(host(openPort("<script id=\"big\" output=\"o\">" + rows + "</script>"))));
  EXPECT_EQ(read_back.error, "");
  EXPECT_NE(read_back.told.find("nmap:script:big"), nullptr);
}

}  // namespace
}  // namespace scanhost::nmap
