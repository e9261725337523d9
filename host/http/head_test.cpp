// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What passes as the head of a request, and with which number the rest is refused.
#include "host/http/head.h"

#include <gtest/gtest.h>

namespace scanhost::http {
namespace {

Parsed<RequestHead> readHead(const std::string& text, const Limits& limits = {}) {
  std::size_t scanned = 0;
  const auto end = findHeadEnd(text, scanned, limits);
  if (!end) return tl::unexpected(end.error());
  if (*end == 0) return tl::unexpected(HttpError{0, "incomplete"});
  return parseHead(std::string_view(text).substr(0, *end), limits);
}

int refusal(const std::string& text, const Limits& limits = {}) {
  const auto head = readHead(text, limits);
  return head ? 200 : head.error().status;
}

std::string withHeaders(const std::string& headers) {
  return "POST /mcp HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

TEST(RequestHead, OrdinaryRequestIsRead) {
  const auto head = readHead(
      "POST /a%20b/./c?x=1&y=%2F HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 12\r\nX-A:\t v "
      "\r\n\r\nbody");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/a b/c");
  EXPECT_EQ(head->query, "x=1&y=%2F");
  EXPECT_EQ(head->content_length, 12u);
  EXPECT_EQ(head->header("x-a"), "v");
  EXPECT_FALSE(head->header("x-b"));
  EXPECT_TRUE(head->keep_alive);
}

TEST(RequestHead, ArrivesInAnyPieces) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::size_t scanned = 0;
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(findHeadEnd(std::string_view(text).substr(0, size), scanned, {}).value(), 0u) << size;
  EXPECT_EQ(findHeadEnd(text, scanned, {}).value(), text.size());
}

TEST(RequestHead, KeepAliveFollowsVersionAndConnection) {
  EXPECT_FALSE(readHead("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_FALSE(readHead(withHeaders("Connection: Keep-Alive, CLOSE\r\n"))->keep_alive);
  EXPECT_TRUE(readHead(withHeaders("Connection: keep-alive\r\n"))->keep_alive);
}

TEST(RequestHead, AmbiguousLengthsAreRefused) {
  EXPECT_EQ(refusal(withHeaders("Content-Length: 1\r\nContent-Length: 1\r\n")), 400);
  EXPECT_EQ(refusal(withHeaders("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(refusal(withHeaders("Content-Length: 1, 1\r\n")), 400);
  EXPECT_EQ(refusal(withHeaders("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal(withHeaders("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
            400);
  EXPECT_EQ(refusal(withHeaders("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(refusal(withHeaders("Transfer-Encoding: xchunked\r\n")), 501);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  for (const char* length : {"-1", "+1", "0x1", "1a", "", "99999999999999999999", "1 1"})
    EXPECT_EQ(refusal(withHeaders(std::string("Content-Length: ") + length + "\r\n")), 400)
        << length;
}

TEST(RequestHead, LenientSyntaxIsRefused) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n"), 400) << "bare LF";
  EXPECT_EQ(refusal(withHeaders("X: a\nY: b\r\n")), 400) << "bare LF inside";
  EXPECT_EQ(refusal(withHeaders("X: a\rY: b\r\n")), 400) << "bare CR";
  EXPECT_EQ(refusal(withHeaders("X: a\r\n folded\r\n")), 400) << "folded line";
  EXPECT_EQ(refusal(withHeaders("Content-Length : 1\r\n")), 400) << "space before colon";
  EXPECT_EQ(refusal(withHeaders(": a\r\n")), 400) << "no name";
  EXPECT_EQ(refusal(withHeaders("no colon\r\n")), 400);
  EXPECT_EQ(refusal(withHeaders(std::string("X: a\0b\r\n", 8))), 400) << "NUL";
  EXPECT_EQ(refusal(withHeaders("X: a\x01\r\n")), 400) << "control character";
  EXPECT_EQ(refusal(withHeaders("X: a\x7f\r\n")), 400) << "DEL";
  EXPECT_EQ(refusal("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400) << "two spaces";
  EXPECT_EQ(refusal("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal(" / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestHead, HostMustBeThereOnce) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET http://A/x HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST(RequestHead, BadTargetsAreRefused) {
  for (const char* target :
       {"x", "*", "/%", "/%4", "/%zz", "/%00", "/a%2fb", "/a%5cb", "/a\\b", "/..", "/a/../../b",
        "/%2e%2e/x", "/#f", "/\x80", "/%ff", "/%0d%0a", "http://", "ftp://a/"})
    EXPECT_EQ(refusal(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), 400)
        << target;
}

TEST(RequestHead, OversizeIsRefusedByOneByte) {
  Limits limits;
  limits.target_bytes = 10;
  EXPECT_EQ(refusal("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", limits), 200);
  EXPECT_EQ(refusal("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414);
  limits = {};
  limits.header_fields = 2;
  EXPECT_EQ(refusal(withHeaders("A: 1\r\n"), limits), 200);
  EXPECT_EQ(refusal(withHeaders("A: 1\r\nB: 2\r\n"), limits), 431);
  limits = {};
  limits.head_bytes = 100;
  EXPECT_EQ(refusal(withHeaders("A: " + std::string(100, 'x') + "\r\n"), limits), 431);
}

TEST(RequestHead, OtherVersionsAndExpectationsAreRefused) {
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal("GET / JUNK\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal(withHeaders("Expect: 200-ok\r\n")), 417);
}

TEST(NormalisePath, ResolvesDotsAndEmptySegments) {
  EXPECT_EQ(normalisePath("/").value(), "/");
  EXPECT_EQ(normalisePath("//a///b/").value(), "/a/b/");
  EXPECT_EQ(normalisePath("/a/b/../c").value(), "/a/c");
  EXPECT_EQ(normalisePath("/a/%2e/b").value(), "/a/b");
  EXPECT_EQ(normalisePath("/a/..").value(), "/");
  EXPECT_EQ(normalisePath("/%C3%A9").value(), "/\xC3\xA9");
}

}  // namespace
}  // namespace scanhost::http
