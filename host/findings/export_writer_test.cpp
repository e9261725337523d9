// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/export_writer.h"

#include <gmock/gmock.h>

#include "host/findings/finding_samples_test.h"

namespace scanhost {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string exported(ExportFormat format, const Projection& projection,
                     const std::vector<Finding>& findings) {
  std::string text;
  const auto writer = makeExportWriter(format, projection, [&](std::string_view chunk) -> Status {
    text += chunk;
    return {};
  });
  ReportHead head;
  head.scan_name = "LAN";
  head.task_id = "t1";
  head.status = "completed";
  head.complete = true;
  head.total_vulnerabilities = findings.size();
  EXPECT_TRUE(writer->begin(head));
  if (writer->wantsRules()) {
    EXPECT_TRUE(writer->addRule(findings.at(0)));
  }
  for (const Finding& finding : findings) EXPECT_TRUE(writer->add(finding));
  EXPECT_TRUE(writer->end());
  return text;
}

Finding named(const std::string& name) {
  Finding finding = sampleFinding();
  finding.check_name = name;
  return finding;
}

TEST(ExportWriter, JsonLinesAreThoseOfTheResults) {
  const std::string text =
      exported(ExportFormat::jsonl, projectionOf(Profile::minimal), {sampleFinding()});
  EXPECT_THAT(text, StartsWith(R"({"type":"schema","profile":"minimal")"));
  EXPECT_THAT(text, HasSubstr("\n{\"type\":\"scan_metadata\",\"scan_name\":\"LAN\""));
  EXPECT_THAT(text, HasSubstr("\n{\"type\":\"vulnerability\","));
  EXPECT_THAT(text, EndsWith("}\n"));
}

TEST(ExportWriter, CsvHasALineOfNamesAndOneForEachFinding) {
  Finding finding = named("Say \"no\", twice");
  finding.cve = {"CVE-2021-1", "CVE-2021-2"};
  finding.host = "10.0.0.7";
  const auto projection = *makeProjection("brief", {"host", "plugin_name", "cve"});
  EXPECT_EQ(exported(ExportFormat::csv, projection, {finding, finding}),
            "host,plugin_name,cve\r\n"
            "10.0.0.7,\"Say \"\"no\"\", twice\",CVE-2021-1; CVE-2021-2\r\n"
            "10.0.0.7,\"Say \"\"no\"\", twice\",CVE-2021-1; CVE-2021-2\r\n");
}

TEST(ExportWriter, NoCellOfCsvIsAFormula) {
  const auto projection = *makeProjection("brief", {"plugin_name", "xref"});
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1"}) {
    Finding finding = named(formula);
    finding.xref = {formula};
    const std::string text = exported(ExportFormat::csv, projection, {finding});
    const std::string row = text.substr(text.find('\n') + 1);
    EXPECT_TRUE(row[0] == '\'' || row.substr(0, 2) == "\"'") << row;
    EXPECT_THAT(row.substr(row.find(',')), testing::AnyOf(StartsWith(",'"), StartsWith(",\"'")));
  }
}

TEST(ExportWriter, SarifHasTheChecksAsRulesAndTheFindingsAsResults) {
  Finding finding = sampleFinding();
  finding.severity = Severity::critical;
  finding.host = "10.0.0.7";
  finding.port = "443";
  finding.protocol = "tcp";
  finding.fingerprint = "1:abc";
  const Json sarif =
      Json::parse(exported(ExportFormat::sarif, projectionOf(Profile::full), {finding, finding}));
  EXPECT_EQ(sarif["version"].asString(), "2.1.0");
  const Json& run = sarif["runs"].items().at(0);
  EXPECT_TRUE(run["invocations"].items().at(0)["executionSuccessful"].asBool());
  EXPECT_EQ(run["properties"]["task_id"].asString(), "t1");
  const Json& rules = run["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules.items()[0]["id"].asString(), finding.check_id);
  ASSERT_EQ(run["results"].size(), 2u);
  const Json& result = run["results"].items()[1];
  EXPECT_EQ(result["ruleId"].asString(), finding.check_id);
  EXPECT_EQ(result["level"].asString(), "error");
  EXPECT_FALSE(result["message"]["text"].asString().empty());
  EXPECT_EQ(result["locations"]
                .items()
                .at(0)["logicalLocations"]
                .items()
                .at(0)["fullyQualifiedName"]
                .asString(),
            "10.0.0.7:443/tcp");
  EXPECT_EQ(result["partialFingerprints"]["scanhost/v1"].asString(), "1:abc");
  EXPECT_EQ(result["properties"]["host"].asString(), "10.0.0.7");
}

TEST(ExportWriter, SarifOfNothingIsStillSound) {
  std::string text;
  const auto writer = makeExportWriter(ExportFormat::sarif, projectionOf(Profile::full),
                                       [&](std::string_view chunk) -> Status {
                                         text += chunk;
                                         return {};
                                       });
  EXPECT_TRUE(writer->begin({}));
  EXPECT_TRUE(writer->end());
  EXPECT_EQ(Json::parse(text)["runs"].items().at(0)["results"].size(), 0u);
}

}  // namespace
}  // namespace scanhost
