// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace scanhost::ctl {
namespace {

TEST(ProgressLine, BarFillsWithThePercentage) {
  EXPECT_EQ(progressBar(0, 4), "[....]");
  EXPECT_EQ(progressBar(50, 4), "[##..]");
  EXPECT_EQ(progressBar(100, 4), "[####]");
  EXPECT_EQ(progressBar(250, 4), "[####]");
  EXPECT_EQ(progressBar(-1, 4), "[....]");
}

TEST(ProgressLine, OffATerminalEachChangeIsALine) {
  std::ostringstream out;
  ProgressLine line(out, {false, false});
  line.show("running", "10%");
  line.show("running", "10%");
  line.show("completed", "");
  EXPECT_EQ(out.str(), "running 10%\ncompleted\n");
}

TEST(ProgressLine, OnATerminalOneLineIsDrawnAnew) {
  std::ostringstream out;
  {
    ProgressLine line(out, {true, false});
    line.show("running", "10%");
    line.show("running", "20%");
  }
  EXPECT_EQ(out.str(), "\r\x1b[2Krunning 10%\r\x1b[2Krunning 20%\n");
}

TEST(ProgressLine, ColourIsOnlyForThoseWhoWantIt) {
  std::ostringstream out;
  ProgressLine line(out, {true, true});
  line.show("failed", "");
  EXPECT_NE(out.str().find("\x1b[31mfailed\x1b[0m"), std::string::npos);
}

}  // namespace
}  // namespace scanhost::ctl
