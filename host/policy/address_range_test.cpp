// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/address_range.h"

#include <gtest/gtest.h>

#include <bitset>
#include <boost/asio/ip/network_v4.hpp>
#include <random>
#include <utility>  // Boost.Asio 1.74 needs it first

namespace scanhost {
namespace {

AddressRange net(std::string_view text) {
  return *parseNetwork(text);
}

/// Base of a /24 in which brute force is cheap.
constexpr AddressNumber base = 0x0A000000;
using Members = std::bitset<256>;

AddressRange randomRange(std::mt19937& random) {
  std::uniform_int_distribution<int> pick(0, 255);
  const int a = pick(random), b = pick(random);
  return {AddressFamily::v4, base + static_cast<unsigned>(std::min(a, b)),
          base + static_cast<unsigned>(std::max(a, b))};
}

Members membersOf(const AddressRange& range) {
  Members members;
  for (AddressNumber n = range.first; n <= range.last; ++n)
    members.set(static_cast<std::size_t>(n - base));
  return members;
}

TEST(AddressSet, OverlapsWhateverSharesAnAddressWithIt) {
  const AddressSet set({net("10.0.0.0/30"), net("10.0.1.0/30")});
  for (const char* inside : {"10.0.0.0/32", "10.0.0.3/32", "10.0.1.2/31", "10.0.0.0/8"})
    EXPECT_TRUE(set.overlaps(net(inside))) << inside;
  for (const char* outside : {"9.255.255.255/32", "10.0.0.4/32", "10.0.0.128/25", "::a00:0/128"})
    EXPECT_FALSE(set.overlaps(net(outside))) << outside;
  EXPECT_FALSE(AddressSet().overlaps(net("0.0.0.0/0")));
}

TEST(AddressRange, AgreesWithBruteForceOverRandomRanges) {
  std::mt19937 random(20251201);
  for (int round = 0; round < 20'000; ++round) {
    const AddressRange a = randomRange(random), b = randomRange(random);
    const Members in_a = membersOf(a), in_b = membersOf(b);
    ASSERT_EQ(contains(a, b), (in_b & ~in_a).none()) << formatRange(a) << ' ' << formatRange(b);
    ASSERT_EQ(overlaps(a, b), (in_a & in_b).any()) << formatRange(a) << ' ' << formatRange(b);
    const auto common = intersection(a, b);
    ASSERT_EQ(common ? membersOf(*common) : Members(), in_a & in_b);
    ASSERT_EQ(addressCount(a), in_a.count());
  }
}

TEST(AddressRange, SetAgreesWithBruteForce) {
  std::mt19937 random(42);
  for (int round = 0; round < 5'000; ++round) {
    std::vector<AddressRange> ranges;
    Members in_set;
    for (int i = 0; i < 5; ++i) {
      AddressRange range = randomRange(random);
      range.last = std::min(range.last, range.first + 40);
      ranges.push_back(range);
      in_set |= membersOf(range);
    }
    const AddressSet set(ranges);
    const AddressRange asked = randomRange(random);
    const Members outside = membersOf(asked) & ~in_set;
    ASSERT_EQ(set.covers(asked), outside.none());
    ASSERT_EQ(set.count(), in_set.count());
    const auto first = set.firstOutside(asked);
    ASSERT_EQ(first ? static_cast<std::size_t>(first->number - base) : outside.size(),
              outside._Find_first());
  }
}

TEST(AddressRange, NetworksOfARangeMakeItUpExactly) {
  std::mt19937 random(7);
  for (int round = 0; round < 5'000; ++round) {
    const AddressRange range = randomRange(random);
    Members seen;
    for (const std::string& text : networksOf(range)) {
      const AddressRange part =
          text.find('/') == text.npos ? rangeOf(*parseAddress(text)) : net(text);
      ASSERT_TRUE((seen & membersOf(part)).none()) << "networks overlap: " << text;
      seen |= membersOf(part);
    }
    ASSERT_EQ(seen, membersOf(range)) << formatRange(range);
  }
}

TEST(AddressRange, NetworksAgreeWithBoostOverEveryPrefixLength) {
  std::mt19937 random(99);
  for (int round = 0; round < 5'000; ++round) {
    const auto bits = static_cast<std::uint32_t>(random());
    const auto length = static_cast<unsigned short>(random() % 33);
    const boost::asio::ip::network_v4 expected(boost::asio::ip::address_v4(bits), length);
    const std::string text =
        expected.address().to_string() + '/' + std::to_string(expected.prefix_length());
    const AddressRange range = net(text);
    ASSERT_EQ(range.first, expected.network().to_uint()) << text;
    ASSERT_EQ(range.last, expected.broadcast().to_uint()) << text;
  }
}

TEST(AddressRange, TextReadsBackAsTheSameAddress) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 5'000; ++round) {
    AddressNumber number = AddressNumber{random()} << 64 | random();
    if (round % 2) number &= AddressNumber{random()} << 64 | random();
    const Address address{AddressFamily::v6, number};
    ASSERT_EQ(parseAddress(formatAddress(address)), unmapped(address)) << formatAddress(address);
  }
}

TEST(AddressRange, WholeFamiliesAreNetworksToo) {
  EXPECT_EQ(formatRange(net("0.0.0.0/0")), "0.0.0.0/0");
  EXPECT_EQ(formatRange(net("::/0")), "::/0");
  EXPECT_EQ(networksOf(net("::/0")), std::vector<std::string>{"::/0"});
  EXPECT_TRUE(contains(net("::/0"), net("ffff::/16")));
  EXPECT_FALSE(overlaps(net("::/0"), net("0.0.0.0/0")));
}

TEST(AddressRange, MappedNetworksAreIpv4) {
  EXPECT_EQ(net("::ffff:10.0.0.0/104"), net("10.0.0.0/8"));
  EXPECT_EQ(unmapped(AddressRange{AddressFamily::v6, 0, (AddressNumber{0xFFFF} << 32) + 5}),
            std::nullopt);
}

TEST(AddressRange, GatewayAddressesCarryIpv4) {
  EXPECT_EQ(embeddedIpv4(rangeOf(*parseAddress("64:ff9b::10.1.2.3"))),
            std::vector{rangeOf(*parseAddress("10.1.2.3"))});
  EXPECT_EQ(embeddedIpv4(rangeOf(*parseAddress("2002:a01:203::1"))),
            std::vector{rangeOf(*parseAddress("10.1.2.3"))});
  EXPECT_EQ(embeddedIpv4(net("2002:a01:200::/40")), std::vector{net("10.1.2.0/24")});
  EXPECT_EQ(embeddedIpv4(net("64:ff9b::/96")), std::vector{net("0.0.0.0/0")});
  EXPECT_EQ(embeddedIpv4(net("::/0")).size(), 3u);
  EXPECT_EQ(embeddedIpv4(net("::fffe:0:0/95")), std::vector{net("0.0.0.0/0")});
  EXPECT_TRUE(embeddedIpv4(net("2001:db8::/32")).empty());
}

TEST(AddressRange, AdjacentRangesMergeUpToTheLastAddress) {
  const AddressSet set({net("ffff:8000::/17"), net("ffff::/17"), net("255.0.0.0/8")});
  EXPECT_EQ(set.ranges().size(), 2u);
  EXPECT_TRUE(set.covers(net("ffff::/16")));
  EXPECT_TRUE(set.covers(net("255.255.0.0/16")));
  EXPECT_FALSE(set.covers(net("fffe::/15")));
}

}  // namespace
}  // namespace scanhost
