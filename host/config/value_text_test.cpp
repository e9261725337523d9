// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/value_text.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(ValueText, SizesCarryTheirUnit) {
  EXPECT_EQ(parseSize("512B"), 512u);
  EXPECT_EQ(parseSize("64KiB"), 65536u);
  EXPECT_EQ(parseSize("32MiB"), 33554432u);
  EXPECT_EQ(formatSize(33554432), "32MiB");
  EXPECT_EQ(formatSize(1025), "1025B");
  for (const char* bad : {"", "1", "MiB", "-1MiB", "1.5MiB", "1 MiB", "1MB", "99999999999999TiB"})
    EXPECT_FALSE(parseSize(bad)) << bad;
}

TEST(ValueText, ListenAddressesAreLiteral) {
  EXPECT_EQ(parseListenAddress("127.0.0.1:8835"), (ListenAddress{"127.0.0.1", 8835}));
  EXPECT_EQ(parseListenAddress("[::1]:0"), (ListenAddress{"::1", 0}));
  EXPECT_EQ(parseListenAddress("localhost:80"), (ListenAddress{"localhost", 80}));
  EXPECT_EQ((ListenAddress{"::1", 80}).text(), "[::1]:80");
  for (const char* bad : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "::1:80", "[127.0.0.1]:80", "example.net:80", "*:80", "010.0.0.1:80"})
    EXPECT_FALSE(parseListenAddress(bad)) << bad;
}

TEST(ValueText, LoopbackIsRecognised) {
  EXPECT_TRUE((ListenAddress{"127.8.0.1", 1}).isLoopback());
  EXPECT_TRUE((ListenAddress{"::1", 1}).isLoopback());
  EXPECT_TRUE((ListenAddress{"0:0:0:0:0:0:0:1", 1}).isLoopback());
  EXPECT_TRUE((ListenAddress{"localhost", 1}).isLoopback());
  EXPECT_FALSE((ListenAddress{"0.0.0.0", 1}).isLoopback());
  EXPECT_FALSE((ListenAddress{"::", 1}).isLoopback());
  EXPECT_FALSE((ListenAddress{"::ffff:10.0.0.1", 1}).isLoopback());
}

TEST(ValueText, NetworksMayHaveHostBits) {
  for (const char* good : {"10.0.0.0/8", "10.1.2.3/8", "10.1.2.3", "::/0", "2001:db8::1/128"})
    EXPECT_TRUE(isNetwork(good)) << good;
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::/129", "10.0.0.0/-1",
                          "10.0.0.0/8/8", "host", "10.0.0.1-20"})
    EXPECT_FALSE(isNetwork(bad)) << bad;
}

TEST(ValueText, NamesAreShortAndPlain) {
  EXPECT_TRUE(isName("scanner-1.a_b"));
  EXPECT_TRUE(isName(std::string(64, 'a')));
  for (const std::string bad : {"", "-a", "A", "a b", "a/b", "..", "a\n"})
    EXPECT_FALSE(isName(bad)) << bad;
  EXPECT_FALSE(isName(std::string(65, 'a')));
}

TEST(ValueText, HostileValuesAreEscapedAndCutInMessages) {
  EXPECT_EQ(quotedForMessage("a\x1b[31m\n"), "\"a\\u001b[31m\\n\"");
  EXPECT_LT(quotedForMessage(std::string(5000, 'x')).size(), 100u);
}

TEST(ValueText, CommaListsDropEmptyParts) {
  EXPECT_EQ(splitCommas(" a, b ,,c,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(splitCommas("").empty());
}

}  // namespace
}  // namespace scanhost
