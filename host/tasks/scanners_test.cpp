// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/scanners.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

class HandClock : public TimeSource {
 public:
  std::chrono::steady_clock::time_point steady() const override { return now; }
  std::chrono::steady_clock::time_point now{1h};
};

class ScannerInstanceTest : public testing::Test {
 protected:
  ScannerInstanceTest() {
    metrics_.declarePools({{"lan", "far", {{"one", true, {}}}}});
    settings_.pool = "lan";
    settings_.name = "one";
    settings_.circuit = {1, 5s, 5s};
    instance.emplace(settings_, nullptr, ScannerDescription{}, events_, metrics_, clock);
  }

  static Error trouble(ErrorClass error_class) {
    return {error_class, "as the test says", ErrorSubject::backend, {}};
  }

  HandClock clock;
  std::optional<ScannerInstance> instance;

 private:
  ScannerSettings settings_;
  EventLog events_{{.on_dropped = {}, .fallback_fd = -1}};
  Metrics metrics_;
};

TEST_F(ScannerInstanceTest, OneThatRefusesTheLoginAtItsProbeIsTestedAgainAndComesBack) {
  instance->recordFailure(trouble(ErrorClass::transient));
  ASSERT_EQ(instance->condition().circuit, CircuitState::open);
  clock.now += 6s;
  ASSERT_TRUE(instance->wantsSelfTest(clock.now));
  instance->recordHealth(tl::unexpected<Error>(trouble(ErrorClass::auth)));
  EXPECT_EQ(instance->condition().state, ScannerState::suspended);
  EXPECT_FALSE(instance->takesWork());

  clock.now += 31s;
  ASSERT_TRUE(instance->wantsSelfTest(clock.now));
  instance->recordHealth(ScannerHealth{});

  EXPECT_TRUE(instance->takesWork());
}

}  // namespace
}  // namespace scanhost
