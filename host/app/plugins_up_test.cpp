// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/plugins_up.h"

#include <gtest/gtest.h>

#include <optional>

namespace scanhost {
namespace {

class APluginOfTwoInstances : public testing::Test {
 protected:
  APluginOfTwoInstances() {
    metrics.declarePlugin("exporter-webhook");
    up.show("exporter-webhook");
  }
  /// The gauge; nothing when there is none.
  std::optional<double> gauge() const {
    for (const MetricFamily& family : metrics.snapshot())
      if (family.name == "scanhost_plugin_up" && !family.metrics.empty())
        return family.metrics.at(0).value;
    return std::nullopt;
  }

  Metrics metrics;
  PluginsUp up{metrics};
  std::optional<PluginsUp::Instance> first{std::in_place, up, "exporter-webhook"};
  PluginsUp::Instance second{up, "exporter-webhook"};
};

TEST_F(APluginOfTwoInstances, IsUpOnlyWhileBothAre) {
  EXPECT_EQ(gauge(), 1);
  first->say(false);
  EXPECT_EQ(gauge(), 0);
  second.say(false);
  second.say(true);
  EXPECT_EQ(gauge(), 0);
  first->say(true);
  EXPECT_EQ(gauge(), 1);
}

TEST_F(APluginOfTwoInstances, IsUpAgainOnceTheOneThatIsDownIsReplaced) {
  first->say(false);
  first->say(false);
  up.show("exporter-webhook");  // a third was started
  EXPECT_EQ(gauge(), 0);
  first.reset();
  EXPECT_EQ(gauge(), 1);
}

TEST_F(APluginOfTwoInstances, IsNotShownAgainAfterItWasForgotten) {
  first->say(false);
  metrics.forgetPluginsBut({});
  first.reset();
  EXPECT_EQ(gauge(), std::nullopt);
}

}  // namespace
}  // namespace scanhost
