// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/program/suite_cases.h"

#include <filesystem>
#include <map>
#include <utility>

#include "host/base/random.h"
#include "tests/conformance/subject.h"
#include "tests/suites/queue_suite.h"
#include "tests/suites/results_suite.h"
#include "tests/support/folder.h"

namespace scanhost::conformance {
namespace {

/// The plugin that the suites are made for. Set before any case is made.
struct Stored {
  std::string file;
  Manifest manifest;
  Json settings;
};
Stored& stored() {
  static Stored one;
  return one;
}

bool provides(std::string_view interface_id) {
  return stored().manifest.findProvided(interface_id) != nullptr;
}

/// A store for one case: its settings have a folder and a word of their own.
template <class Backend, const char* InterfaceId>
class StoreBackend : public Backend {
 public:
  std::unique_ptr<suites::LoadedPlugin> open() override {
    SubjectOptions options;
    options.file = stored().file;
    options.settings = stored().settings;
    Inspection inspection;
    inspection.manifest = stored().manifest;
    const std::string folder = folder_.path().string();
    return std::make_unique<suites::LoadedPlugin>(
        stored().file, InterfaceId,
        Subject(std::move(options), inspection).settings(folder, unique_).dump(), folder);
  }

 private:
  testing_support::Folder folder_;
  const std::string unique_ = toHex(randomBytes<8>());
};

constexpr char queue_id[] = SCANHOST_QUEUE_ID;
constexpr char results_id[] = SCANHOST_RESULTS_ID;

std::vector<suites::QueueCase> queueStores() {
  if (!provides(queue_id)) return {};
  return {
      {"check", [] { return std::make_unique<StoreBackend<suites::QueueBackend, queue_id>>(); }}};
}
std::vector<suites::ResultsCase> resultStores() {
  if (!provides(results_id)) return {};
  return {{"check",
           [] { return std::make_unique<StoreBackend<suites::ResultsBackend, results_id>>(); }}};
}

}  // namespace
}  // namespace scanhost::conformance

namespace scanhost::suites {
namespace {
INSTANTIATE_TEST_SUITE_P(Queues, QueueSuite, testing::ValuesIn(conformance::queueStores()),
                         caseName);
INSTANTIATE_TEST_SUITE_P(Results, ResultsSuite, testing::ValuesIn(conformance::resultStores()),
                         resultsCaseName);
}  // namespace
}  // namespace scanhost::suites

namespace scanhost::conformance {
namespace {

/// The cases that prove an obligation, as docs/reference/abi.md has it.
std::vector<std::string> obligationsOf(const std::string& name) {
  static const std::map<std::string, std::vector<std::string>> known = {
      {"AHundredSubmissionsAtOnceUnderOneKeyMakeOneTask", {"SH-P-77"}},
      {"EachTaskIsGrantedOnceHoweverManyAsk", {"SH-P-77"}},
      {"NoInstanceExceedsItsLimitWhenManyWorkersAskAtOnce", {"SH-P-77"}},
      {"AWorkerThatLostItsLeaseChangesNothing", {"SH-P-78"}},
      {"TheRightEpochWithAnotherTokenHoldsNothing", {"SH-P-78"}},
      {"AnExpiredLeaseIsTakenOver", {"SH-P-79"}},
      {"AnExpiredLeaseMayBeRenewedWhileNobodyTookIt", {"SH-P-79"}},
      {"AcceptedTasksAndTheirKeysAreThereAfterARestart", {"SH-P-80"}},
      {"AnIntentIsNumberedAndForgetsTheScanBefore", {"SH-P-81"}},
      {"AnEmptyQueueLeasesNothing", {"SH-P-82"}},
      {"AWaitForChangesEndsWhenItIsCancelled", {"SH-P-14", "SH-P-82"}},
      {"WhoIsTooFarBehindIsToldOfAGap", {"SH-P-83"}},
      {"AnAcceptedTaskIsToldAsItWasGiven", {"SH-P-84"}},
      {"AWaitingTaskThatIsTimedOutEnds", {"SH-P-91"}},
      {"ATaskThatMovedOnIsNotTimedOut", {"SH-P-91"}},
      {"ATaskWhoseLeaseEndedIsTimedOutAndItsHolderRefused", {"SH-P-91"}},
      {"ASealedGenerationTakesNoMore", {"SH-P-85"}},
      {"GenerationsOfOneTaskAreKeptApart", {"SH-P-85"}},
      {"SealedFindingsAreThereAfterARestart", {"SH-P-86"}},
      {"AnOpenCursorKeepsNobodyFromWriting", {"SH-P-87"}},
      {"ASweepTakesOldGenerationsThatNobodyNames", {"SH-P-88"}}};
  const auto found = known.find(name);
  return found == known.end() ? std::vector<std::string>() : found->second;
}

/// "An expired lease is taken over." from "AnExpiredLeaseIsTakenOver".
std::string sentence(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !text.empty()) text += ' ';
    text += capital && !text.empty() ? static_cast<char>(c | 32) : c;
  }
  return text + ".";
}

/// Keeps what failed.
class Failures : public testing::EmptyTestEventListener {
 public:
  explicit Failures(std::string& text) : text_(text) {}
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed()) return;
    if (!text_.empty()) text_ += "\n";
    text_ += part.summary();
  }

 private:
  std::string& text_;
};

void runTest(const std::string& full_name) {
  std::string failures;
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  listeners.Append(new Failures(failures));
  GTEST_FLAG_SET(filter, full_name);
  if (RUN_ALL_TESTS() != 0 || !failures.empty())
    throw Breach(failures, "what the case's name says",
                 "docs/reference/abi.md 5.3 and 5.4, and the suite in tests/suites, say more");
}

}  // namespace

std::vector<Case> suiteCases(const std::string& file, const Manifest& manifest,
                             const Json& settings) {
  stored() = {std::filesystem::absolute(file).string(), manifest, settings};
  int count = 1;
  char name[] = "scanhost-plugin-checks";
  char* arguments[] = {name, nullptr};
  testing::InitGoogleTest(&count, arguments);
  const auto& tests = *testing::UnitTest::GetInstance();
  std::vector<Case> cases;
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *tests.GetTestSuite(i);
    const std::string whole = suite.name();
    const std::string suite_name = whole.substr(whole.find('/') + 1);
    for (int k = 0; k < suite.total_test_count(); ++k) {
      const std::string test = suite.GetTestInfo(k)->name();
      const std::string test_name = test.substr(0, test.find('/'));
      const std::string full_name = whole + "." + test;
      cases.push_back({suite_name + "." + test_name,
                       sentence(test_name),
                       obligationsOf(test_name),
                       [full_name](Subject&) { runTest(full_name); },
                       {suite_name == "QueueSuite" ? queue_id : results_id}});
    }
  }
  return cases;
}

}  // namespace scanhost::conformance
