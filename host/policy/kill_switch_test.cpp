// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/kill_switch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using testing_support::FullDisk;

class KillSwitchTest : public testing::Test {
 protected:
  KillSwitch made() {
    return {file, [this](const KillSwitch::State& now) { told.push_back(now); }};
  }
  testing_support::Folder folder;
  const std::filesystem::path file = folder.path() / "kill_switch";
  std::vector<KillSwitch::State> told;
};

TEST_F(KillSwitchTest, ItIsOffWhereThereIsNoFile) {
  EXPECT_FALSE(made().engaged());
}

TEST_F(KillSwitchTest, ItOutlastsARestartWithWhoAndWhy) {
  ASSERT_TRUE(made().engage("olga", "incident 7"));
  const KillSwitch::State state = made().state();
  EXPECT_TRUE(state.engaged);
  EXPECT_EQ(state.caller, "olga");
  EXPECT_EQ(state.reason, "incident 7");
  EXPECT_GT(state.since.micros, 0);
}

TEST_F(KillSwitchTest, AFileMadeByHandEngagesItAtOnce) {
  KillSwitch kill_switch = made();
  std::ofstream(file).flush();
  EXPECT_TRUE(kill_switch.engaged());
  kill_switch.look();
  kill_switch.look();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].engaged);
  std::filesystem::remove(file);
  EXPECT_FALSE(kill_switch.engaged());
}

TEST_F(KillSwitchTest, WhoEngagedItFirstStaysKnown) {
  KillSwitch kill_switch = made();
  ASSERT_TRUE(kill_switch.engage("olga", "first"));
  ASSERT_TRUE(kill_switch.engage("otto", "second"));
  EXPECT_EQ(kill_switch.state().caller, "olga");
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(KillSwitchTest, ReleasedItIsOffAfterARestartToo) {
  KillSwitch kill_switch = made();
  ASSERT_TRUE(kill_switch.engage("olga", ""));
  ASSERT_TRUE(kill_switch.release("otto"));
  EXPECT_FALSE(kill_switch.engaged());
  EXPECT_FALSE(made().engaged());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].caller, "otto");
}

TEST_F(KillSwitchTest, OnAFullDiskAnEmptyFileDoes) {
  const FullDisk full(0);
  KillSwitch kill_switch = made();
  EXPECT_TRUE(kill_switch.engage("olga", "no room"));
  EXPECT_TRUE(kill_switch.engaged());
  EXPECT_TRUE(made().engaged());
}

TEST_F(KillSwitchTest, WithoutAFolderItHoldsUntilTheRestartAndSaysSo) {
  KillSwitch kill_switch(folder.path() / "gone" / "kill_switch", {});
  EXPECT_FALSE(kill_switch.engage("olga", ""));
  EXPECT_TRUE(kill_switch.engaged());
}

}  // namespace
}  // namespace scanhost
