// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/event_stream.h"

#include <gtest/gtest.h>

#include "plugins/transport/mcp/recorded_stream_test.h"

namespace scanhost::mcp {
namespace {

std::shared_ptr<EventStream> remembering(std::size_t events = 10, std::size_t bytes = 10'000) {
  return std::make_shared<EventStream>(3, EventMemory{events, bytes});
}

TEST(EventStream, WithoutAMemoryEventsHaveNoIds) {
  RecordedStream connection;
  const auto stream = std::make_shared<EventStream>(0, EventMemory{});
  ASSERT_TRUE(stream->attach(connection.opening(), 0, {}));
  stream->send("1");
  stream->finish("2");
  EXPECT_EQ(connection.bytes, "event: message\ndata: 1\n\nevent: message\ndata: 2\n\n");
  EXPECT_TRUE(connection.is_closed);
  stream->send("3");
  EXPECT_EQ(connection.bytes.find('3'), std::string::npos) << "nothing follows the last";
}

TEST(EventStream, ALostConnectionIsReplacedBehindWhatWasSeen) {
  RecordedStream first, second;
  const auto stream = remembering();
  ASSERT_TRUE(stream->attach(first.opening(), 0, {}));
  stream->send("1");
  stream->send("2");
  first.lose();
  stream->finish("3");
  ASSERT_TRUE(stream->attach(second.opening(), 1, {}));
  EXPECT_EQ(second.bytes,
            "id: 3-2\nevent: message\ndata: 2\n\nid: 3-3\nevent: message\ndata: 3\n\n");
  EXPECT_TRUE(second.is_closed) << "it has finished";
}

TEST(EventStream, ANewConnectionReplacesAnOldOneAndItsEndIsOfNoInterest) {
  RecordedStream first, second;
  bool lost = false;
  const auto stream = remembering();
  ASSERT_TRUE(stream->attach(first.opening(), 0, [&] { lost = true; }));
  ASSERT_TRUE(stream->attach(second.opening(), 0, {}));
  EXPECT_TRUE(first.is_closed);
  first.lose();
  stream->send("1");
  EXPECT_NE(second.bytes, "");
  EXPECT_FALSE(lost);
}

TEST(EventStream, ItsOwnerHearsOfALossButNotOfAnEnd) {
  RecordedStream lost_one, ended_one;
  int losses = 0;
  const auto lost = remembering(), ended = remembering();
  ASSERT_TRUE(lost->attach(lost_one.opening(), 0, [&] { ++losses; }));
  lost_one.lose();
  EXPECT_EQ(losses, 1);
  ASSERT_TRUE(ended->attach(ended_one.opening(), 0, [&] { ++losses; }));
  ended->finish("last");
  ended_one.lose();
  EXPECT_EQ(losses, 1);
}

TEST(EventStream, AConnectionThatIsGoneBeforeItWasTakenIsALoss) {
  RecordedStream connection;
  const auto open = connection.opening();
  bool lost = false;
  const auto stream = remembering();
  ASSERT_TRUE(stream->attach(
      [&](std::function<void()> closed) {
        auto opened = open(std::move(closed));
        connection.lose();
        return opened;
      },
      0, [&] { lost = true; }));
  EXPECT_TRUE(lost);
  EXPECT_FALSE(stream->isAttached());
}

TEST(EventStream, ItsMemoryIsBoundedButKeepsTheLastEvent) {
  RecordedStream connection;
  const auto stream = remembering(2, 100);
  for (const char* message : {"1", "2", "3"}) stream->send(message);
  stream->send(std::string(500, 'x'));
  ASSERT_TRUE(stream->attach(connection.opening(), 0, {}));
  EXPECT_EQ(connection.bytes.rfind("id: 3-4", 0), 0u) << connection.bytes;
}

TEST(EventStream, IsPrimedWithAnIdAndNoData) {
  RecordedStream connection;
  const auto stream = remembering();
  ASSERT_TRUE(stream->attach(connection.opening(), 0, {}));
  stream->prime(std::chrono::milliseconds(500));
  EXPECT_EQ(connection.bytes, "id: 3-1\nretry: 500\ndata: \n\n");
}

TEST(EventStream, AnIdNamesItsStreamAndIsReadStrictly) {
  const auto id = readEventId("3-17");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->stream, 3u);
  EXPECT_EQ(id->number, 17u);
  for (const char* text :
       {"", "-", "3", "3-", "-3", "3-4-5", "3-x", "0x3-1", " 3-1", "99999999999999999999-1"})
    EXPECT_FALSE(readEventId(text)) << text;
}

}  // namespace
}  // namespace scanhost::mcp
