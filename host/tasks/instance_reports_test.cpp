// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/instance_reports.h"

#include "host/tasks/test_dispatcher.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using Condition = ScannerInstance::Condition;

Condition condition(ScannerState state, std::string reason = "") {
  Condition one;
  one.state = state;
  one.reason = std::move(reason);
  return one;
}

class InstanceReportsTest : public DispatcherTest {
 protected:
  InstanceReportsTest() {
    addScanner("far", ScannerKind::remote);
    config.node.roles = {NodeRole::api};
  }
  void tell(const std::string& worker, const Condition& condition) {
    const std::vector<InstanceState> reports = {
        {"", "far", "one", 10, conditionToText(condition), 60s}};
    ASSERT_TRUE(queue->announce(worker, reports, {}));
  }
  Condition shown() { return InstanceReports(config.node, *queue).conditionOf(instance()); }
  ScannerInstance& instance() {
    work();
    return scanner();
  }
};

TEST(InstanceReport, CarriesAConditionWhole) {
  Condition told = condition(ScannerState::unreachable, "no route to host");
  told.circuit = CircuitState::open;
  told.failures = 7;
  told.retry_at = std::chrono::steady_clock::now() + 30s;

  const auto read = conditionFromText(conditionToText(told));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, ScannerState::unreachable);
  EXPECT_EQ(read->reason, "no route to host");
  EXPECT_EQ(read->circuit, CircuitState::open);
  EXPECT_EQ(read->failures, 7);
  ASSERT_TRUE(read->retry_at);
  EXPECT_LT(std::chrono::abs(*read->retry_at - *told.retry_at), 2s);
}

TEST(InstanceReport, OfANewerOrBrokenNodeIsNone) {
  for (const char* text :
       {"", "{}", "[]", "{\"state\":", R"({"state":"ready"})",
        R"({"state":"of the future","circuit":"closed"})", R"({"state":"ready","circuit":7})"})
    EXPECT_FALSE(conditionFromText(text)) << text;
}

TEST(InstanceReport, ReasonsAndCountsAreBounded) {
  const auto read = conditionFromText(R"({"state":"ready","circuit":"closed","failures":1e18,)"
                                      R"("reason":")" +
                                      std::string(100'000, 'x') + "\"}");
  ASSERT_TRUE(read);
  EXPECT_LE(read->reason.size(), 512u);
  EXPECT_LE(read->failures, 1'000'000);
}

TEST_F(InstanceReportsTest, ANodeThatDoesNotUseAnInstanceShowsWhatItsWorkersSay) {
  tell("w1", condition(ScannerState::suspended, "the keys are refused"));
  EXPECT_EQ(shown().state, ScannerState::suspended);
  EXPECT_EQ(shown().reason, "the keys are refused");
}

TEST_F(InstanceReportsTest, OneWorkerThatCanUseAnInstanceIsEnough) {
  tell("w1", condition(ScannerState::unreachable));
  tell("w2", condition(ScannerState::ready));
  tell("w3", condition(ScannerState::suspended));
  EXPECT_EQ(shown().state, ScannerState::ready);
}

TEST_F(InstanceReportsTest, AReadOnlyInstanceCouldNotLaunch) {
  tell("w1", condition(ScannerState::read_only));
  EXPECT_FALSE(InstanceReports(config.node, *queue).couldLaunch(instance()));
  tell("w1", condition(ScannerState::suspended));
  EXPECT_TRUE(InstanceReports(config.node, *queue).couldLaunch(instance()));
}

TEST_F(InstanceReportsTest, AWorkerShowsWhatItSeesItself) {
  config.node.roles = {NodeRole::worker};
  tell("w1", condition(ScannerState::suspended));
  EXPECT_EQ(shown().state, ScannerState::ready);
}

TEST_F(InstanceReportsTest, WithoutAWordFromOthersItIsWhatThisNodeSawAtItsStart) {
  EXPECT_EQ(shown().state, ScannerState::ready);
}

TEST_F(InstanceReportsTest, AWorkerTellsTheOthersSoonAfterAnInstanceChanged) {
  worker();
  EXPECT_TRUE(eventually([&] {
    return shown().state == ScannerState::ready && !queue->instances({}).value().empty();
  }));
  scanner().recordFailure({ErrorClass::auth, "the keys are refused", ErrorSubject::backend, {}});
  EXPECT_TRUE(eventually([&] { return shown().state == ScannerState::suspended; }));
}

}  // namespace
}  // namespace scanhost
