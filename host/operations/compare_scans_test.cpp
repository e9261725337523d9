// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What changed between two scans, and what may not be called fixed.
#include "host/operations/completed_scans_test.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Comparisons : public CompletedScansTest {
 protected:
  Json compare(const CompletedScan& base, const CompletedScan& current,
               const Json& more = Json::object()) {
    Json arguments =
        Json::object({{"base_task_id", completed(base)}, {"task_id", completed(current)}});
    for (const Json::Member& member : more.members()) arguments[member.first] = member.second;
    return call("compare_scans", arguments, owner);
  }
  /// "new plugin", "not_assessed plugin reason".
  static std::vector<std::string> rowsOf(const Json& answer) {
    std::vector<std::string> rows;
    for (const Json& row : answer["findings"].items())
      rows.push_back(row["change"].asString() + " " + row["plugin_id"].asString() +
                     (row.has("reason") ? " " + row["reason"].asString() : ""));
    return rows;
  }
  /// What becomes of a finding that the later scan lacks.
  std::string fateOf(CompletedScan base, const CompletedScan& current) {
    base.findings = {finding("gone")};
    const auto rows = rowsOf(compare(base, current));
    return rows.size() == 1 ? rows[0] : "not one row";
  }
};

TEST_F(Comparisons, TellWhatIsNewPersistsAndIsFixed) {
  const Json answer = compare({{finding("stays"), finding("goes", Severity::medium)}},
                              {{finding("comes", Severity::critical), finding("stays")}});
  EXPECT_THAT(rowsOf(answer), ElementsAre("new comes", "persisting stays", "fixed goes"));
  EXPECT_EQ(answer["counts"].dump(), R"({"new":1,"persisting":1,"fixed":1,"not_assessed":0})");
  EXPECT_EQ(answer["findings"].items()[2]["description"].asString(), "What goes means");
  EXPECT_EQ(answer["total_pages"].asInteger(), 1);
  EXPECT_FALSE(answer["has_next"].asBool());
}

TEST_F(Comparisons, AHostThatDidNotAnswerHasNothingFixed) {
  EXPECT_EQ(fateOf({}, {{}, {{"10.0.0.2", HostAuthentication::unknown}}}),
            "not_assessed gone host_not_reached");
}

TEST_F(Comparisons, ACheckThatMayNotHaveRunHasNothingFixed) {
  EXPECT_EQ(fateOf({}, {}), "fixed gone");
  CompletedScan other_scanner, other_template, other_settings;
  other_scanner.scanner_type = "near";
  other_template.scan_template = "shallow";
  other_settings.scanner_settings = "changed since";
  for (const CompletedScan& other : {other_scanner, other_template, other_settings})
    EXPECT_EQ(fateOf({}, other), "not_assessed gone check_not_run");
}

TEST_F(Comparisons, AWorseLoginHasNothingFixed) {
  const auto with = [](const std::string& scan_type, HostAuthentication login) {
    CompletedScan scan;
    scan.scan_type = scan_type;
    scan.hosts = {{"10.0.0.1", login}};
    return scan;
  };
  using Login = HostAuthentication;
  EXPECT_EQ(fateOf(with("authenticated", Login::success), with("authenticated", Login::partial)),
            "not_assessed gone login_worse");
  EXPECT_EQ(fateOf(with("authenticated", Login::success), with("untrusted", Login::unknown)),
            "not_assessed gone check_not_run");
  EXPECT_EQ(fateOf(with("authenticated", Login::partial), with("authenticated", Login::success)),
            "fixed gone");
  EXPECT_EQ(fateOf(with("untrusted", Login::unknown), with("authenticated", Login::failed)),
            "fixed gone");
}

TEST_F(Comparisons, AFilterChoosesWhatIsTold) {
  const Json answer = compare({{finding("low", Severity::low), finding("high")}}, {},
                              Json::object({{"filters", Json::object({{"severity", ">=3"}})}}));
  EXPECT_THAT(rowsOf(answer), ElementsAre("fixed high"));
  EXPECT_EQ(answer["counts"]["fixed"].asInteger(), 1);
}

TEST_F(Comparisons, AreToldPageByPage) {
  CompletedScan base, current;
  for (int i = 0; i < 23; ++i) current.findings.push_back(finding("new" + std::to_string(i)));
  base.findings = {finding("old")};
  std::set<std::string> seen;
  for (int page = 1; page <= 3; ++page) {
    const Json answer = compare(base, current, Json::object({{"page", page}, {"page_size", 10}}));
    EXPECT_EQ(answer["total_pages"].asInteger(), 3);
    EXPECT_EQ(answer["has_next"].asBool(), page < 3);
    for (const std::string& row : rowsOf(answer)) seen.insert(row);
  }
  EXPECT_THAT(seen, SizeIs(24));
  EXPECT_THAT(rowsOf(compare(base, current, Json::object({{"page", 4}, {"page_size", 10}}))),
              IsEmpty());
}

TEST_F(Comparisons, AreOfCompletedScansOfTheCallersOwn) {
  addScanner("far", ScannerKind::remote);
  const std::string done = completed({}), waiting = submit("far");
  const auto code = [&](const std::string& base, const std::string& current, const Caller& who) {
    return call("compare_scans", Json::object({{"base_task_id", base}, {"task_id", current}}),
                who)["code"]
        .asString();
  };
  EXPECT_EQ(code(done, waiting, owner), "not_completed");
  EXPECT_EQ(code(done, done, stranger), "task_not_found");
}

}  // namespace
}  // namespace scanhost
