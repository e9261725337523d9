// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/findings/filter.h"
#include "host/findings/finding_samples_test.h"
#include "host/findings/intake.h"

namespace scanhost {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Added = ReportWriter::Added;

/// A whole answer in memory.
struct Answer {
  std::string text;
  LineWriter lines;

  explicit Answer(std::size_t limit = 32u << 20)
      : lines(limit, [this](std::string_view chunk) {
          text += chunk;
          return Status();
        }) {}

  std::vector<Json> parsed() {
    EXPECT_TRUE(lines.finish());
    std::vector<Json> documents;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      documents.push_back(Json::parse(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
    return documents;
  }
};

ReportHead sampleHead(std::uint64_t total, std::int64_t page_size = 10) {
  ReportHead head;
  head.filters_applied = Json::object({{"severity", "4"}});
  head.total_vulnerabilities = total;
  head.total_pages = totalPages(total, page_size);
  head.complete = true;
  head.scan_name = "LAN";
  head.task_id = "ne_sc_20251201_143022_a1b2c3d4";
  head.status = "completed";
  head.authentication_status = "not_applicable";
  head.coverage = Coverage{256, 12, 244, std::nullopt};
  return head;
}

std::string sealed(std::uint64_t offset) {
  return "cursor-" + std::to_string(offset);
}

TEST(Report, LinesAreThoseOfTheContract) {
  Answer answer;
  ReportWriter report(answer.lines, *makeProjection("minimal", {}));
  Finding finding = sampleFinding();
  finding.cve = {"CVE-2021-0001"};
  ASSERT_TRUE(report.head(sampleHead(11)));
  for (int i = 0; i < 10; ++i) ASSERT_EQ(*report.add(finding), Added::yes);
  ASSERT_TRUE(report.end(*makePage(1, 10), 11, sealed));
  ASSERT_TRUE(answer.lines.finish());

  const std::string vulnerability =
      R"({"type":"vulnerability","host":"10.0.0.7","plugin_id":"12345","severity":"4",)"
      R"("cve":["CVE-2021-0001"],"cvss_score":9.8,"exploit_available":true})";
  std::string expected =
      R"({"type":"schema","profile":"minimal","fields":["host","plugin_id","severity","cve",)"
      R"("cvss_score","exploit_available"],"filters_applied":{"severity":"4"},)"
      R"("total_vulnerabilities":11,"total_pages":2,"complete":true,"untrusted_fields":[]})"
      "\n"
      R"({"type":"scan_metadata","scan_name":"LAN","task_id":"ne_sc_20251201_143022_a1b2c3d4",)"
      R"("status":"completed","authentication_status":"not_applicable","coverage":)"
      R"({"addresses_requested":256,"hosts_answered":12,"hosts_silent":244,)"
      R"("authentication":null}})";
  for (int i = 0; i < 10; ++i) expected += "\n" + vulnerability;
  expected +=
      "\n"
      R"({"type":"pagination","page":1,"page_size":10,"total_pages":2,"has_next":true,)"
      R"("next_page":2,"next_cursor":"cursor-10"})";
  EXPECT_EQ(answer.text, expected);
}

TEST(Report, LastPageHasNoNext) {
  Answer answer;
  ReportWriter report(answer.lines, *makeProjection("minimal", {}));
  ASSERT_TRUE(report.head(sampleHead(11)));
  ASSERT_TRUE(report.add(sampleFinding()));
  ASSERT_TRUE(report.end(*makePage(2, 10), 11, sealed));
  const auto lines = answer.parsed();
  EXPECT_EQ(lines.back()["has_next"], Json(false));
  EXPECT_TRUE(lines.back().has("next_page"));
  EXPECT_TRUE(lines.back()["next_page"].isNull());
  EXPECT_TRUE(lines.back().has("next_cursor"));
  EXPECT_TRUE(lines.back()["next_cursor"].isNull());
}

TEST(Report, PageZeroIsEverythingWithoutPagination) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::full));
  ASSERT_TRUE(report.head(sampleHead(2)));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(report.add(sampleFinding()));
  ASSERT_TRUE(report.end(*makePage(0, 40), 2, sealed));
  const auto lines = answer.parsed();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["fields"], Json("all"));
  EXPECT_EQ(lines[3]["type"], Json("vulnerability"));
}

TEST(Report, EmptyAnswerStillHasItsFrame) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::brief));
  ReportHead head = sampleHead(0);
  head.filters_applied = Json();
  head.authentication_status.reset();
  head.coverage.reset();
  ASSERT_TRUE(report.head(head));
  ASSERT_TRUE(report.end(*makePage(1, 40), 0, sealed));
  const auto lines = answer.parsed();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["filters_applied"], Json::object());
  EXPECT_TRUE(lines[1].has("coverage"));
  EXPECT_TRUE(lines[1]["coverage"].isNull());
  EXPECT_EQ(lines[2]["total_pages"], Json(1));
}

