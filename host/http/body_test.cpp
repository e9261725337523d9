// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Bodies by length and in chunks, whole, in pieces, and malformed.
#include "host/http/body.h"

#include <gtest/gtest.h>

#include <array>

namespace scanhost::http {
namespace {

RequestHead chunkedHead() {
  RequestHead head;
  head.chunked = true;
  return head;
}

struct Outcome {
  std::string body, rest;
  bool done = false;
  int error = 0;
};

/// Feeds `wire` in pieces of `step` bytes.
Outcome decode(const RequestHead& head, std::string_view wire, std::size_t step) {
  BodyDecoder decoder(head);
  Outcome outcome;
  std::string pending;
  std::array<char, 7> buffer;
  for (std::size_t at = 0; at < wire.size() || !pending.empty();) {
    pending.append(wire.substr(at, step));
    at = std::min(wire.size(), at + step);
    std::string_view input(pending);
    for (;;) {
      const auto taken = decoder.take(input, buffer);
      if (!taken) {
        outcome.error = taken.error().status;
        return outcome;
      }
      if (*taken == 0) break;
      outcome.body.append(buffer.data(), *taken);
    }
    pending.erase(0, pending.size() - input.size());
    if (at == wire.size()) break;
  }
  outcome.rest = pending;
  outcome.done = decoder.done();
  return outcome;
}

TEST(BodyDecoder, WithoutABodyIsDoneAtOnce) {
  EXPECT_TRUE(BodyDecoder(RequestHead{}).done());
}

TEST(BodyDecoder, LengthEndsWhereItSays) {
  RequestHead head;
  head.content_length = 10;
  for (const std::size_t step : {1u, 3u, 100u}) {
    const Outcome outcome = decode(head, "0123456789GET /", step);
    EXPECT_EQ(outcome.body, "0123456789");
    EXPECT_EQ(outcome.rest, "GET /");
    EXPECT_TRUE(outcome.done);
  }
}

TEST(BodyDecoder, ChunksComeTogetherHoweverCut) {
  const std::string wire = "5\r\nhello\r\nA;ext=\"x\"\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\nnext";
  for (const std::size_t step : {1u, 2u, 5u, 1000u}) {
    const Outcome outcome = decode(chunkedHead(), wire, step);
    EXPECT_EQ(outcome.error, 0);
    EXPECT_EQ(outcome.body, "hello, world!!!");
    EXPECT_EQ(outcome.rest, "next");
    EXPECT_TRUE(outcome.done);
  }
}

TEST(BodyDecoder, MalformedChunksAreRefused) {
  for (const std::string& wire :
       {std::string("x\r\n"), std::string("-1\r\n"), std::string("\r\n"), std::string("5\nhello"),
        std::string("1\r\nab\r\n"), std::string("fffffffffffffffff\r\n"),
        std::string("0x5\r\nhello"), std::string("5 5\r\0\n", 6), std::string(300, '1'),
        "1;" + std::string(300, 'e') + "\r\n", "0\r\n" + std::string(9000, 't')})
    EXPECT_EQ(decode(chunkedHead(), wire, 1000).error, 400) << wire.substr(0, 20);
}

TEST(BodyDecoder, TrailersAreBoundedAltogether) {
  std::string wire = "0\r\n";
  for (int i = 0; i < 1000; ++i) wire += "Trailer-" + std::to_string(i) + ": value\r\n";
  EXPECT_EQ(decode(chunkedHead(), wire + "\r\n", 100).error, 400);
}

TEST(BodyDecoder, DrainSaysWhetherTheBodyEnded) {
  RequestHead head;
  head.content_length = 5;
  BodyDecoder decoder(head);
  std::string_view part = "abc";
  EXPECT_FALSE(decoder.drain(part));
  std::string_view rest = "deGET";
  EXPECT_TRUE(decoder.drain(rest));
  EXPECT_EQ(rest, "GET");
}

}  // namespace
}  // namespace scanhost::http
