// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/headers.h"

#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

TEST(ContentType, IsJsonWithAnyParametersAndCase) {
  EXPECT_TRUE(isJsonType("application/json"));
  EXPECT_TRUE(isJsonType("Application/JSON ; charset=utf-8"));
  for (const char* other : {"", "text/plain", "application/jsonp", "application/json-rpc", ";"})
    EXPECT_FALSE(isJsonType(other)) << other;
}

TEST(Accept, WithoutAPreferenceMeansJson) {
  for (const auto& header : {std::optional<std::string_view>(), std::optional<std::string_view>(""),
                             std::optional<std::string_view>("image/png")}) {
    EXPECT_TRUE(readAccept(header).json);
    EXPECT_FALSE(readAccept(header).stream);
  }
}

TEST(Accept, NamesWhatTheClientReads) {
  const Accepted both = readAccept("application/json, text/event-stream");
  EXPECT_TRUE(both.json && both.stream);
  const Accepted stream = readAccept("Text/Event-Stream;q=0.9");
  EXPECT_TRUE(!stream.json && stream.stream);
  const Accepted refused = readAccept("*/*, text/event-stream;q=0.00");
  EXPECT_TRUE(refused.json);
  EXPECT_TRUE(readAccept("application/json, text/event-stream; q=0").json);
  EXPECT_FALSE(readAccept("application/json, text/event-stream; q=0").stream);
}

TEST(Accept, SurvivesNonsense) {
  EXPECT_TRUE(readAccept(",,;;=,q=").json);
  EXPECT_TRUE(readAccept(std::string(100'000, ',')).json);
  EXPECT_TRUE(readAccept(std::string(100'000, ';')).json);
}

TEST(HeaderValue, IsLiteralWithoutTheWholeWrapping) {
  for (const char* text : {"", "list_tasks", "=?base64?", "=?base64?YQ==", "YQ==?=", "=?base64?="})
    EXPECT_EQ(decodeHeaderValue(text), text);
}

TEST(HeaderValue, IsDecodedFromBase64) {
  EXPECT_EQ(decodeHeaderValue("=?base64?w6TDtsO8?="), "\u00e4\u00f6\u00fc");
  EXPECT_EQ(decodeHeaderValue("=?base64?YQ==?="), "a");
  EXPECT_EQ(decodeHeaderValue("=?base64?"
                              "?="),
            "");
}

TEST(HeaderValue, RefusesBase64ThatIsNotCanonical) {
  for (const char* text : {"=?base64?YQ?=", "=?base64?YQ=?=", "=?base64?YR==?=", "=?base64?Y-__?=",
                           "=?base64?Y===?=", "=?base64?====?=", "=?base64?YQ==YQ==?="})
    EXPECT_EQ(decodeHeaderValue(text), std::nullopt) << text;
}

}  // namespace
}  // namespace scanhost::mcp