TEST(Report, AbsentFieldsAreLeftOutAndTypeStays) {
  Finding finding;
  finding.host = "h";
  std::string line;
  writeFinding(line, finding, projectionOf(Profile::brief));
  EXPECT_EQ(line, R"({"type":"vulnerability","host":"h","severity":"0"})");
}

TEST(Report, FullServesTypesAsDocumented) {
  Finding finding = sampleFinding();
  finding.extra = {{"cpe", "a"}, {"fname", "x.nasl"}, {"cpe", "b"}};
  finding.first_seen_us = 1'764'599'422'123'456;
  finding.cvss_base_score = 10;
  takeIn(finding, "nessus");
  std::string line;
  writeFinding(line, finding, projectionOf(Profile::full));
  const Json json = Json::parse(line);
  EXPECT_EQ(json["port"], Json("443"));
  EXPECT_EQ(json["severity_name"], Json("critical"));
  EXPECT_EQ(json["first_seen"], Json("2025-12-01T14:30:22.123456Z"));
  EXPECT_EQ(json["extra"].dump(), R"({"cpe":["a","b"],"fname":["x.nasl"]})");
  EXPECT_TRUE(json["cvss_base_score"].isNumber());
  EXPECT_THAT(json["fingerprint"].asString(), ::testing::StartsWith("1:"));
  EXPECT_FALSE(json.has("check_key"));
  EXPECT_FALSE(json.has("truncated"));
}

TEST(Report, TextOfTheScannedMachineIsEscaped) {
  Finding finding = sampleFinding();
  finding.check_name = "\x1b[2J\u202e\u00e9\n\"\U0001F600";
  std::string line;
  writeFinding(line, finding, projectionOf(Profile::summary));
  for (const char c : line) ASSERT_TRUE(c >= 0x20 && c < 0x7F);
  EXPECT_THAT(line, HasSubstr(R"(\u001b[2J\u202e\u00e9\n\"\ud83d\ude00)"));
  const Json json = Json::parse(line);
  EXPECT_EQ(json["plugin_name"], Json(finding.check_name));
}

TEST(Report, FiltersActOnFieldsThatAreNotShown) {
  const auto conditions = parseFilters(Json::parse(R"({"plugin_family":"web"})"));
  EXPECT_TRUE(matches(sampleFinding(), *conditions));
  std::string line;
  writeFinding(line, sampleFinding(), projectionOf(Profile::minimal));
  EXPECT_THAT(line, Not(HasSubstr("plugin_family")));
}

TEST(Report, MaxBytesEndsThePageEarlyWithACursor) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::brief), 2500);
  ASSERT_TRUE(report.head(sampleHead(40, 40)));
  std::uint64_t rows = 0;
  while (*report.add(sampleFinding()) == Added::yes) ++rows;
  ASSERT_TRUE(report.end(*makePage(1, 40), 40, sealed));
  const auto lines = answer.parsed();
  EXPECT_LE(answer.text.size(), 2500u);
  EXPECT_GT(rows, 1u);
  EXPECT_EQ(lines.back()["next_cursor"], Json(sealed(rows)));
  EXPECT_EQ(lines.back()["has_next"], Json(true));
  EXPECT_TRUE(lines.back()["next_page"].isNull());
}

TEST(Report, MaxBytesEndsPageZeroWithACursorToo) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::minimal), 600);
  ASSERT_TRUE(report.head(sampleHead(3)));
  ASSERT_EQ(*report.add(sampleFinding()), Added::yes);
  ASSERT_EQ(*report.add(sampleFinding()), Added::page_full);
  ASSERT_TRUE(report.end(*makePage(0, 40), 3, sealed));
  const Json last = answer.parsed().back();
  EXPECT_EQ(last["has_next"], Json(true));
  EXPECT_EQ(last["next_cursor"], Json(sealed(1)));
}

TEST(Report, MaxBytesAlwaysLetsOneFindingThrough) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::brief), 1);
  ASSERT_TRUE(report.head(sampleHead(2)));
  EXPECT_EQ(*report.add(sampleFinding()), Added::yes);
  EXPECT_EQ(*report.add(sampleFinding()), Added::page_full);
  EXPECT_EQ(report.rows(), 1u);
}

