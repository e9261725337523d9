// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/first_looks.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

/// A scanner that refuses our login at once, or never answers.
class TestedScanner : public LocalScanner {
 public:
  explicit TestedScanner(bool answers) : answers_(answers) {}

  ScannerHealth selfTest(Call& call) override {
    while (!answers_) {
      call.check();
      std::this_thread::sleep_for(1ms);
    }
    throw PluginError(ErrorClass::auth, "the key is refused", ErrorSubject::backend);
  }
  Summary scan(const ScanRequest&, FindingSink&, Call&) override { return {}; }

 private:
  const bool answers_;
};

class SomeScanner : public TestedScanner {
 public:
  explicit SomeScanner(const Settings&) : TestedScanner(true) {}
};

class FirstLooksTest : public testing::Test {
 protected:
  ScannerPtr instance(const std::string& name, LocalScanner& scanner) {
    ScannerSettings settings;
    settings.pool = "lan";
    settings.name = name;
    const auto client = std::make_shared<ScannerClient>(
        "scanner-test", SomeScanner::interfaceTable<SomeScanner>(), &scanner, ScannerKind::local);
    return std::make_shared<ScannerInstance>(settings, client, ScannerDescription{}, events_,
                                             metrics_);
  }
  std::vector<ScannerPtr> scannersOf(std::vector<LocalScanner*> each) {
    std::vector<ScannerPtr> instances;
    for (LocalScanner* scanner : each)
      instances.push_back(instance("s" + std::to_string(instances.size()), *scanner));
    return instances;
  }

  Metrics metrics_;
  EventLog events_;
  TestedScanner refusing_{true}, silent_{false};
};

TEST_F(FirstLooksTest, WhatEachScannerAnswersIsRecorded) {
  const auto scanners = scannersOf({&refusing_, &refusing_});
  FirstLooks looks(scanners);
  EXPECT_TRUE(looks.wait(30s));
  for (const ScannerPtr& scanner : scanners)
    EXPECT_EQ(scanner->condition().state, ScannerState::suspended);
}

TEST_F(FirstLooksTest, ASilentScannerHoldsUpNeitherTheOthersNorTheEnd) {
  const auto scanners = scannersOf({&silent_, &refusing_});
  const auto began = std::chrono::steady_clock::now();
  {
    FirstLooks looks(scanners);
    EXPECT_FALSE(looks.wait(200ms));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 15s) << "its probe deadline is 30 s";
  EXPECT_EQ(scanners[0]->condition().failures, 0) << "a look that was cancelled says nothing";
}

}  // namespace
}  // namespace scanhost
