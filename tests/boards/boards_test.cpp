// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Grafana imports and what an operator relies on: every panel says what it shows and in which
/// unit, every query follows the variables, every alert has a runbook and tests of both kinds.
#include "tests/boards/boards.h"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>

namespace scanhost::boards {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

/// `file: title`, for messages.
std::string placeOf(const Dashboard& dashboard, const Json& panel) {
  return dashboard.file + ": " + panel["title"].asString();
}

bool hasVariable(const Json& dashboard, const std::string& name, const std::string& type) {
  for (const Json& variable : dashboard["templating"]["list"].items())
    if (variable["name"].asString() == name)
      return variable["type"].asString() == type && !variable["label"].asString().empty();
  return false;
}

bool overlap(const Json& a, const Json& b) {
  const auto within = [&](const char* at, const char* size) {
    return a[at].asInteger() < b[at].asInteger() + b[size].asInteger() &&
           b[at].asInteger() < a[at].asInteger() + a[size].asInteger();
  };
  return within("x", "w") && within("y", "h");
}

TEST(Dashboards, AreFiveWithNamesOfTheirOwn) {
  std::set<std::string> uids, titles;
  for (const Dashboard& dashboard : dashboards()) {
    uids.insert(dashboard.json["uid"].asString());
    titles.insert(dashboard.json["title"].asString());
    EXPECT_GE(dashboard.json["schemaVersion"].asInteger(), 38) << dashboard.file;
    EXPECT_TRUE(dashboard.json["id"].isNull()) << dashboard.file << ": an import gives it";
    EXPECT_FALSE(dashboard.json["editable"].asBool(true)) << dashboard.file;
  }
  EXPECT_THAT(dashboards(), SizeIs(5));
  EXPECT_THAT(uids, SizeIs(5));
  EXPECT_THAT(titles, SizeIs(5));
}

TEST(Dashboards, LetTheReaderChooseDataSourceJobAndInstance) {
  for (const Dashboard& dashboard : dashboards()) {
    EXPECT_TRUE(hasVariable(dashboard.json, "datasource", "datasource")) << dashboard.file;
    EXPECT_TRUE(hasVariable(dashboard.json, "job", "query")) << dashboard.file;
    EXPECT_TRUE(hasVariable(dashboard.json, "instance", "query")) << dashboard.file;
  }
}

TEST(Dashboards, EveryPanelHasATitleADescriptionAUnitAndAQuery) {
  for (const Dashboard& dashboard : dashboards())
    for (const Json& panel : dashboard.panels()) {
      const std::string place = placeOf(dashboard, panel);
      EXPECT_THAT(panel["title"].asString(), Not(IsEmpty())) << place;
      EXPECT_THAT(panel["description"].asString(), Not(IsEmpty())) << place;
      EXPECT_THAT(panel["fieldConfig"]["defaults"]["unit"].asString(), Not(IsEmpty())) << place;
      EXPECT_THAT(panel["targets"].items(), Not(IsEmpty())) << place;
      EXPECT_EQ(panel["datasource"]["uid"].asString(), "${datasource}") << place;
      for (const Json& target : panel["targets"].items())
        EXPECT_EQ(target["datasource"]["uid"].asString(), "${datasource}") << place;
    }
}

TEST(Dashboards, PanelsHaveIdsAndPlacesOfTheirOwn) {
  for (const Dashboard& dashboard : dashboards()) {
    const auto& panels = dashboard.json["panels"].items();
    std::set<std::int64_t> ids;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      EXPECT_TRUE(ids.insert(panels[i]["id"].asInteger()).second) << placeOf(dashboard, panels[i]);
      for (std::size_t j = 0; j < i; ++j)
        EXPECT_FALSE(overlap(panels[i]["gridPos"], panels[j]["gridPos"]))
            << placeOf(dashboard, panels[i]) << " lies over " << panels[j]["title"].asString();
    }
  }
}

