// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What makes a node unhealthy, not ready, not alive; and what a probe costs.
#include "host/telemetry/health.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <stdexcept>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

Health::Options uncached() {
  return {0ms, 300ms};
}

TEST(Health, AllWellIsHealthy) {
  Health health(uncached());
  health.set("queue", Essential::yes, HealthState::ok);
  const HealthReport report = health.checkAllDependencies();
  EXPECT_EQ(report.responseCode(), 200);
  EXPECT_EQ(
      health.body(report).dump(),
      R"({"status":"healthy","overall_status":"healthy","response_code":200,"filesystem_healthy":true,)"
      R"("components":[{"name":"queue","state":"ok"}]})");
}

TEST(Health, MirrorAppearsOnlyWhenTold) {
  Health health(uncached());
  health.set("queue", Essential::yes, HealthState::failed, "redis://10.0.0.1 refused");
  health.mirror("queue_server_healthy", "queue");
  const Json body = health.body(health.checkAllDependencies());
  EXPECT_EQ(body["queue_server_healthy"], Json(false));
  EXPECT_EQ(body.dump().find("10.0.0.1"), std::string::npos) << "reasons do not reach the body";
}

TEST(Health, EssentialFailureIs503AndAnythingElseOnlyDegrades) {
  Health health(uncached());
  health.set("scanner nmap:local", Essential::no, HealthState::failed);
  EXPECT_EQ(health.checkAllDependencies().overall, HealthState::degraded);
  EXPECT_EQ(health.checkAllDependencies().responseCode(), 200);
  health.set("queue", Essential::yes, HealthState::degraded);
  EXPECT_EQ(health.checkAllDependencies().responseCode(), 200);
  health.set("queue", Essential::yes, HealthState::failed);
  EXPECT_EQ(health.checkAllDependencies().responseCode(), 503);
}

TEST(Health, ManyProbesAskACheckerOnce) {
  Health health({10s, 1s});
  std::atomic<int> asked{0};
  health.addChecker("queue", Essential::yes, [&]() -> ComponentHealth {
    ++asked;
    return {};
  });
  for (int i = 0; i < 100; ++i) health.checkAllDependencies();
  EXPECT_EQ(asked, 1);
}

TEST(Health, ACheckerThatHangsIsAFailureAndNoHang) {
  std::promise<void> release;
  auto released = release.get_future().share();
  Health health(uncached());
  health.addChecker("queue", Essential::yes, [released]() -> ComponentHealth {
    released.wait();
    return {};
  });
  const auto start = std::chrono::steady_clock::now();
  const HealthReport report = health.checkAllDependencies();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(report.responseCode(), 503);
  release.set_value();
  for (int i = 0; i < 50 && health.checkAllDependencies().responseCode() != 200; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(health.checkAllDependencies().responseCode(), 200);
}

TEST(Health, ACheckerThatThrowsIsAFailure) {
  Health health(uncached());
  health.addChecker("results", Essential::yes,
                    []() -> ComponentHealth { throw std::runtime_error("gone"); });
  const HealthReport report = health.checkAllDependencies();
  ASSERT_TRUE(report.find("results"));
  EXPECT_EQ(report.find("results")->reason, "gone");
}

TEST(Health, ReportSaysWhenItChanged) {
  Health health(uncached());
  health.set("queue", Essential::yes, HealthState::ok);
  EXPECT_TRUE(health.checkAllDependencies().changed);
  EXPECT_FALSE(health.checkAllDependencies().changed);
  health.set("queue", Essential::yes, HealthState::failed);
  EXPECT_TRUE(health.checkAllDependencies().changed);
}

TEST(Health, ReadinessNamesItsReasons) {
  Health health(uncached());
  EXPECT_EQ(health.notReadyReasons(), std::vector<std::string>{"starting"});
  health.setPhase(Health::Phase::running);
  EXPECT_TRUE(health.notReadyReasons().empty());
  health.set("queue", Essential::yes, HealthState::failed);
  health.setPhase(Health::Phase::draining);
  EXPECT_EQ(health.notReadyReasons(), (std::vector<std::string>{"draining", "unhealthy: queue"}));
  EXPECT_EQ(Health::readyBody({"draining"}).dump(), R"({"ready":false,"reasons":["draining"]})");
}

TEST(Health, AStalledLoopIsNamedUntilItBeatsAgain) {
  Health health;
  const auto beat = health.watchLoop("dispatcher", 50ms);
  EXPECT_TRUE(health.stalledLoops().empty());
  std::this_thread::sleep_for(80ms);
  EXPECT_EQ(health.stalledLoops(), std::vector<std::string>{"dispatcher"});
  beat->beat();
  EXPECT_TRUE(health.stalledLoops().empty());
}

TEST(Health, ALoopThatEndedIsNotWatched) {
  Health health;
  health.watchLoop("short", 0ms).reset();
  EXPECT_TRUE(health.stalledLoops().empty());
}

TEST(Health, FilesystemIsReallyWrittenAndLeftClean) {
  const auto directory = std::filesystem::temp_directory_path() / "scanhost_health_test";
  std::filesystem::create_directory(directory);
  EXPECT_TRUE(Health::checkFilesystem(directory.string()));
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  std::filesystem::remove(directory);
  const Status gone = Health::checkFilesystem(directory.string());
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find(directory.string()), std::string::npos);
}

TEST(Health, FailedFilesystemShowsInTheBody) {
  Health health(uncached());
  health.watchFilesystem("/nonexistent");
  const HealthReport report = health.checkAllDependencies();
  EXPECT_EQ(report.responseCode(), 503);
  EXPECT_EQ(health.body(report)["filesystem_healthy"], Json(false));
}

}  // namespace
}  // namespace scanhost
