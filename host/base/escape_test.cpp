// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/escape.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(Escape, TerminalSequencesBecomeVisible) {
  EXPECT_EQ(forTerminal("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(forTerminal("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
  EXPECT_EQ(forTerminal("one\ntwo\r\tx\x7f"), "one\\x0atwo\\x0d\\x09x\\x7f");
  EXPECT_EQ(forTerminal("\xC2\x9B"
                        "2J"),
            "\\u{9b}2J");
}

TEST(Escape, DirectionChangesAndInvisibleCharactersBecomeVisible) {
  EXPECT_EQ(forTerminal("admin\u202Etxt"), "admin\\u{202e}txt");
  EXPECT_EQ(forTerminal("a\u2066b\u200Bc\uFEFF"), "a\\u{2066}b\\u{200b}c\\u{feff}");
  EXPECT_EQ(forTerminal("\U000E0041"), "\\u{e0041}");
}

TEST(Escape, OrdinaryTextOfAnyLanguageStays) {
  EXPECT_EQ(forTerminal("Grüße, 漢字, 😀"), "Grüße, 漢字, 😀");
}

TEST(Escape, BytesThatAreNoTextAreShownAsBytes) {
  EXPECT_EQ(forTerminal("a\xff"
                        "b\xc0\xaf"),
            "a\\xffb\\xc0\\xaf");
}

TEST(Escape, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(csvText("plain"), "plain");
  EXPECT_EQ(csvText("a,b"), "\"a,b\"");
  EXPECT_EQ(csvText("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csvText("one\ntwo"), "\"one\ntwo\"");
  EXPECT_EQ(csvText("a\x1b[2J"), "a\\x1b[2J");
}

TEST(Escape, CsvNeutralisesFormulas) {
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1"})
    EXPECT_EQ(csvText(formula), std::string("'") + formula);
  EXPECT_EQ(csvText("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(csvText("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  EXPECT_EQ(csvText("a=1"), "a=1");
}

TEST(Escape, CuttingCountsCharactersNotBytes) {
  EXPECT_EQ(displayWidth("Grüße"), 5u);
  EXPECT_EQ(cutToWidth("Grüße", 5), "Grüße");
  EXPECT_EQ(cutToWidth("Grüße", 4), "Grü…");
  EXPECT_EQ(cutToWidth("abc", 1), "…");
  EXPECT_EQ(cutToWidth("abc", 0), "");
}

}  // namespace
}  // namespace scanhost
