// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/told_scan.h"

namespace scanhost::wapiti {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing_support::ToldScan;

void read(ToldScan& told, const std::string& json, const std::string& name = {}) {
  FindingSink sink(told.abi());
  readReport(json, {"10.0.0.7", "8080", "http", name}, sink);
  sink.flush();
}

std::string report(const std::string& vulnerabilities, const std::string& anomalies = "{}") {
  return R"({"classifications": {
    "SQL Injection": {"desc": "D", "sol": "S",
      "ref": {"OWASP: SQL Injection": "https://owasp.org/sql",
              "CWE-89: Improper Neutralization": "https://cwe.mitre.org/data/definitions/89.html"}}},
   "vulnerabilities": )" +
         vulnerabilities + R"(, "anomalies": )" + anomalies +
         R"(, "additionals": {}, "infos": {"version": "Wapiti 3.0.4"}})";
}

std::string item(const std::string& path, const std::string& parameter, const std::string& info,
                 int level = 4) {
  return Json::object({{"method", "GET"},
                       {"path", path},
                       {"info", info},
                       {"level", level},
                       {"parameter", parameter},
                       {"http_request", "GET " + path + "?" + parameter + "=%27 HTTP/1.1"},
                       {"curl_command", "curl"}})
      .dump();
}

TEST(WapitiReport, AWeaknessIsAFindingWithItsClassAndPlace) {
  ToldScan told;
  read(told, report("{\"SQL Injection\": [" + item("/search", "q", "via q") + "]}"));

  ASSERT_EQ(told.findings.size(), 1u);
  const FindingRecord& finding = told.findings[0];
  EXPECT_EQ(finding.host, "10.0.0.7");
  EXPECT_EQ(finding.port, "8080");
  EXPECT_EQ(finding.check_id, "wapiti:sql");
  EXPECT_EQ(finding.check_name, "SQL Injection");
  EXPECT_EQ(finding.check_key, "GET /search q");
  EXPECT_EQ(finding.severity, Severity::critical);
  EXPECT_EQ(finding.description, "D");
  EXPECT_EQ(finding.solution, "S");
  EXPECT_EQ(finding.synopsis, "via q");
  EXPECT_THAT(finding.output, HasSubstr("GET /search?q"));
  EXPECT_THAT(finding.cwe, ElementsAre("CWE-89"));
  EXPECT_THAT(finding.xref, ElementsAre("WSTG-INPV-05"));
  EXPECT_THAT(finding.see_also, HasSubstr("https://owasp.org/sql"));
  EXPECT_THAT(finding.extra, Contains(Pair("parameter", "q")));
}

TEST(WapitiReport, OneWeaknessProvokedTwiceIsToldOnce) {
  ToldScan told;
  read(told, report("{\"SQL Injection\": [" + item("/a", "q", "first") + "," +
                    item("/a", "q", "second") + "," + item("/a", "r", "third") + "]}"));
  ASSERT_EQ(told.findings.size(), 2u);
  EXPECT_EQ(told.findings[0].synopsis, "first");
}

TEST(WapitiReport, HeadersAndCookiesAreToldApartByTheirText) {
  ToldScan told;
  read(told, report("{\"HTTP Secure Headers\": [" + item("/", "", "X-Frame-Options is not set", 1) +
                    "," + item("/", "", "X-XSS-Protection is not set", 1) + "]}"));
  ASSERT_EQ(told.findings.size(), 2u);
  EXPECT_EQ(told.findings[0].check_key, "GET / X-Frame-Options is not set");
  EXPECT_EQ(told.findings[0].severity, Severity::low);
}

TEST(WapitiReport, TwoNamesOnOneAddressAreTwoIdentities) {
  ToldScan told;
  const std::string json = report("{\"SQL Injection\": [" + item("/a", "q", "x") + "]}");
  read(told, json, "a.example");
  read(told, json, "b.example");
  EXPECT_EQ(told.findings[0].check_key, "GET a.example/a q");
  EXPECT_EQ(told.findings[1].check_key, "GET b.example/a q");
}

TEST(WapitiReport, AClassThatIsNotKnownKeepsAnIdOfItsName) {
  ToldScan told;
  read(told, report(R"json({"Log4Shell (RCE)": [{"level": 9, "wstg": ["WSTG-INPV-11"]}]})json"));
  EXPECT_EQ(told.findings.at(0).check_id, "wapiti:log4shell-rce");
  EXPECT_EQ(told.findings.at(0).severity, Severity::critical);
  EXPECT_THAT(told.findings.at(0).xref, ElementsAre("WSTG-INPV-11"));
}

TEST(WapitiReport, AnomaliesAreFindingsToo) {
  ToldScan told;
  read(told, report("{}", "{\"Internal Server Error\": [" + item("/a", "q", "500", 3) + "]}"));
  EXPECT_EQ(told.findings.at(0).family, "wapiti anomalies");
  EXPECT_EQ(told.findings.at(0).severity, Severity::high);
}

TEST(WapitiReport, ALongTextIsCutAndNamed) {
  ToldScan told;
  read(told, report("{\"SQL Injection\": [" + item("/a", "q", std::string(5000, 'x')) + "]}"));
  EXPECT_EQ(told.findings.at(0).synopsis.size(), 1000u);
  EXPECT_THAT(told.findings.at(0).truncated, Contains("synopsis"));
}

TEST(WapitiReport, WhatIsNoReportIsRefusedBeforeAnythingIsTold) {
  const std::string deep =
      "{\"classifications\": " + std::string(100, '[') + std::string(100, ']') + "}";
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[]"), deep,
                                 report("[]"), report("{}").substr(0, 100)}) {
    ToldScan told;
    EXPECT_THROW(read(told, bad), PluginError) << bad;
    EXPECT_TRUE(told.findings.empty());
  }
}

TEST(WapitiReport, ValuesOfTheWrongKindAreAsGoodAsNone) {
  ToldScan told;
  read(told,
       report(R"({"SQL Injection": [7, {"level": "x", "path": [], "info": {}}], "XSS": {}})"));
  ASSERT_EQ(told.findings.size(), 1u);
  EXPECT_EQ(told.findings[0].severity, Severity::info);
}

}  // namespace
}  // namespace scanhost::wapiti
