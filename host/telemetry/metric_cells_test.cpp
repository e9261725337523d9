// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// No move is lost, whoever makes it.
#include "host/telemetry/metric_cells.h"

#include <gtest/gtest.h>

#include <thread>

namespace scanhost {
namespace {

/// Does it on four threads at once, of which one came first.
template <class Work>
void onFourThreads(Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
}

TEST(CounterCell, CountsWhatEveryThreadAdds) {
  CounterCell counter;
  onFourThreads([&] {
    for (int i = 0; i < 10'000; ++i) counter.add(1);
  });
  EXPECT_EQ(counter.value(), 40'000);
}

TEST(CounterCell, AddsPartsAndLargeAmountsOfAnyThread) {
  CounterCell counter;
  counter.add(0.25);
  std::thread([&] {
    counter.add(2.5);
    counter.add(1e15);
    counter.add(1e300);
  }).join();
  EXPECT_EQ(counter.value(), 2.75 + 1e15 + 1e300);
}

TEST(CounterCell, OutlivesTheThreadThatCameFirst) {
  CounterCell counter;
  std::thread([&] { counter.add(1); }).join();
  counter.add(1);
  std::thread([&] { counter.add(1); }).join();
  EXPECT_EQ(counter.value(), 3);
}

TEST(GaugeCell, TakesTheLastValueAndAmountsFromEveryThread) {
  GaugeCell gauge;
  gauge.set(100);
  onFourThreads([&] {
    for (int i = 0; i < 10'000; ++i) gauge.add(-0.5);
  });
  EXPECT_EQ(gauge.value(), 100 - 20'000);
}

TEST(HistogramCell, CountsInTheFirstBucketWhoseBoundIsNotBelow) {
  const std::vector<double> bounds{1, 2};
  HistogramCell histogram(bounds);
  for (const double value : {0.5, 1.0, 1.5, 2.0, 2.5}) histogram.observe(value);
  ASSERT_EQ(histogram.bucketCount(), 3u);
  EXPECT_EQ(histogram.countIn(0), 2u);
  EXPECT_EQ(histogram.countIn(1), 2u);
  EXPECT_EQ(histogram.countIn(2), 1u);
  EXPECT_EQ(histogram.sum(), 7.5);
}

TEST(HistogramCell, CountsWhatEveryThreadObserves) {
  const std::vector<double> bounds{1};
  HistogramCell histogram(bounds);
  onFourThreads([&] {
    for (int i = 0; i < 10'000; ++i) histogram.observe(i % 2 ? 0.5 : 1.5);
  });
  EXPECT_EQ(histogram.countIn(0), 20'000u);
  EXPECT_EQ(histogram.countIn(1), 20'000u);
  EXPECT_EQ(histogram.sum(), 40'000);
}

}  // namespace
}  // namespace scanhost
