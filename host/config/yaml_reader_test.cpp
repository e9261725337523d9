// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/yaml_reader.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

std::string yamlErrors(const std::string& text) {
  Problems problems;
  readYaml(text, testFileName(), problems);
  std::string out;
  for (const std::string& shown : shownProblems(problems.take())) out += shown + "\n";
  return out;
}

TEST(YamlReader, KeysAndItemsKeepTheirLines) {
  Problems problems;
  const auto tree = readYaml("# note\nnode:\n  name: x\nscanners:\n  - name: a\n  - name: b\n",
                             testFileName(), problems);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("node")->line, 2);
  EXPECT_EQ(tree->find("node")->find("name")->line, 3);
  EXPECT_EQ(tree->find("scanners")->children[1].line, 6);
  EXPECT_FALSE(problems.anyError());
}

TEST(YamlReader, AnEmptyFileIsNothing) {
  Problems problems;
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const auto tree = readYaml(text, testFileName(), problems);
    ASSERT_TRUE(tree) << text;
    EXPECT_TRUE(tree->isNull()) << text;
  }
  EXPECT_FALSE(problems.anyError());
}

TEST(YamlReader, SyntaxErrorsNameTheLine) {
  EXPECT_EQ(yamlErrors("a: 1\nb: [1, 2\nc: 3\n").rfind("test.yaml:", 0), 0u);
  EXPECT_NE(yamlErrors("a: 1\nb: {x: 1\n").find("is not valid YAML"), std::string::npos);
  EXPECT_EQ(yamlErrors("a: 1\n\tb: 2\n").rfind("test.yaml:2: ", 0), 0u)
      << yamlErrors("a: 1\n\tb: 2\n");
}

TEST(YamlReader, AQuoteThatIsNeverClosedIsAnErrorWhereItOpens) {
  for (const char* quote : {"\"", "'"})
    for (const char* end : {"", "\n", "\n\n", "\n  ", "\n# note\n", "\r\n", "\n}\n"})
      EXPECT_EQ(yamlErrors("a: 1\nb:\n  - c: d\n    url: " + std::string(quote) +
                           "https://x\n    user: u" + end),
                "test.yaml:4: is not valid YAML: a quote that opens here or just below is never "
                "closed; close it\n")
          << quote << end;
}

TEST(YamlReader, TheEndOfTheTextChangesNoValue) {
  Problems problems;
  for (const std::string text : {"a: |+\n  x\n\n", "a: |\n  x", "a: >-\n  x\n", "a: \"x\n  y\"\n",
                                 "a: x\n...\n", "---\na: x\n", "a: x\n  "}) {
    const auto tree = readYaml(text, testFileName(), problems);
    ASSERT_TRUE(tree) << text;
    EXPECT_EQ(tree->find("a")->text, YAML::Load(text)["a"].as<std::string>("")) << text;
  }
  EXPECT_FALSE(problems.anyError());
}

TEST(YamlReader, AMergeKeyIsRefused) {
  EXPECT_EQ(yamlErrors("a: &x {k: 1}\nb:\n  <<: *x\n"),
            "test.yaml:3: a merge key ('<<'); write the keys out\n");
}

TEST(YamlReader, EveryRepeatedKeyIsAnError) {
  EXPECT_EQ(yamlErrors("a: 1\nb: {c: 1, c: 2}\na: 3\n"),
            "test.yaml:2: c: this key stands twice in one map; keep one of the two\n"
            "test.yaml:3: a: this key stands twice in one map; keep one of the two\n");
}

TEST(YamlReader, AliasesAreCopiedAndCounted) {
  Problems problems;
  const auto tree = readYaml("a: &x {k: 1}\nb: *x\n", testFileName(), problems);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->toJson().dump(), R"({"a":{"k":1},"b":{"k":1}})");
  EXPECT_EQ(tree->find("b")->line, 2);
}

TEST(YamlReader, AnAliasBombIsRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) bomb += (n ? ", " : "") + previous;
    bomb += "]\n";
  }
  EXPECT_NE(yamlErrors(bomb).find("more values than a configuration may hold"), std::string::npos);
}

TEST(YamlReader, ABombOfLongTextsIsRefused) {
  std::string bomb = "a: &a " + std::string(100'000, 'x') + "\nb:\n";
  for (int i = 0; i < 1000; ++i) bomb += "  - *a\n";
  EXPECT_NE(yamlErrors(bomb).find("more values than a configuration may hold"), std::string::npos);
}

TEST(YamlReader, DeepNestingIsRefused) {
  EXPECT_NE(yamlErrors(std::string(40, '[') + std::string(40, ']')).find("nested deeper than 32"),
            std::string::npos);
  EXPECT_FALSE(yamlErrors(std::string(500'000, '[')).empty());
  EXPECT_FALSE(yamlErrors(std::string(200'000, '{')).empty());
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_FALSE(yamlErrors(dashes).empty());
}

TEST(YamlReader, WhatAConfigurationNeedsNotIsRefused) {
  EXPECT_NE(yamlErrors("a: 1\n---\nb: 2\n").find("more than one YAML document"), std::string::npos);
  EXPECT_EQ(yamlErrors("a: !thing 1\n").rfind("test.yaml:1: a YAML tag", 0), 0u);
  EXPECT_EQ(yamlErrors("? [a]\n: 1\n").rfind("test.yaml:1: a list as a key", 0), 0u);
  EXPECT_EQ(yamlErrors("~: 1\n").rfind("test.yaml:1: an empty key", 0), 0u);
  EXPECT_NE(yamlErrors("a: &a [*a]\n").find("an alias"), std::string::npos)
      << yamlErrors("a: &a [*a]\n");
  EXPECT_FALSE(yamlErrors("a: *nothing\n").empty());
  EXPECT_NE(yamlErrors(std::string(300, 'k') + ": 1\n").find("a key longer"), std::string::npos);
}

}  // namespace
}  // namespace scanhost
