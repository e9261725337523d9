// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which texts are trace ids, and which are not.
#include "host/telemetry/trace.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

constexpr const char* parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, RandomIsAVersion4Uuid) {
  const std::string uuid = TraceContext::random().uuid();
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(TraceContext::random(), TraceContext::random());
}

TEST(TraceContext, UuidGoesThereAndBack) {
  const auto context = TraceContext::fromUuid("550E8400-e29b-41d4-a716-446655440000");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->uuid(), "550e8400-e29b-41d4-a716-446655440000");
}

TEST(TraceContext, OnlyTheUuidFormIsTaken) {
  for (const char* text :
       {"", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
        "550e8400-e29b-41d4-a716-44665544000g", "550e8400-e29b-41d4-a716-4466554400000",
        "550e8400-e29b-41d4a716--446655440000", "00000000-0000-0000-0000-000000000000"})
    EXPECT_FALSE(TraceContext::fromUuid(text)) << text;
}

TEST(TraceContext, TraceparentGoesThereAndBack) {
  const auto context = TraceContext::fromTraceparent(parent);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->uuid(), "0af76519-16cd-43dd-8448-eb211c80319c");
  EXPECT_EQ(context->traceparent(), parent);
}

TEST(TraceContext, WithoutASpanThereIsNoTraceparent) {
  EXPECT_EQ(TraceContext::random().traceparent(), "");
}

TEST(TraceContext, HeadersFallBackInOrder) {
  const char* uuid = "550e8400-e29b-41d4-a716-446655440000";
  EXPECT_EQ(TraceContext::fromHeaders(parent, uuid).traceparent(), parent);
  EXPECT_EQ(TraceContext::fromHeaders("junk", uuid).uuid(), uuid);
  EXPECT_EQ(TraceContext::fromHeaders("", "junk").uuid()[14], '4');
}

TEST(TraceContext, ATransportThatPassesNothingGetsANewTrace) {
  EXPECT_EQ(TraceContext::fromAbi({}).uuid()[14], '4');
  EXPECT_EQ(TraceContext::fromAbi(*parseTraceparent(parent)).traceparent(), parent);
}

TEST(TraceContext, MalformedTraceparentsAreRefused) {
  const std::string good = parent;
  const auto with = [&](std::size_t at, std::size_t size, const std::string& text) {
    return std::string(good).replace(at, size, text);
  };
  for (const std::string& text :
       {with(0, 2, "ff"), with(3, 32, std::string(32, '0')), with(36, 16, std::string(16, '0')),
        with(3, 1, "A"), with(2, 1, "_"), with(53, 2, "zz"), good.substr(0, 54), good + "-more",
        with(0, 2, "01") + "more"})
    EXPECT_FALSE(TraceContext::fromTraceparent(text)) << text;
  EXPECT_TRUE(TraceContext::fromTraceparent(with(0, 2, "01") + "-more"));
}

}  // namespace
}  // namespace scanhost
