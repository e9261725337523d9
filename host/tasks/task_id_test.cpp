// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_id.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

const Timestamp noon = *parseTimestamp("2025-12-01T14:30:22Z");

TEST(TaskId, TellsPoolInstanceAndTime) {
  const std::string id = makeTaskId("nessus", "scanner1", noon);
  EXPECT_EQ(id.substr(0, 24), "ne_scan_20251201_143022_");
  EXPECT_TRUE(isTaskId(id));
}

TEST(TaskId, DropsWhatMayNotStandInIt) {
  EXPECT_EQ(makeTaskId("N-1", "..", noon).substr(0, 5), "n1_x_");
  EXPECT_EQ(makeTaskId("", "", noon).substr(0, 4), "x_x_");
}

TEST(TaskId, RefusesEverythingElse) {
  for (const char* text :
       {"", "../x", "ne_scan_20251201_143022_a1b2c3d", "ne_scan_20251201_143022_a1b2c3d4x",
        "ne_scan_20251201_143022_A1B2C3D4", "nes_scan_20251201_143022_a1b2c3d4",
        "ne_scan_20251201_143022_a1b2c3d4/..", "ne__20251201_143022_a1b2c3d4"})
    EXPECT_FALSE(isTaskId(text)) << text;
}

TEST(Marker, IsFoundInsideAName) {
  const std::string id = makeTaskId("nessus", "scanner1", noon);
  const auto marker = findMarker("LAN " + makeMarker(id, 3));
  ASSERT_TRUE(marker);
  EXPECT_EQ(marker->task_id, id);
  EXPECT_EQ(marker->launch, 3u);
}

TEST(Marker, IsNotFoundInWhatOnlyLooksLikeOne) {
  EXPECT_FALSE(findMarker("[scanhost:x/1]"));
  EXPECT_FALSE(findMarker("[scanhost:ne_scan_20251201_143022_a1b2c3d4]"));
  EXPECT_FALSE(findMarker("[scanhost:ne_scan_20251201_143022_a1b2c3d4/one]"));
  EXPECT_FALSE(findMarker("[scanhost:ne_scan_20251201_143022_a1b2c3d4/1"));
}

}  // namespace
}  // namespace scanhost
