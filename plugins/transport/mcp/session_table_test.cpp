// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/session_table.h"

#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

using std::chrono::seconds;
const SessionTable::Time start = std::chrono::steady_clock::now() + std::chrono::hours(24);

TEST(SessionTable, BelongsToTheCallerThatOpenedIt) {
  SessionTable table(10, seconds(60));
  const std::string id = table.open("alice", start).value();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_TRUE(table.enter(id, "alice", start));
  EXPECT_FALSE(table.enter(id, "bob", start));
  EXPECT_FALSE(table.end(id, "bob"));
  EXPECT_TRUE(table.end(id, "alice"));
  EXPECT_FALSE(table.enter(id, "alice", start));
}

TEST(SessionTable, ExpiresWhenIdle) {
  SessionTable table(10, seconds(60));
  const std::string id = table.open("alice", start).value();
  EXPECT_FALSE(table.enter(id, "alice", start + seconds(60)));
  EXPECT_EQ(table.size(), 0u);
}

TEST(SessionTable, MakesRoomByEndingTheOneThatIsIdleTheLongest) {
  SessionTable table(2, seconds(60));
  const std::string first = table.open("a", start).value();
  const std::string second = table.open("a", start + seconds(1)).value();
  ASSERT_TRUE(table.open("a", start + seconds(2)));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_FALSE(table.enter(first, "a", start + seconds(3)));
  EXPECT_TRUE(table.enter(second, "a", start + seconds(3)));
}

TEST(SessionTable, NeverEndsASessionInUse) {
  SessionTable table(1, seconds(60));
  const std::string id = table.open("a", start).value();
  const auto use = table.enter(id, "a", start);
  EXPECT_FALSE(table.open("a", start + seconds(3600)));
  EXPECT_TRUE(table.enter(id, "a", start + seconds(3600)));
}

}  // namespace
}  // namespace scanhost::mcp
