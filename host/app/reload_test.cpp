// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/reload.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/folder.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string base = R"(
node: {name: one, data_dir: data}
exporters: [{plugin: exporter-jsonlog, config: {output: stdout}}]
scanners:
  - {name: a, pool: lan, plugin: scanner-nmap, config: {ports: "1"}}
  - {name: b, pool: lan, plugin: scanner-nmap}
policy: {targets: {allow: ["10.0.0.0/8"]}}
)";

class ReloadPlanTest : public testing::Test {
 protected:
  Config read(const std::string& text) {
    const auto outcome = loadConfig(folder_.write("scanhost.yaml", text), {});
    EXPECT_TRUE(outcome.config) << text;
    return *outcome.config;
  }
  static std::string with(const std::string& from, const std::string& to) {
    std::string text = base;
    return text.replace(text.find(from), from.size(), to);
  }
  ReloadPlan planTo(const std::string& text) { return planReload(read(base), read(text)); }
  ScannerChange changeOfFirst(const std::string& from, const std::string& to) {
    return changeOf(read(base).scanners.at(0), read(with(from, to)).scanners.at(0));
  }

 private:
  testing_support::Folder folder_;
};

TEST_F(ReloadPlanTest, OfTheSameTextNothingIsToBeMade) {
  const ReloadPlan plan = planTo(base);
  EXPECT_THAT(plan.changes.changed, IsEmpty());
  EXPECT_FALSE(plan.scanners || plan.exporters || plan.queue);
}

TEST_F(ReloadPlanTest, EachPartIsMadeAnewForItsOwnKeys) {
  EXPECT_TRUE(planTo(with("ports: \"1\"", "ports: \"2\"")).scanners);
  EXPECT_TRUE(planTo(with("stdout", "file, file: {path: x}")).exporters);
  EXPECT_TRUE(planTo(base + "queue: {config: {path: other.db}}\n").queue);
  const ReloadPlan policy = planTo(with("10.0.0.0/8", "10.0.0.0/9"));
  EXPECT_THAT(policy.changes.changed, ElementsAre("policy.targets.allow"));
  EXPECT_FALSE(policy.scanners || policy.exporters || policy.queue);
}

TEST_F(ReloadPlanTest, KeysOfTheNodeNeedARestart) {
  EXPECT_THAT(planTo(with("name: one", "name: two")).changes.restart_required,
              ElementsAre("node.name"));
}

TEST_F(ReloadPlanTest, AnEntryThatMovesIsNoOther) {
  const std::string a = "  - {name: a, pool: lan, plugin: scanner-nmap, config: {ports: \"1\"}}\n";
  std::string moved = with(a, "");
  moved.insert(moved.find("policy:"), a);
  EXPECT_THAT(planTo(moved).changes.changed, IsEmpty());
}

TEST_F(ReloadPlanTest, OnlyWhatThePluginSeesNeedsAnotherInstance) {
  EXPECT_EQ(changeOfFirst("name: a", "name: a"), ScannerChange::none);
  EXPECT_EQ(changeOfFirst("name: a", "name: a, title: A"), ScannerChange::of_host);
  EXPECT_EQ(changeOfFirst("name: a", "name: a, max_concurrent_scans: 9"), ScannerChange::of_host);
  EXPECT_EQ(changeOfFirst("ports: \"1\"", "ports: \"2\""), ScannerChange::of_plugin);
  EXPECT_EQ(changeOfFirst("plugin: scanner-nmap, config", "plugin: scanner-other, config"),
            ScannerChange::of_plugin);
  EXPECT_EQ(changeOfFirst("name: a", "name: a, enabled: false"), ScannerChange::of_plugin);
}

}  // namespace
}  // namespace scanhost
