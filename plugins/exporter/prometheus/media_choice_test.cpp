// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/prometheus/media_choice.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost {
namespace {

constexpr auto text = ExpositionFormat::text;
constexpr auto open_metrics = ExpositionFormat::open_metrics;

TEST(MediaChoice, GivesTextWithoutAPreference) {
  EXPECT_EQ(chooseFormat(""), text);
  EXPECT_EQ(chooseFormat("*/*"), text);
  EXPECT_EQ(chooseFormat("text/*"), text);
  EXPECT_EQ(chooseFormat("text/html, application/xhtml+xml;q=0.9"), text);
}

TEST(MediaChoice, GivesPrometheusWhatItAsksFor) {
  EXPECT_EQ(chooseFormat("application/openmetrics-text;version=1.0.0,"
                         "application/openmetrics-text;version=0.0.1;q=0.75,"
                         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            open_metrics);
}

TEST(MediaChoice, FollowsTheHigherWeight) {
  EXPECT_EQ(chooseFormat("application/openmetrics-text;q=0.4, text/plain;q=0.5"), text);
  EXPECT_EQ(chooseFormat("application/openmetrics-text;q=0.6, text/plain;q=0.5"), open_metrics);
  EXPECT_EQ(chooseFormat("application/openmetrics-text;q=0.5, text/plain;q=0.5"), text);
}

TEST(MediaChoice, TakesAWeightOfZeroAsRefusal) {
  EXPECT_EQ(chooseFormat("application/openmetrics-text;q=0, */*;q=0.1"), text);
  EXPECT_EQ(chooseFormat("text/plain;q=0, */*"), open_metrics);
}

TEST(MediaChoice, PassesOverVersionsItDoesNotWrite) {
  EXPECT_EQ(chooseFormat("application/openmetrics-text;version=0.0.1"), text);
  EXPECT_EQ(chooseFormat("application/openmetrics-text; version=\"1.0.0\""), open_metrics);
}

TEST(MediaChoice, ReadsNamesInAnyCaseAndSpacing) {
  EXPECT_EQ(chooseFormat(" Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1.000 "), open_metrics);
}

TEST(MediaChoice, SurvivesNonsense) {
  EXPECT_EQ(chooseFormat(",,;;=,q=,*/*;q=x"), text);
  EXPECT_EQ(chooseFormat(std::string(100'000, ',')), text);
}

}  // namespace
}  // namespace scanhost
