// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/remote_scan/remote_name.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(Marker, IsFoundInTheRemoteName) {
  EXPECT_EQ(markerIn("LAN [scanhost:t/1]"), "[scanhost:t/1]");
  EXPECT_EQ(markerIn("[scanhost:fake/9] LAN [scanhost:t/1]"), "[scanhost:t/1]");
  EXPECT_EQ(markerIn("LAN"), "");
  EXPECT_EQ(markerIn("LAN [scanhost:t/1"), "");
}

TEST(Marker, LeavesTheClientsNameWhereItEndsTheRemoteName) {
  EXPECT_EQ(clientNameIn("LAN [scanhost:t/1]"), "LAN");
  EXPECT_EQ(clientNameIn("Copy of LAN [scanhost:t/1]"), "Copy of LAN");
  EXPECT_EQ(clientNameIn("LAN [scanhost:t/1] (2)"), "LAN [scanhost:t/1] (2)");
  EXPECT_EQ(clientNameIn("LAN[scanhost:t/1]"), "LAN[scanhost:t/1]");
  EXPECT_EQ(clientNameIn("LAN"), "LAN");
  EXPECT_EQ(clientNameIn(""), "");
}

}  // namespace
}  // namespace scanhost
