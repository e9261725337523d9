// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/session_table.h"

#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

using std::chrono::seconds;
const SessionTable::Time start = SessionTable::Clock::now() + std::chrono::hours(24);
const SessionTable::Limits limits{10, 10, seconds(60)};

std::shared_ptr<Session> sessionOf(const char* subject) {
  scanhost_caller caller{};
  caller.struct_size = sizeof caller;
  caller.subject = toText(subject);
  return std::make_shared<Session>(newSessionId(), std::make_shared<const OwnedCaller>(caller),
                                   newest_session_revision, Json::object(),
                                   std::make_shared<EventStream>(0, EventMemory{}), EventMemory{});
}

TEST(SessionTable, BelongsToTheCallerThatOpenedIt) {
  SessionTable table(limits);
  const auto session = sessionOf("alice");
  ASSERT_TRUE(table.add(session, start));
  EXPECT_EQ(session->id().size(), 32u);
  EXPECT_TRUE(table.find(session->id(), "alice", start));
  EXPECT_FALSE(table.find(session->id(), "bob", start));
  EXPECT_FALSE(table.end(session->id(), "bob"));
  EXPECT_TRUE(table.end(session->id(), "alice"));
  EXPECT_FALSE(table.find(session->id(), "alice", start));
}

TEST(SessionTable, ExpiresWhenIdle) {
  SessionTable table(limits);
  const auto session = sessionOf("alice");
  ASSERT_TRUE(table.add(session, start));
  table.expire(start + seconds(59));
  EXPECT_EQ(table.size(), 1u);
  table.expire(start + seconds(60));
  EXPECT_EQ(table.size(), 0u);
}

TEST(SessionTable, MakesRoomByEndingTheOneThatIsIdleTheLongest) {
  SessionTable table({2, 2, seconds(60)});
  const auto first = sessionOf("a"), second = sessionOf("a");
  ASSERT_TRUE(table.add(first, start));
  ASSERT_TRUE(table.add(second, start + seconds(1)));
  ASSERT_TRUE(table.add(sessionOf("a"), start + seconds(2)));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_FALSE(table.find(first->id(), "a", start + seconds(3)));
  EXPECT_TRUE(table.find(second->id(), "a", start + seconds(3)));
}

TEST(SessionTable, AClientOverItsShareLosesItsOwn) {
  SessionTable table({10, 1, seconds(60)});
  const auto other = sessionOf("b"), first = sessionOf("a");
  ASSERT_TRUE(table.add(other, start));
  ASSERT_TRUE(table.add(first, start + seconds(1)));
  ASSERT_TRUE(table.add(sessionOf("a"), start + seconds(2)));
  EXPECT_TRUE(table.find(other->id(), "b", start));
  EXPECT_FALSE(table.find(first->id(), "a", start));
}

TEST(SessionTable, NeverEndsASessionInUse) {
  SessionTable table({1, 1, seconds(60)});
  const auto busy = sessionOf("a");
  busy->began(1, [] {});
  ASSERT_TRUE(table.add(busy, start));
  EXPECT_FALSE(table.add(sessionOf("a"), start + seconds(3600)));
  table.expire(start + seconds(3600));
  EXPECT_TRUE(table.find(busy->id(), "a", start + seconds(3600)));
  busy->ended(1);
  EXPECT_TRUE(table.add(sessionOf("a"), start + seconds(7200)));
}

}  // namespace
}  // namespace scanhost::mcp
