// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/tool_index.h"

#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

std::vector<std::string> headersOf(const char* schema) {
  std::vector<std::string> found;
  for (const HeaderParameter& parameter : headerParameters(Json::parse(schema))) {
    std::string path;
    for (const std::string& name : parameter.path) path += "/" + name;
    found.push_back(parameter.header + " " + path);
  }
  return found;
}
using Found = std::vector<std::string>;

TEST(HeaderParameters, AreFoundThroughPropertiesAlone) {
  EXPECT_EQ(headersOf(R"({"properties": {
              "region": {"type": "string", "x-mcp-header": "Region"},
              "at": {"properties": {"shard": {"type": "integer", "x-mcp-header": "Shard"}}},
              "list": {"items": {"properties": {"x": {"type": "string", "x-mcp-header": "X"}}}}}})"),
            (Found{"Mcp-Param-Region /region", "Mcp-Param-Shard /at/shard"}));
}

TEST(HeaderParameters, MarkedAgainstTheRulesArePassedOver) {
  EXPECT_EQ(headersOf(R"({"properties": {
              "empty": {"type": "string", "x-mcp-header": ""},
              "space": {"type": "string", "x-mcp-header": "a b"},
              "number": {"type": "number", "x-mcp-header": "N"},
              "first": {"type": "string", "x-mcp-header": "Same"},
              "second": {"type": "string", "x-mcp-header": "same"}}})"),
            (Found{"Mcp-Param-Same /first"}));
}

TEST(HeaderParameters, SayTheSameAsTheirArgument) {
  EXPECT_TRUE(saysTheSame("Hello", "Hello"));
  EXPECT_TRUE(saysTheSame("=?base64?SGVsbG8=?=", "Hello"));
  EXPECT_TRUE(saysTheSame("SGVsbG8=", "SGVsbG8="));
  EXPECT_TRUE(saysTheSame("007", 7));
  EXPECT_TRUE(saysTheSame("true", true));
  EXPECT_TRUE(saysTheSame(std::nullopt, Json()));
  EXPECT_FALSE(saysTheSame("hello", "Hello"));
  EXPECT_FALSE(saysTheSame("=?base64?SGVsbG8?=", "Hello"));
  EXPECT_FALSE(saysTheSame("7x", 7));
  EXPECT_FALSE(saysTheSame("yes", true));
  EXPECT_FALSE(saysTheSame(std::nullopt, "Hello"));
  EXPECT_FALSE(saysTheSame("Hello", Json()));
}

}  // namespace
}  // namespace scanhost::mcp