TEST(Report, TooLargeAnAnswerIsRefusedAndStaysRefused) {
  Answer answer(4000);
  ReportWriter report(answer.lines, projectionOf(Profile::brief));
  ASSERT_TRUE(report.head(sampleHead(1000)));
  Result<Added> added = Added::yes;
  while (added) added = report.add(sampleFinding());
  EXPECT_TRUE(answer.lines.overflowed());
  EXPECT_LE(answer.lines.bytes(), 4000u);
  EXPECT_THAT(added.error().message, HasSubstr("limits.response_bytes"));
  EXPECT_FALSE(answer.lines.write("x"));
}

TEST(LineWriter, PassesChunksOnInsteadOfHoldingThem) {
  std::size_t passed = 0, largest = 0;
  LineWriter lines(
      10'000'000,
      [&](std::string_view chunk) {
        passed += chunk.size();
        largest = std::max(largest, chunk.size());
        return Status();
      },
      4096);
  const std::string line(99, 'x');
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(lines.write(line));
  ASSERT_TRUE(lines.finish());
  EXPECT_EQ(passed, 10'000u * 100 - 1);
  EXPECT_EQ(lines.bytes(), passed);
  EXPECT_LT(largest, 4096u + 100);
}

TEST(LineWriter, SinkThatFailsEndsTheWriting) {
  LineWriter lines(
      1000,
      [](std::string_view) -> Status {
        return fail(ErrorClass::cancelled, "the client went away");
      },
      1);
  EXPECT_EQ(lines.write("x").error().error_class, ErrorClass::cancelled);
}

std::vector<Group> grouped(GroupBy by, const std::vector<Finding>& findings) {
  GroupCollector groups(by);
  for (const Finding& finding : findings) EXPECT_TRUE(groups.add(finding));
  return groups.take();
}

std::vector<Finding> twentyHosts() {
  std::vector<Finding> findings;
  for (int i = 0; i < 20; ++i) {
    findings.push_back(sampleFinding("1", i == 7 ? Severity::high : Severity::low));
    findings.back().host = "10.0.0." + std::to_string(i);
    findings.push_back(sampleFinding("2", Severity::medium));
    findings.back().cve.clear();
  }
  return findings;
}

TEST(Group, ByCheckTellsCountWorstSeverityAndTenHosts) {
  const auto groups = grouped(GroupBy::check, twentyHosts());
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].key, "1") << "the worst first";
  EXPECT_EQ(groups[0].count, 20u);
  EXPECT_EQ(groups[0].worst, Severity::high);
  EXPECT_EQ(groups[0].members.size(), 10u);
  EXPECT_EQ(groups[1].members, std::vector<std::string>{"10.0.0.7"}) << "each member once";
}

TEST(Group, ByHostAndByCve) {
  const auto by_host = grouped(GroupBy::host, twentyHosts());
  EXPECT_EQ(by_host.size(), 20u);
  EXPECT_EQ(by_host[0].key, "10.0.0.7");
  EXPECT_THAT(by_host[0].members, ::testing::UnorderedElementsAre("1", "2"));
  const auto by_cve = grouped(GroupBy::cve, twentyHosts());
  ASSERT_EQ(by_cve.size(), 2u) << "what has no CVE belongs to no group";
  EXPECT_EQ(by_cve[0].key, "CVE-2021-0001");
  EXPECT_EQ(by_cve[0].count, 20u);
}

TEST(Group, NumberOfGroupsIsBounded) {
  GroupCollector groups(GroupBy::check, 2);
  EXPECT_TRUE(groups.add(sampleFinding("1")));
  EXPECT_TRUE(groups.add(sampleFinding("2")));
  EXPECT_TRUE(groups.add(sampleFinding("1")));
  EXPECT_FALSE(groups.add(sampleFinding("3")));
}

TEST(Group, IsOneLine) {
  Answer answer;
  ReportWriter report(answer.lines, projectionOf(Profile::brief));
  ReportHead head = sampleHead(40);
  head.grouped = GroupBy::check;
  ASSERT_TRUE(report.head(head));
  for (const Group& group : grouped(GroupBy::check, {sampleFinding(), sampleFinding()}))
    ASSERT_TRUE(report.add(group, GroupBy::check));
  const auto lines = answer.parsed();
  EXPECT_EQ(lines[0]["group_by"], Json("check"));
  EXPECT_EQ(lines[0]["untrusted_fields"], Json::array({"plugin_name"}));
  EXPECT_EQ(lines[2].dump(),
            R"({"type":"group","group_by":"check","key":"12345","plugin_name":"OpenSSL < 3.0.7",)"
            R"("count":2,"severity":"4","members":["10.0.0.7"]})");
}

TEST(Group, NamesReadBack) {
  for (const char* name : {"check", "host", "cve"})
    EXPECT_EQ(groupByName(*parseGroupBy(name)), name);
  EXPECT_FALSE(parseGroupBy("port"));
}

}  // namespace
}  // namespace scanhost
