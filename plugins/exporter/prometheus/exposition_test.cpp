// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/prometheus/exposition.h"

#include <gtest/gtest.h>
#include <scanhost/text.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <vector>

namespace scanhost {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// One counter, one gauge and one histogram, as the host would lend them.
struct SampleSnapshot {
  std::array<scanhost_pair, 1> labels = {{{toText("pool"), toText("a\"b\\c\nd")}}};
  std::array<scanhost_metric_bucket, 3> buckets = {{{0.5, 1}, {1, 3}, {infinity, 4}}};
  scanhost_metric counter{
      sizeof(scanhost_metric), 0, {labels.data(), 1}, 3, 0, 0, nullptr, 0, nullptr, 0};
  scanhost_metric gauge{
      sizeof(scanhost_metric), 0, {nullptr, 0}, -0.25, 0, 0, nullptr, 0, nullptr, 0};
  scanhost_exemplar exemplar{0.75, 1'764'600'000'500'000, {0x0a, 0xf7}, {}};
  scanhost_metric histogram{sizeof(scanhost_metric),
                            0,
                            {labels.data(), 1},
                            0,
                            4,
                            2.5,
                            buckets.data(),
                            buckets.size(),
                            &exemplar,
                            1};
  std::array<const scanhost_metric*, 3> metrics = {&counter, &gauge, &histogram};
  std::array<scanhost_metric_family, 3> families = {
      {{sizeof(scanhost_metric_family), SCANHOST_METRIC_COUNTER, toText("scanhost_things_total"),
        toText("Things \"seen\"\nso far."), &metrics[0], 1},
       {sizeof(scanhost_metric_family), SCANHOST_METRIC_GAUGE, toText("scanhost_level"),
        toText("A level."), &metrics[1], 1},
       {sizeof(scanhost_metric_family), SCANHOST_METRIC_HISTOGRAM, toText("scanhost_wait_seconds"),
        toText("Waiting."), &metrics[2], 1}}};
  std::array<const scanhost_metric_family*, 3> pointers = {&families[0], &families[1],
                                                           &families[2]};
  scanhost_metric_snapshot abi{sizeof(scanhost_metric_snapshot), 0, pointers.data(), 3};
};

TEST(Exposition, WritesPrometheusText) {
  const SampleSnapshot snapshot;
  EXPECT_EQ(renderExposition(snapshot.abi, ExpositionFormat::text),
            "# HELP scanhost_things_total Things \"seen\"\\nso far.\n"
            "# TYPE scanhost_things_total counter\n"
            "scanhost_things_total{pool=\"a\\\"b\\\\c\\nd\"} 3\n"
            "# HELP scanhost_level A level.\n"
            "# TYPE scanhost_level gauge\n"
            "scanhost_level -0.25\n"
            "# HELP scanhost_wait_seconds Waiting.\n"
            "# TYPE scanhost_wait_seconds histogram\n"
            "scanhost_wait_seconds_bucket{pool=\"a\\\"b\\\\c\\nd\",le=\"0.5\"} 1\n"
            "scanhost_wait_seconds_bucket{pool=\"a\\\"b\\\\c\\nd\",le=\"1\"} 3\n"
            "scanhost_wait_seconds_bucket{pool=\"a\\\"b\\\\c\\nd\",le=\"+Inf\"} 4\n"
            "scanhost_wait_seconds_sum{pool=\"a\\\"b\\\\c\\nd\"} 2.5\n"
            "scanhost_wait_seconds_count{pool=\"a\\\"b\\\\c\\nd\"} 4\n");
}

TEST(Exposition, WritesOpenMetrics) {
  const SampleSnapshot snapshot;
  const std::string document = renderExposition(snapshot.abi, ExpositionFormat::open_metrics);
  EXPECT_NE(document.find("# HELP scanhost_things Things \\\"seen\\\"\\nso far.\n"
                          "# TYPE scanhost_things counter\n"
                          "scanhost_things_total{"),
            std::string::npos);
  EXPECT_NE(document.find("le=\"0.5\"} 1\n"), std::string::npos);
  EXPECT_NE(document.find("le=\"+Inf\"} 4\n"), std::string::npos);
  EXPECT_EQ(document.substr(document.size() - 6), "# EOF\n");
}

TEST(Exposition, OpenMetricsShowsTheTraceOfAValueAtItsBucket) {
  const SampleSnapshot snapshot;
  EXPECT_NE(renderExposition(snapshot.abi, ExpositionFormat::open_metrics)
                .find("le=\"1.0\"} 3 # {trace_id=\"0af70000000000000000000000000000\"} 0.75 "
                      "1764600000.5\n"),
            std::string::npos);
}

TEST(Exposition, KeepsTheNameOfACounterThatOpenMetricsCannotName) {
  SampleSnapshot snapshot;
  snapshot.families[0].name = toText("scanhost_things");
  const std::string document = renderExposition(snapshot.abi, ExpositionFormat::open_metrics);
  EXPECT_NE(document.find("# TYPE scanhost_things unknown\nscanhost_things{"), std::string::npos);
}

TEST(Exposition, WritesNumbersThatReadBackEqual) {
  SampleSnapshot snapshot;
  const auto written = [&](double value) {
    snapshot.gauge.value = value;
    const std::string document = renderExposition(snapshot.abi, ExpositionFormat::text);
    const std::size_t at = document.find("\nscanhost_level ") + 16;
    return document.substr(at, document.find('\n', at) - at);
  };
  EXPECT_EQ(written(NAN), "NaN");
  EXPECT_EQ(written(infinity), "+Inf");
  EXPECT_EQ(written(-infinity), "-Inf");
  EXPECT_EQ(std::stod(written(0.1)), 0.1);
  EXPECT_EQ(std::stod(written(1.7976931348623157e308)), 1.7976931348623157e308);
}

TEST(Exposition, WritesAnEmptySnapshot) {
  const scanhost_metric_snapshot none{sizeof(scanhost_metric_snapshot), 0, nullptr, 0};
  EXPECT_EQ(renderExposition(none, ExpositionFormat::text), "");
  EXPECT_EQ(renderExposition(none, ExpositionFormat::open_metrics), "# EOF\n");
}

TEST(Exposition, PassesPromtool) {
  if (!std::filesystem::exists("/usr/bin/promtool")) GTEST_SKIP() << "promtool is not installed";
  const SampleSnapshot snapshot;
  std::FILE* promtool = popen("/usr/bin/promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  std::fputs(renderExposition(snapshot.abi, ExpositionFormat::text).c_str(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

}  // namespace
}  // namespace scanhost
