// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/yaml_writer.h"

#include <gtest/gtest.h>

#include "host/config/test_files.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

ConfigNode treeOf(const std::string& text) {
  Problems problems;
  const auto tree = readYaml(text, testFileName(), problems);
  for (const std::string& shown : shownProblems(problems.take())) ADD_FAILURE() << shown;
  return tree.value_or(ConfigNode());
}

TEST(YamlWriter, WhatIsWrittenIsReadBackTheSame) {
  const ConfigNode tree = treeOf(
      "a: {n: 5, t: true, s: \"5\", e: \"\", 'null': null, \"k: #\": '- x', minus: -3}\n"
      "l: [[1, [2]], [], {}, {x: {y: [z]}}, null, 'null', '~', \"# no\", \"a: b\", \"a:\", ' a']\n"
      "u: https://h:8834/x#y\n"
      "v: ${V:-a b}\n"
      "m: |\n  two\n  lines \"\\\\\n"
      "c: \"\\x1b\\x7f\\u00e4\\U0001F600\"\n");
  const ConfigNode again = treeOf(writeYaml(tree, {}));
  EXPECT_EQ(again.toJson().dump(), tree.toJson().dump());
}

TEST(YamlWriter, CommentsStandAboveTheirKeyAndStayOnTheirLine) {
  const ConfigNode tree = treeOf("a: {b: 1}\nl: [{x: 1, y: 2}, 3]\n");
  EXPECT_EQ(writeYaml(tree, {{"a", "one"},
                             {"a.b", "two\nz: 1"},
                             {"l[0]", "three"},
                             {"l[0].y", "four"},
                             {"l[1]", "five"}}),
            "\n# one\na:\n  # two?z: 1\n  b: 1\n"
            "\nl:\n  # three\n  - x: 1\n    # four\n    y: 2\n  # five\n  - 3\n");
}

}  // namespace
}  // namespace scanhost
