// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/earlier_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

struct ReadLines {
  Environment values;
  std::vector<std::string> notes, errors;
};

ReadLines readLines(const std::string& text) {
  MigrationNotes notes;
  Problems problems;
  ReadLines out{readEnvironmentFile(text, "service.env", notes, problems).values(), {}, {}};
  for (const MigrationNote& note : notes.take()) out.notes.push_back(formatNote(note));
  out.errors = shownProblems(problems.take());
  return out;
}

TEST(EarlierEnvironment, LinesOfEveryUsualFormAreRead) {
  const ReadLines read = readLines(
      "# a comment\n; another\n\n"
      "A=plain text  # why\r\n"
      "export B=\"two \\\"words\\\" # kept\"  # why\n"
      "  C='single \\n $X'\n"
      "D=\n"
      "E = no\n"
      "F= spaced\n"
      "G=a#b=c\n"
      "H= # none\n");
  EXPECT_THAT(read.values, ElementsAre(Pair("A", "plain text"), Pair("B", "two \"words\" # kept"),
                                       Pair("C", "single \\n $X"), Pair("D", ""),
                                       Pair("F", "spaced"), Pair("G", "a#b=c"), Pair("H", "")));
  EXPECT_THAT(read.errors, ElementsAre(HasSubstr("service.env:8: names no variable before")));
  EXPECT_THAT(read.notes, ElementsAre());
}

TEST(EarlierEnvironment, ErrorsNameTheirLineAndNoValue) {
  const ReadLines read = readLines(
      "hunter2\nP=\"hunter2\nQ='hunter2' hunter2\nR=hunter2\\\n9=hunter2\nS='hunter2\\'\n");
  EXPECT_THAT(read.errors, ElementsAre(HasSubstr("service.env:1: is no NAME=VALUE"),
                                       HasSubstr("service.env:2: P has a quote without its end"),
                                       HasSubstr("service.env:3: Q has text behind the quote"),
                                       HasSubstr("service.env:4: R goes on in the next line"),
                                       HasSubstr("service.env:5: names no variable before")));
  EXPECT_THAT(read.errors, Each(Not(HasSubstr("hunter2"))));
}

TEST(EarlierEnvironment, TheLastOfTwoCountsAndTheOtherIsTold) {
  const ReadLines read = readLines("A=1\nA=2\n");
  EXPECT_THAT(read.values, ElementsAre(Pair("A", "2")));
  EXPECT_THAT(read.notes, ElementsAre("dropped: A (service.env:1): it is set again at "
                                      "service.env:2, which counts"));
}

TEST(EarlierEnvironment, AnEmptyVariableIsAnUnsetOne) {
  const EarlierEnvironment environment = earlierEnvironment({{"A", ""}, {"B", "1"}});
  EXPECT_EQ(environment.find("A"), nullptr);
  ASSERT_NE(environment.find("B"), nullptr);
  EXPECT_EQ(environment.find("B")->where(), "B");
  EXPECT_EQ(environment.find("B")->place().file, "B in the environment");
}

}  // namespace
}  // namespace scanhost