/// What a recording rule makes has no instance any more.
TEST(Dashboards, EveryQueryFollowsTheVariables) {
  for (const Dashboard& dashboard : dashboards())
    for (const Json& panel : dashboard.panels())
      for (const Json& target : panel["targets"].items())
        for (const std::string& selector : selectorsIn(target["expr"].asString())) {
          const std::string place = placeOf(dashboard, panel) + ": " + selector;
          EXPECT_THAT(selector, HasSubstr("job=~\"$job\"")) << place;
          const bool is_recorded = nameOf(selector).find(':') != std::string::npos;
          EXPECT_TRUE(is_recorded || selector.find("instance=~\"$instance\"") != selector.npos)
              << place;
        }
}

TEST(Dashboards, RatesAreOverTheIntervalThatGrafanaChooses) {
  static const std::regex window(R"(\b(rate|irate|increase)\([^{]*\{[^}]*\}\[([^\]]+)\])");
  for (const Dashboard& dashboard : dashboards())
    for (const Json& panel : dashboard.panels())
      for (const Json& target : panel["targets"].items()) {
        const std::string expr = target["expr"].asString();
        for (std::sregex_iterator it(expr.begin(), expr.end(), window), end; it != end; ++it)
          // "in 24 hours" is a number of its own and follows no zoom.
          EXPECT_THAT((*it)[2].str(), AnyOf("$__rate_interval", "24h"))
              << placeOf(dashboard, panel);
      }
}

TEST(Dashboards, CountersAreNeverShownAsTheyStand) {
  static const std::regex bare(R"((^|[^a-z])(sum|max|min)?[^\[]*_total\{[^}]*\}[^\[])");
  for (const Dashboard& dashboard : dashboards())
    for (const Json& panel : dashboard.panels())
      for (const Json& target : panel["targets"].items())
        EXPECT_FALSE(std::regex_search(target["expr"].asString(), bare))
            << placeOf(dashboard, panel) << ": " << target["expr"].asString();
}

TEST(Alerts, SayWhomTheyWakeAndWhatToDo) {
  const std::string runbooks = readFile(sourceFile("docs/how-to/runbooks.md"));
  const std::string prefix = "docs/how-to/runbooks.md#";
  for (const Rule& rule : rules()) {
    if (rule.alert.empty()) continue;
    EXPECT_THAT(rule.alert, StartsWith("Scanhost"));
    EXPECT_THAT(rule.severity, AnyOf("page", "ticket")) << rule.name();
    EXPECT_THAT(rule.summary, Not(IsEmpty())) << rule.name();
    EXPECT_THAT(rule.description, Not(IsEmpty())) << rule.name();
    std::string anchor = rule.alert;
    for (char& c : anchor) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(rule.runbook_url, prefix + anchor) << rule.name();
    EXPECT_THAT(runbooks, HasSubstr("\n## " + rule.alert + "\n")) << rule.name();
  }
}

TEST(Alerts, EachHasATestThatFiresItAndOneThatDoesNot) {
  std::set<std::string> fired, silent;
  for (const AlertCase& one : alertCases()) {
    if (one.severities.empty()) silent.insert(one.alert);
    for (const std::string& severity : one.severities)
      fired.insert(one.alert + " (" + severity + ")");
  }
  for (const Rule& rule : rules()) {
    if (rule.alert.empty()) continue;
    EXPECT_TRUE(fired.count(rule.name())) << rule.name() << " has no test that fires it";
    EXPECT_TRUE(silent.count(rule.alert)) << rule.alert << " has no test in which it is silent";
  }
}

TEST(Alerts, ExistForEverythingThatWasPromised) {
  std::set<std::string> alerts;
  for (const Rule& rule : rules()) alerts.insert(rule.alert);
  for (const char* promised :
       {"ScanhostDown", "ScanhostNotReady", "ScanhostQueueStuck", "ScanhostScannerUnavailable",
        "ScanhostDeadLetters", "ScanhostDiskLow", "ScanhostLedgerUnwritable", "ScanhostLeasesLost",
        "ScanhostPluginQuarantined", "ScanhostDenialBurst", "ScanhostCertificateExpiring",
        "ScanhostSubmissionBurn", "ScanhostFirstPollBurn"})
    EXPECT_TRUE(alerts.count(promised)) << promised;
}

}  // namespace
}  // namespace scanhost::boards
