// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/trace.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost::mcp {
namespace {

const std::string traceparent = "00-550e8400e29b41d4a716446655440000-00f067aa0ba902b7-01";

TEST(Trace, IsReadFromATraceparent) {
  const auto trace = readTraceparent(traceparent);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id[0], 0x55);
  EXPECT_EQ(trace->span_id[7], 0xb7);
  EXPECT_EQ(trace->flags, 1);
  EXPECT_TRUE(readTraceparent("cc" + traceparent.substr(2) + "-more"));
}

TEST(Trace, RefusesAnyOtherForm) {
  for (const std::string& text :
       {std::string(), traceparent + "0", "ff" + traceparent.substr(2), traceparent + "-more",
        "00-" + std::string(32, '0') + traceparent.substr(35), "00_" + traceparent.substr(3),
        std::string("00-550E8400E29B41D4A716446655440000-00f067aa0ba902b7-01"),
        traceparent.substr(0, 54)})
    EXPECT_FALSE(readTraceparent(text)) << text;
}

TEST(Trace, IsReadFromAUuid) {
  EXPECT_TRUE(readTraceId("550E8400-e29b-41d4-a716-446655440000"));
  EXPECT_FALSE(readTraceId("550e8400e29b-41d4-a716-446655440000-"));
  EXPECT_FALSE(readTraceId("00000000-0000-0000-0000-000000000000"));
  EXPECT_FALSE(readTraceId("550e8400-e29b-41d4-a716-44665544000\n"));
}

TEST(Trace, ComesFromTheFirstSourceThatCanBeRead) {
  Message message;
  message.params = Json::object({{"_meta", Json::object({{"traceparent", traceparent}})}});
  const char* uuid = "aaaaaaaa-e29b-41d4-a716-446655440000";
  EXPECT_EQ(traceOf("nonsense", uuid, message).trace_id[0], 0xaa);
  EXPECT_EQ(traceOf(traceparent, uuid, message).trace_id[0], 0x55);
  EXPECT_EQ(traceOf(std::nullopt, std::nullopt, message).trace_id[0], 0x55);
  EXPECT_EQ(traceOf(std::nullopt, std::nullopt, Message()).trace_id[0], 0);
}

}  // namespace
}  // namespace scanhost::mcp
