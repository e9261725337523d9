// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/trace.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost::mcp {
namespace {

const std::string traceparent = "00-550e8400e29b41d4a716446655440000-00f067aa0ba902b7-01";

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
