// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/config_node.h"

#include <gtest/gtest.h>

#include "host/config/test_files.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

ConfigNode nodeOf(const std::string& text) {
  Problems problems;
  auto node = readYaml(text, testFileName(), problems);
  EXPECT_TRUE(node && !problems.anyError()) << text;
  return node.value_or(ConfigNode{});
}

TEST(ConfigNode, PlainScalarsAreTypedAsJsonWritesThem) {
  const ConfigNode node = nodeOf(
      "a: 1\nb: true\nc: 2.5\nd: text\ne: '1'\nf: 007\ng: 0x1F\nh: yes\ni: ~\nj: -3\nk: 1e3\n"
      "l: 99999999999999999999\n");
  EXPECT_EQ(node.toJson().dump(),
            R"({"a":1,"b":true,"c":2.5,"d":"text","e":"1","f":"007","g":"0x1F","h":"yes","i":null,)"
            R"("j":-3,"k":1000.0,"l":"99999999999999999999"})");
}

TEST(ConfigNode, LocateAnswersTheLineOfThePointedValue) {
  const ConfigNode node =
      nodeOf("url: x\ntls:\n  ca_file: y\nlist:\n  - 1\n  - {deep: 2}\na/b: 3\n");
  EXPECT_EQ(node.locate("/url").line, 1);
  EXPECT_EQ(node.locate("/tls/ca_file").line, 3);
  EXPECT_EQ(node.locate("/list/1/deep").line, 6);
  EXPECT_EQ(node.locate("/a~1b").line, 7);
  EXPECT_EQ(node.locate("/url").file, "test.yaml");
}

TEST(ConfigNode, LocateFallsBackToTheNearestValueAbove) {
  const ConfigNode node = nodeOf("x: 1\ntls:\n  ca_file: y\nlist: [1]\n");
  EXPECT_EQ(node.locate("/tls/missing/more").line, 2);
  EXPECT_EQ(node.locate("/list/9").line, 4);
  EXPECT_EQ(node.locate("/list/x").line, 4);
  EXPECT_EQ(node.locate("/nowhere").line, 1);
  EXPECT_EQ(node.locate("").line, 1);
}

TEST(ConfigNode, MergeJoinsMapsAppendsListsAndReplacesTheRest) {
  ConfigNode base = nodeOf("a: {x: 1, y: 2}\nb: [1]\nc: 1\nd: {z: 1}\n");
  mergeInto(base, nodeOf("a: {y: 3, w: 4}\nb: [2]\nc: 2\nd:\ne: 5\n"));
  EXPECT_EQ(base.toJson().dump(), R"({"a":{"x":1,"y":3,"w":4},"b":[1,2],"c":2,"d":{"z":1},"e":5})");
}

}  // namespace
}  // namespace scanhost
