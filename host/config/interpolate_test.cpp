// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/interpolate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/config/test_files.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

struct Expanded {
  std::string text;
  std::vector<std::string> problems;
};

/// Expands one value, which stands at line 2.
Expanded expanded(const std::string& value, const Environment& environment,
                  ExpansionForm form = ExpansionForm::current) {
  Problems problems;
  ConfigNode tree;
  tree.kind = ConfigNode::Kind::map;
  tree.file = testFileName();
  ConfigNode& node = tree.member("key");
  node.kind = ConfigNode::Kind::scalar;
  node.line = 2;
  node.text = value;
  expandTree(tree, environment, form, problems);
  return {tree.find("key")->text, shownProblems(problems.take())};
}

std::string expandedText(const std::string& value, const Environment& environment) {
  const Expanded out = expanded(value, environment);
  for (const std::string& problem : out.problems) ADD_FAILURE() << problem;
  return out.text;
}

TEST(Interpolation, VariablesExpandAnywhereInAValue) {
  EXPECT_EQ(expandedText("redis://${env:HOST}:${env:PORT:-6379}/0", {{"HOST", "db"}}),
            "redis://db:6379/0");
}

TEST(Interpolation, DefaultsServeUnsetAndEmptyVariables) {
  EXPECT_EQ(expandedText("${env:A:-x}", {}), "x");
  EXPECT_EQ(expandedText("${env:A:-x}", {{"A", ""}}), "x");
  EXPECT_EQ(expandedText("${env:A:-}", {}), "");
  EXPECT_EQ(expandedText("${env:A:-${env:B:-${env:C:-}}}", {{"B", "b"}}), "b");
  EXPECT_EQ(expandedText("${env:A:-${env:B:-}}!", {}), "!");
}

TEST(Interpolation, EscapesAndLoneDollarsStay) {
  EXPECT_EQ(expandedText("$${env:A} $5 $ {x}", {{"A", "a"}}), "${env:A} $5 $ {x}");
}

TEST(Interpolation, WhatComesOutIsNotExpandedAgain) {
  EXPECT_EQ(expandedText("${env:A}", {{"A", "${env:B}"}, {"B", "secret"}}), "${env:B}");
}

TEST(Interpolation, MissingVariablesNamePlaceAndRemedy) {
  EXPECT_EQ(
      expanded("${env:NOPE}", {}).problems,
      (std::vector<std::string>{"test.yaml:2: key: the variable NOPE is not set; set it, or give "
                                "a default: ${env:NOPE:-default}"}));
  EXPECT_NE(expanded("${env:NOPE}", {{"NOPE", ""}}).problems.at(0).find("is set but empty"),
            std::string::npos);
}

TEST(Interpolation, MalformedReferencesAreErrors) {
  for (const char* bad :
       {"${env:A", "${}", "${env:}", "${A}", "${env:A-B}", "${vault:x}", "${env:1A}"})
    EXPECT_EQ(expanded(bad, {{"A", "a"}}).problems.size(), 1u) << bad;
}

TEST(Interpolation, FilesLoseTheirLastNewline) {
  const TestFiles files;
  const std::string path = files.write("secret", "pass word\n").string();
  EXPECT_EQ(expandedText("<${file:" + path + "}>", {}), "<pass word>");
}

TEST(Interpolation, AFilesPathMayHoldAVariable) {
  const TestFiles files;
  const std::string folder = files.write("login", "word\n").parent_path().string();
  const std::string value = "${file:${env:CREDENTIALS_DIRECTORY}/login}";
  EXPECT_EQ(expandedText(value, {{"CREDENTIALS_DIRECTORY", folder}}), "word");
  const Expanded without = expanded(value, {});
  ASSERT_EQ(without.problems.size(), 1u);
  EXPECT_NE(without.problems[0].find("CREDENTIALS_DIRECTORY is not set"), std::string::npos);
}

TEST(Interpolation, FilesThatOthersMayWriteAreRefused) {
  const TestFiles files;
  const std::string path = files.write("secret", "canary\n").string();
  chmod(path.c_str(), 0620);
  const Expanded out = expanded("${file:" + path + "}", {});
  ASSERT_EQ(out.problems.size(), 1u);
  EXPECT_EQ(out.problems[0].rfind("test.yaml:2: key: the file ", 0), 0u);
  EXPECT_NE(out.problems[0].find("chmod go-w"), std::string::npos);
  EXPECT_EQ(out.problems[0].find("canary"), std::string::npos);
}

TEST(Interpolation, FilesThatAllMayReadAreWarnedOf) {
  const TestFiles files;
  const std::string path = files.write("secret", "canary\n").string();
  chmod(path.c_str(), 0644);
  const Expanded out = expanded("${file:" + path + "}", {});
  EXPECT_EQ(out.text, "canary");
  ASSERT_EQ(out.problems.size(), 1u);
  EXPECT_NE(out.problems[0].find("read by everyone"), std::string::npos);
}

TEST(Interpolation, OnlySmallRegularAbsoluteFilesAreRead) {
  const TestFiles files;
  const std::string fifo = files.path("fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string large = files.write("large", std::string(100'000, 'x')).string();
  const std::string binary = files.write("binary", std::string("a\0b", 3)).string();
  for (const std::string& bad :
       {fifo, large, binary, std::string("relative"), std::string("/dev/zero"),
        std::string("/nonexistent/file"), std::string()})
    EXPECT_EQ(expanded("${file:" + bad + "}", {}).problems.size(), 1u) << bad;
}

TEST(Interpolation, ExpansionIsBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "${env:BIG}";
  const Expanded out = expanded(many, {{"BIG", std::string(100'000, 'x')}});
  ASSERT_EQ(out.problems.size(), 1u);
  EXPECT_NE(out.problems[0].find("more text than"), std::string::npos);

  std::string nested = "x";
  for (int i = 0; i < 5000; ++i) nested = "${env:A:-" + nested + "}";
  EXPECT_EQ(expanded(nested, {}).problems.size(), 1u);
}

TEST(Interpolation, TheEarlierFormHasNoPrefix) {
  const Environment environment{{"PW", "x"}, {"EMPTY", ""}};
  EXPECT_EQ(expanded("a${PW}b", environment, ExpansionForm::earlier).text, "axb");
  EXPECT_EQ(expanded("${NO:-d}", environment, ExpansionForm::earlier).text, "d");
  for (const char* bad : {"${NO}", "${EMPTY}", "${}", "${PW", "${env:PW}"})
    EXPECT_EQ(expanded(bad, environment, ExpansionForm::earlier).problems.size(), 1u) << bad;
}

}  // namespace
}  // namespace scanhost
