// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/sse_parser.h"

#include <gtest/gtest.h>

#include <vector>

namespace scanhost::client {
namespace {

struct Collected {
  std::vector<std::string> events;
  SseParser parser{[this](const std::string& data) {
    events.push_back(data);
    return data != "stop";
  }};
};

using Events = std::vector<std::string>;

TEST(SseParser, ReadsEventsHoweverTheBytesAreCut) {
  const std::string stream = ": hello\r\nid: 7\r\ndata: a\r\ndata: b\r\n\r\nevent: x\ndata:c\n\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    Collected collected;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      collected.parser.feed(std::string_view(stream).substr(at, piece));
    EXPECT_EQ(collected.events, (Events{"a\nb", "c"})) << piece;
    EXPECT_EQ(collected.parser.lastEventId(), "7");
  }
}

TEST(SseParser, EmptyPrimingEventOnlySetsIdAndRetry) {
  Collected collected;
  collected.parser.feed("id: s1-0\nretry: 250\ndata: \n\n");
  EXPECT_TRUE(collected.events.empty());
  EXPECT_EQ(collected.parser.lastEventId(), "s1-0");
  EXPECT_EQ(collected.parser.retry(), std::chrono::milliseconds(250));
}

TEST(SseParser, StopsWhenTheHandlerSaysSo) {
  Collected collected;
  EXPECT_FALSE(collected.parser.feed("data: stop\n\ndata: more\n\n"));
  EXPECT_FALSE(collected.parser.feed("data: more\n\n"));
  EXPECT_EQ(collected.events, (Events{"stop"}));
}

TEST(SseParser, UnfinishedEventIsNotGiven) {
  Collected collected;
  collected.parser.feed("data: half");
  EXPECT_TRUE(collected.events.empty());
}

}  // namespace
}  // namespace scanhost::client
