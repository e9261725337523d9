// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/clock_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "host/base/movable_clock_test.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ClockWatchTest : public testing::Test {
 protected:
  /// By how many minutes it was set, of each event.
  std::vector<int> told() {
    std::vector<int> minutes;
    for (const EventPtr& event : subscription_->waitBatch(100, 0ms))
      if (event->event == "wall_clock_set")
        minutes.push_back(static_cast<int>(
            std::lround(Json::parse(event->line())["by_seconds"].asNumber() / 60)));
    return minutes;
  }

  MovableClock clock;

 private:
  const AgeClock ages_{clock};
  EventLog events_{{.on_dropped = {}, .fallback_fd = -1}};
  std::unique_ptr<EventSubscription> subscription_ = events_.subscribe("test");

 protected:
  ClockWatch watch{ages_, events_};
};

TEST_F(ClockWatchTest, TellsOfEachChangeOnce) {
  clock.setAhead(24h);
  watch.look();
  watch.look();
  EXPECT_THAT(told(), ElementsAre(24 * 60));

  clock.setAhead(-1h);
  watch.look();
  watch.look();
  EXPECT_THAT(told(), ElementsAre(-25 * 60));
}

TEST_F(ClockWatchTest, SaysNothingOfWhatATimeServiceDoesAllDay) {
  watch.look();
  for (const auto ahead : {50s, -5s, 0s}) {
    clock.setAhead(ahead);
    watch.look();
  }
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace scanhost
