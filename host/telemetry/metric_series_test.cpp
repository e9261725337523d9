// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a family finds, bounds and removes its series.
#include "host/telemetry/metric_series.h"

#include <gtest/gtest.h>

#include <thread>

namespace scanhost {
namespace {

using Gauges = MetricSeries<GaugeCell>;

/// Its samples' labels and values, as "a=1,b=2 3".
std::vector<std::string> shown(const SeriesFamily& family) {
  std::vector<std::string> lines;
  for (const MetricSample& sample : family.snapshot().metrics) {
    std::string line;
    for (const auto& [name, value] : sample.labels)
      line.append(line.empty() ? "" : ",").append(name).append("=").append(value);
    lines.push_back(line + " " + std::to_string(static_cast<int>(sample.value)));
  }
  return lines;
}

TEST(MetricSeries, FindsASeriesByAllItsLabelValues) {
  Gauges gauges("g", "G", {"b", "a"});
  gauges.at({"x", "1"}).set(1);
  gauges.at({"x", "2"}).set(2);
  gauges.at({"x", "1"}).add(10);
  EXPECT_EQ(shown(gauges), (std::vector<std::string>{"a=1,b=x 11", "a=2,b=x 2"}));
}

TEST(MetricSeries, TellsTextsApartWhateverTheirLengthsAndBytes) {
  Gauges gauges("g", "G", {"a", "b"});
  const std::string zero("a\0", 2);
  std::vector<std::pair<std::string, std::string>> texts{
      {"", ""}, {"a", ""}, {"", "a"}, {zero, ""}, {"ab", "c"}, {"a", "bc"}, {"\x1f", "a\x1f"}};
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      texts.emplace_back(std::string(size, 'x'), "same");
      texts.back().first[at] = 'y';
    }
  for (std::size_t i = 0; i < texts.size(); ++i)
    gauges.at({texts[i].first, texts[i].second}).set(static_cast<double>(i + 1));
  EXPECT_EQ(gauges.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(gauges.at({texts[i].first, texts[i].second}).value(), i + 1);
}

TEST(MetricSeries, CutsValuesThatAreTooLong) {
  Gauges gauges("g", "G", {"a"});
  gauges.at({std::string(1'000, 'x')}).set(1);
  gauges.at({std::string(2'000, 'x')}).add(1);
  EXPECT_EQ(shown(gauges), std::vector<std::string>{"a=" + std::string(128, 'x') + " 2"});
}

TEST(MetricSeries, SaysOtherForWhatIsNotInTheVocabulary) {
  Gauges gauges("g", "G", {{"colour", {"red", "green"}}});
  gauges.at({"red"}).add(1);
  for (const char* unknown : {"blue", "", "redd", "Red"}) gauges.at({unknown}).add(1);
  EXPECT_EQ(shown(gauges), (std::vector<std::string>{"colour=other 4", "colour=red 1"}));
}

TEST(MetricSeries, AFloodOfValuesEndsInOther) {
  Gauges gauges("g", "G", {"a", "b"});
  for (std::size_t i = 0; i < 3 * max_series_per_family; ++i)
    gauges.at({std::to_string(i), "b"}).add(1);
  EXPECT_EQ(gauges.size(), max_series_per_family + 1);
  EXPECT_EQ(gauges.at({"other", "other"}).value(), 2 * max_series_per_family);
}

TEST(MetricSeries, WhatIsRemovedIsGoneAndComesBackAtZero) {
  Gauges gauges("g", "G", {"a"});
  gauges.at({"1"}).set(1);
  gauges.at({"2"}).set(2);
  gauges.removeIf([](const std::vector<std::string>& values) { return values[0] == "1"; });
  EXPECT_EQ(shown(gauges), std::vector<std::string>{"a=2 2"});
  EXPECT_FALSE(gauges.contains({"1"}));
  gauges.declare({"1"});
  EXPECT_EQ(shown(gauges), (std::vector<std::string>{"a=1 0", "a=2 2"}));
}

TEST(MetricSeries, WhatIsRemovedMovesOnUnseen) {
  MetricSeries<CounterCell> counters("c", "C", {"a"});
  counters.at({"1"}).add(1);
  counters.removeIf([](const auto&) { return true; });
  counters.at({"1"}).add(2);
  EXPECT_EQ(shown(counters), std::vector<std::string>{});
  counters.declare({"1"});
  EXPECT_EQ(shown(counters), std::vector<std::string>{"a=1 3"});
}

TEST(MetricSeries, WhatIsRemovedDoesNotCountAgainstTheBound) {
  Gauges gauges("g", "G", {"a"});
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < max_series_per_family; ++i)
      gauges.declare({std::to_string(round) + "-" + std::to_string(i)});
    EXPECT_EQ(gauges.size(), max_series_per_family);
    gauges.removeIf([](const auto&) { return true; });
  }
}

TEST(MetricSeries, ThreadsFindTheSameSeriesWhileTheTableGrows) {
  MetricSeries<CounterCell> counters("c", "C", {"a"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) counters.at({std::to_string(i)}).add(1);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counters.size(), 1'000u);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(counters.at({std::to_string(i)}).value(), 4);
}

}  // namespace
}  // namespace scanhost
