// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/generated_report.h"

#include <gmock/gmock.h>
#include <libxml/parser.h>

#include <set>
#include <sstream>

#include "tests/simulators/nessus/report_writer.h"
#include "tests/simulators/nessus/targets.h"

namespace scanhost::simulator {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;

ReportOrder orderFor(const std::string& targets, const std::string& name = "nightly") {
  ReportOrder order;
  order.seed = 42;
  order.scan_name = name;
  order.targets = expandTargets(targets);
  order.start = Timestamp{1'700'000'000'000'000};
  order.end = Timestamp{1'700'000'090'000'000};
  return order;
}

ReportOrder orderWithLogin(const std::string& user) {
  ReportOrder order = orderFor("10.0.0.0/26");
  order.logins = {{"SSH", user}, {"SMB", user}};
  return order;
}

std::string written(const ReportOrder& order) {
  const GeneratedReport report(order);
  std::ostringstream out;
  writeNessus(report, report.hostCount(), out);
  return out.str();
}

bool isWellFormed(const std::string& xml) {
  xmlDocPtr document =
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "report", nullptr,
                    XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlFreeDoc(document);
  return document != nullptr;
}

std::set<std::int64_t> pluginsOf(const ReportHost& host) {
  std::set<std::int64_t> plugins;
  for (const ReportItem& item : host.items) plugins.insert(item.plugin_id);
  return plugins;
}

std::string outputOf(const ReportHost& host, std::int64_t plugin) {
  for (const ReportItem& item : host.items)
    if (item.plugin_id == plugin) return item.output;
  return {};
}

TEST(GeneratedReport, IsWellFormedXmlWhateverTheScanIsCalled) {
  EXPECT_TRUE(isWellFormed(written(orderFor("10.0.0.0/27"))));
  EXPECT_TRUE(isWellFormed(written(orderFor("web.example.net", "a <b> & \"c\" \x01 \xC3\xBC"))));
  EXPECT_TRUE(isWellFormed(written(orderWithLogin("root"))));
}

TEST(GeneratedReport, SameSeedGivesTheSameBytes) {
  EXPECT_EQ(written(orderFor("10.0.0.0/28")), written(orderFor("10.0.0.0/28")));
}

TEST(GeneratedReport, AnotherSeedGivesOtherFindings) {
  ReportOrder other = orderFor("10.0.0.0/28");
  other.seed = 43;
  EXPECT_NE(written(other), written(orderFor("10.0.0.0/28")));
}

TEST(GeneratedReport, HostIsTheSameWhicheverScanFindsIt) {
  const auto alone = GeneratedReport(orderFor("10.0.0.9")).host(0);
  const auto among_others = GeneratedReport(orderFor("10.0.0.8/29")).host(1);
  EXPECT_EQ(pluginsOf(alone), pluginsOf(among_others));
}

TEST(GeneratedReport, HasEverySeverityAndTheUsualVariety) {
  const GeneratedReport report(orderFor("10.0.0.0/26"));
  std::set<int> severities;
  bool repeated_cves = false;
  bool cwe = false;
  for (std::size_t i = 0; i < report.hostCount(); ++i)
    for (const ReportItem& item : report.host(i).items) {
      severities.insert(item.severity);
      const auto cves = std::count_if(item.fields.begin(), item.fields.end(),
                                      [](const auto& field) { return field.first == "cve"; });
      repeated_cves |= cves > 1;
      cwe |= std::any_of(item.fields.begin(), item.fields.end(),
                         [](const auto& field) { return field.first == "cwe"; });
    }
  EXPECT_EQ(severities, (std::set<int>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(repeated_cves);
  EXPECT_TRUE(cwe);
}

TEST(GeneratedReport, SaysNothingOfLoginsWhenNoneWereGiven) {
  const auto host = GeneratedReport(orderFor("10.0.0.1")).host(0);
  EXPECT_THAT(host.properties, Not(Contains(Pair("Credentialed_Scan", testing::_))));
  EXPECT_THAT(outputOf(host, 19506), HasSubstr("Credentialed checks : no\n"));
  EXPECT_THAT(pluginsOf(host), Contains(110723));
}

TEST(GeneratedReport, GoodLoginIsShownAndFindsMore) {
  const auto host = GeneratedReport(orderWithLogin("root")).host(0);
  EXPECT_THAT(host.properties, Contains(Pair("Credentialed_Scan", "true")));
  EXPECT_THAT(outputOf(host, 19506), HasSubstr("Credentialed checks : yes, as 'root' via "));
  EXPECT_THAT(pluginsOf(host), IsSupersetOf({110095, 141118, 117887}));
  EXPECT_GT(host.items.size(), GeneratedReport(orderFor("10.0.0.0/26")).host(0).items.size());
}

TEST(GeneratedReport, UserWrongLeavesTheEvidenceOfAFailedLogin) {
  const GeneratedReport report(orderWithLogin("wrong"));
  for (std::size_t i = 0; i < report.hostCount(); ++i) {
    const auto host = report.host(i);
    EXPECT_THAT(host.properties, Contains(Pair("Credentialed_Scan", "false")));
    EXPECT_THAT(outputOf(host, 19506), HasSubstr("Credentialed checks : no\n"));
    EXPECT_THAT(pluginsOf(host), AllOf(IsSupersetOf({104410, 21745}), Not(Contains(141118))));
  }
}

TEST(GeneratedReport, UserWeakLacksPrivilege) {
  const auto host = GeneratedReport(orderWithLogin("weak")).host(0);
  EXPECT_THAT(pluginsOf(host), AllOf(IsSupersetOf({110385, 141118}), Not(Contains(110095))));
}

TEST(GeneratedReport, ComplianceAuditRepeatsItsPluginWithDistinctChecks) {
  ReportOrder order = orderWithLogin("root");
  order.template_name = "compliance";
  const auto host = GeneratedReport(order).host(0);
  std::set<std::string> checks;
  std::size_t items = 0;
  for (const ReportItem& item : host.items) {
    if (item.plugin_family != "Policy Compliance") continue;
    ++items;
    for (const auto& [name, value] : item.fields)
      if (name == "cm:compliance-check-name") checks.insert(value);
  }
  EXPECT_GE(items, 3u);
  EXPECT_EQ(checks.size(), items);
}

TEST(GeneratedReport, MarkEmptyMeansThatNoHostAnswered) {
  const std::string xml = written(orderFor("10.0.0.0/28", "x [empty]"));
  EXPECT_TRUE(isWellFormed(xml));
  EXPECT_THAT(xml, Not(HasSubstr("<ReportHost")));
}

TEST(GeneratedReport, MarkHugeMakesOneOutputOfThatSize) {
  const std::string xml = written(orderFor("10.0.0.0/30", "x [huge:3]"));
  EXPECT_TRUE(isWellFormed(xml));
  EXPECT_GT(xml.size(), 3u * 1024 * 1024);
  EXPECT_LT(xml.size(), 4u * 1024 * 1024);
}

TEST(GeneratedReport, MarkItemsAddsThatManyToEveryHost) {
  const auto host = GeneratedReport(orderFor("10.0.0.1", "x [items:1000]")).host(0);
  EXPECT_GE(host.items.size(), 1000u);
}

TEST(GeneratedReport, MarkDriftMakesRunsDiffer) {
  ReportOrder first = orderFor("10.0.0.0/28", "x [drift]");
  ReportOrder second = first;
  second.run = 1;
  EXPECT_NE(written(first), written(second));
}

TEST(GeneratedReport, DiscoveryFindsHostsAndNothingElse) {
  ReportOrder order = orderFor("10.0.0.0/28");
  order.template_name = "discovery";
  for (const std::int64_t plugin : pluginsOf(GeneratedReport(order).host(0)))
    EXPECT_THAT((std::set<std::int64_t>{10180, 10287, 19506}), Contains(plugin));
}

TEST(ReportWriter, OffersTheSameHostsAsCsvAndHtml) {
  const GeneratedReport report(orderFor("10.0.0.1"));
  std::ostringstream csv;
  std::ostringstream html;
  writeCsv(report, 1, csv);
  writeHtml(report, 1, html);
  EXPECT_THAT(csv.str(), AllOf(HasSubstr("Plugin ID,CVE,"), HasSubstr("\"10.0.0.1\"")));
  EXPECT_THAT(html.str(), HasSubstr("<h2>10.0.0.1</h2>"));
}

}  // namespace
}  // namespace scanhost::simulator
