// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Each protection is taken away once, and the checker must see what it protects from: a check that
/// never failed proves nothing.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/faults/round.h"
#include "tests/support/folder.h"

namespace scanhost::faults {
namespace {

using testing::IsEmpty;
using testing::Not;

/// The plugins of the build, one of them replaced by its unfenced twin.
class PluginFolder {
 public:
  explicit PluginFolder(const std::string& unfenced) {
    const std::filesystem::path build(SCANHOST_BINARY_DIR);
    for (const char* name :
         {"queue-redis", "results-sqlite", "scanner-nessus", "transport-mcp", "exporter-jsonlog"}) {
      const std::string file = std::string(name) + ".so";
      const auto from = name == unfenced ? build / "tests/faults/unfenced" / name / file
                                         : build / "plugins" / file;
      std::filesystem::copy_file(from, folder_.path() / file);
    }
  }
  std::string path() const { return folder_.path().string(); }

 private:
  testing_support::Folder folder_;
};

/// A short round in which nodes die at that point alone.
RoundPlan dyingAt(const std::string& point) {
  return {.kind = Kind::point, .faults = 2, .nodes = 2, .tasks = 10, .points = {point}};
}

Verdict verdictOf(const RoundPlan& plan) {
  return runRound(plan).verdict;
}

TEST(Controls, WithoutTheFenceOfLeasesStaleWritesAreSeen) {
  const PluginFolder plugins("queue-redis");
  const Verdict verdict = verdictOf({.kind = Kind::stop,
                                     .faults = 4,
                                     .nodes = 2,
                                     .tasks = 20,
                                     .scan_seconds = 4,
                                     .plugin_dir = plugins.path()});
  EXPECT_THAT(verdict.stale, Not(IsEmpty())) << verdict.text();
}

TEST(Controls, WithoutTheIntentASecondRemoteScanIsSeen) {
  RoundPlan plan = dyingAt("after_prepare");
  plan.without = "intent";
  const Verdict verdict = verdictOf(plan);
  EXPECT_THAT(verdict.duplicated, Not(IsEmpty())) << verdict.text();
}

TEST(Controls, WithoutTheSearchForTheMarkerAnOrphanIsSeen) {
  RoundPlan plan = dyingAt("after_prepare");
  plan.without = "find";
  const Verdict verdict = verdictOf(plan);
  EXPECT_THAT(verdict.orphaned, Not(IsEmpty())) << verdict.text();
}

TEST(Controls, WithoutIdempotencyASecondTaskIsSeen) {
  RoundPlan plan = dyingAt("after_submit");
  plan.without = "idempotency";
  const Verdict verdict = verdictOf(plan);
  EXPECT_THAT(verdict.duplicated, Not(IsEmpty())) << verdict.text();
}

TEST(Controls, WithoutTheFenceOfFindingsAMixedReportIsSeen) {
  const PluginFolder plugins("results-sqlite");
  RoundPlan plan = dyingAt("during_collect");
  plan.nodes = 1;  // the store is local, so that only the node itself can mix
  plan.plugin_dir = plugins.path();
  const Verdict verdict = verdictOf(plan);
  EXPECT_THAT(verdict.mixed, Not(IsEmpty())) << verdict.text();
}

TEST(Controls, WithoutTheAcceptJournalAFailoverLosesTasks) {
  const Verdict verdict = verdictOf({.kind = Kind::failover_async,
                                     .faults = 2,
                                     .nodes = 2,
                                     .tasks = 25,
                                     .seed = 14,
                                     .failover_way = "failover behind",
                                     .without = "journal"});
  EXPECT_THAT(verdict.lost, Not(IsEmpty())) << verdict.text();
}

/// Redis is away for as long as a lease, and so are all nodes' renewals. Some node may come back so
/// late that the grace is over, so that only fewer takeovers are sure; and the nodes may come back
/// by chance at one moment, so that without the grace there may be none in a round.
TEST(Controls, WithoutTheGraceAfterAnOutageLeasesAreTakenFromHealthyNodes) {
  RoundPlan plan = {.kind = Kind::redis_restart,
                    .faults = 3,
                    .nodes = 2,
                    .tasks = 20,
                    .scan_seconds = 4,
                    .redis_outage = std::chrono::milliseconds(2'100)};
  const Verdict with_grace = verdictOf(plan);
  plan.without = "grace";
  Verdict without = verdictOf(plan);
  for (int more = 2; more > 0 && without.usurped.size() <= with_grace.usurped.size(); --more)
    without = verdictOf(plan);
  EXPECT_GT(without.usurped.size(), with_grace.usurped.size()) << without.text();
}

}  // namespace
}  // namespace scanhost::faults
