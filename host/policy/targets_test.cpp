// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/readable.h"

namespace scanhost {
namespace {

using ::testing::HasSubstr;
using testing_support::readable;

struct Accepted {
  const char* text;
  TargetKind kind;
  const char* canonical;
};

void PrintTo(const Accepted& accepted, std::ostream* out) {
  *out << accepted.text;
}

class AcceptedTarget : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedTarget, IsReadAsMeant) {
  const auto entry = parseTargetEntry(GetParam().text);
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->kind, GetParam().kind);
  EXPECT_EQ(entry->canonical, GetParam().canonical);
  EXPECT_EQ(entry->given, GetParam().text);
}

constexpr auto is_address = TargetKind::address;
constexpr auto is_network = TargetKind::network;
constexpr auto is_range = TargetKind::range;
constexpr auto is_name = TargetKind::name;

INSTANTIATE_TEST_SUITE_P(
    Table, AcceptedTarget,
    ::testing::Values(
        Accepted{"10.0.0.1", is_address, "10.0.0.1"}, Accepted{"0.0.0.0", is_address, "0.0.0.0"},
        Accepted{"255.255.255.255", is_address, "255.255.255.255"},
        Accepted{"2001:DB8::A", is_address, "2001:db8::a"},
        Accepted{"2001:db8:0:0:0:0:0:1", is_address, "2001:db8::1"},
        Accepted{"::", is_address, "::"}, Accepted{"::ffff:10.0.0.1", is_address, "10.0.0.1"},
        Accepted{"::ffff:a00:1", is_address, "10.0.0.1"},
        Accepted{"0:0:0:0:0:FFFF:10.0.0.1", is_address, "10.0.0.1"},
        Accepted{"64:ff9b::10.0.0.1", is_address, "64:ff9b::a00:1"},
        Accepted{"10.0.0.0/24", is_network, "10.0.0.0/24"},
        Accepted{"10.0.0.77/24", is_network, "10.0.0.0/24"},
        Accepted{"10.0.0.1/32", is_network, "10.0.0.1"},
        Accepted{"1.2.3.4/0", is_network, "0.0.0.0/0"},
        Accepted{"2001:db8::1/120", is_network, "2001:db8::/120"},
        Accepted{"::/0", is_network, "::/0"},
        Accepted{"::ffff:10.0.0.9/120", is_network, "10.0.0.0/24"},
        Accepted{"::ffff:10.0.0.9/96", is_network, "0.0.0.0/0"},
        Accepted{"::ffff:0:0/95", is_network, "::fffe:0:0/95"},
        Accepted{"10.0.0.1-20", is_range, "10.0.0.1-10.0.0.20"},
        Accepted{"10.0.0.0-255", is_range, "10.0.0.0/24"},
        Accepted{"10.0.0.5-5", is_range, "10.0.0.5"},
        Accepted{"10.0.0.250-10.0.1.5", is_range, "10.0.0.250-10.0.1.5"},
        Accepted{"2001:db8::1-2001:db8::ff", is_range, "2001:db8::1-2001:db8::ff"},
        Accepted{"::ffff:10.0.0.1-10.0.0.3", is_range, "10.0.0.1-10.0.0.3"},
        Accepted{"web.example.com", is_name, "web.example.com"},
        Accepted{"WEB.Example.COM.", is_name, "web.example.com"},
        Accepted{"web-1", is_name, "web-1"},
        Accepted{"10-0-0-1.example.com", is_name, "10-0-0-1.example.com"},
        Accepted{"a-b.c-d", is_name, "a-b.c-d"}, Accepted{"win_host", is_name, "win_host"},
        Accepted{"3com.com", is_name, "3com.com"},
        Accepted{"0x7f.example", is_name, "0x7f.example"},
        Accepted{"xn--mnchen-3ya.example", is_name, "xn--mnchen-3ya.example"},
        Accepted{"localhost", is_name, "localhost"}, Accepted{"abc", is_name, "abc"}));

struct Refused {
  const char* text;
  const char* why;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << '"' << readable(refused.text) << '"';
}

class RefusedTarget : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedTarget, SaysWhyAndNamesTheEntry) {
  const auto entry = parseTargetEntry(GetParam().text);
  ASSERT_FALSE(entry) << entry->canonical;
  EXPECT_EQ(entry.error().error_class, ErrorClass::target);
  EXPECT_THAT(entry.error().message, HasSubstr("target \""));
  EXPECT_THAT(entry.error().message, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedTarget,
    ::testing::Values(
        Refused{"", "empty"}, Refused{"0x7f.1", "four decimal numbers"},
        Refused{"127.1", "four decimal numbers"}, Refused{"2130706433", "four decimal numbers"},
        Refused{"0x7f000001", "four decimal numbers"}, Refused{"0X7F000001", "four decimal"},
        Refused{"0x", "four decimal numbers"}, Refused{"017700000001", "four decimal numbers"},
        Refused{"010.0.0.1", "without leading zeros"}, Refused{"10.0.0.01", "leading zeros"},
        Refused{"10.0.0.256", "0 to 255"}, Refused{"10.0.0", "four decimal numbers"},
        Refused{"1.2.3.4.5", "four decimal numbers"}, Refused{"10.0.0.1.", "four decimal numbers"},
        Refused{"example.0x1f", "four decimal numbers"}, Refused{"example.1", "four decimal"},
        Refused{"10.0-5.0.1", "four decimal numbers"}, Refused{"10.0.0.*", "'*' has no place"},
        Refused{"10.0.0.1,2", "',' has no place"}, Refused{"fe80::1%eth0", "zone ids"},
        Refused{"fe80::1%25eth0", "zone ids"}, Refused{"::1%1/128", "zone ids"},
        Refused{"m\xC3\xBCnchen.example", "punycode"}, Refused{"ex\xD0\xB0mple.com", "punycode"},
        Refused{"\xEF\xBC\x91\xEF\xBC\x90", "punycode"}, Refused{"\xFF\xFE", "punycode"},
        Refused{"-iL", "begin with a dash"}, Refused{"--script=x", "begin with a dash"},
        Refused{"-", "begin with a dash"}, Refused{"a\x1b[31m", "control characters"},
        Refused{"http://web.example", "URL"}, Refused{"[::1]", "without brackets"},
        Refused{"[::1]:80", "without brackets"}, Refused{"10.0.0.1:80", "':' has no place"},
        Refused{"web:443", "':' has no place"}, Refused{"web.example/24", "plain address"},
        Refused{"host/24", "plain address"}, Refused{"127.1/8", "plain address"},
        Refused{"0x7f.0.0.1/8", "plain address"}, Refused{"10.0.0.0/33", "prefix length"},
        Refused{"10.0.0.0/-1", "prefix length"}, Refused{"10.0.0.0/024", "prefix length"},
        Refused{"10.0.0.0/+8", "prefix length"}, Refused{"10.0.0.0/", "prefix length"},
        Refused{"10.0.0.0/8/8", "prefix length"}, Refused{"10.0.0.0/255.0.0.0", "prefix length"},
        Refused{"10.0.0.0/0x8", "prefix length"}, Refused{"::/129", "prefix length"},
        Refused{"10.0.0.1-10.0.0.5/24", "plain address"},
        Refused{"10.0.0.5-1", "ends before it begins"},
        Refused{"10.0.1.0-10.0.0.255", "ends before it begins"},
        Refused{"10.0.0.1-256", "end of a range"}, Refused{"10.0.0.1-020", "end of a range"},
        Refused{"10.0.0.1-", "end of a range"}, Refused{"10.0.0.1-0x5", "end of a range"},
        Refused{"10.0.0.1-5-9", "end of a range"}, Refused{"10.0.0.1-1.5", "end of a range"},
        Refused{"2001:db8::1-ff", "end of a range"}, Refused{"10.0.0.1-::5", "one family"},
        Refused{"::fffe:ffff:ffff-::ffff:0:1", "one family"}, Refused{"a..b", "empty part"},
        Refused{"web.example..", "empty part"}, Refused{".", "empty part"},
        Refused{".example", "empty part"}, Refused{"web-.example", "dash"},
        Refused{"web.-x", "dash"}, Refused{"web;id", "';' has no place"},
        Refused{"$(id)", "'$' has no place"}, Refused{"a|b", "'|' has no place"},
        Refused{"a@b", "'@' has no place"}, Refused{"a\\b", "no place"}));

TEST(Targets, ListMayUseCommasSpacesAndNewlines) {
  const auto entries = parseTargets(" 10.0.0.1,10.0.0.2 ,\n\tweb.example\r\n10.0.1.0/24,, ");
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 4u);
  EXPECT_EQ((*entries)[2].canonical, "web.example");
  EXPECT_EQ(addressCount(*entries), 2u + 1u + 256u);
}

TEST(Targets, EmptyListIsRefused) {
  for (const char* text : {"", " ", ",,\n"}) EXPECT_FALSE(parseTargets(text)) << text;
}

TEST(Targets, ErrorNamesTheBadEntryOfALongList) {
  const auto entries = parseTargets("10.0.0.1 10.0.0.2 010.0.0.1 10.0.0.3");
  ASSERT_FALSE(entries);
  EXPECT_THAT(entries.error().message, HasSubstr("\"010.0.0.1\""));
}

TEST(Targets, EchoOfABadEntryIsEscapedAndCut) {
  const auto entry = parseTargetEntry("\x1b]0;" + std::string(5000, 'x'));
  ASSERT_FALSE(entry);
  EXPECT_LT(entry.error().message.size(), 250u);
  EXPECT_EQ(entry.error().message.find('\x1b'), std::string::npos);
}

TEST(Targets, NulBytesAreRefused) {
  EXPECT_FALSE(parseTargetEntry(std::string_view("10.0.0.1\0", 9)));
  EXPECT_FALSE(parseTargetEntry(std::string_view("web\0.example", 12)));
}

TEST(Targets, NamesAndLabelsHaveTheirLengths) {
  const std::string label(63, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  EXPECT_TRUE(parseTargetEntry(longest));
  EXPECT_TRUE(parseTargetEntry(longest + '.'));
  EXPECT_FALSE(parseTargetEntry(longest + 'b'));
  EXPECT_FALSE(parseTargetEntry(std::string(64, 'a')));
}

TEST(Targets, ThousandEntriesPassAndOneMoreDoesNot) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250) + ' ';
  EXPECT_TRUE(parseTargets(text));
  const auto more = parseTargets(text + "10.9.9.9");
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, HasSubstr("10.9.9.9"));
  EXPECT_THAT(more.error().message, HasSubstr("1000"));
}

TEST(Targets, SixtyFiveThousandAddressesPassAndOneMoreDoesNot) {
  EXPECT_TRUE(parseTargets("10.0.0.0/16"));
  EXPECT_TRUE(parseTargets("10.0.0.0/16 10.0.7.7 10.0.0.0-10.0.255.255")) << "named twice";
  EXPECT_TRUE(parseTargets("2001:db8::/112"));
  const auto more = parseTargets("10.1.0.0 10.0.0.0/16");
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, HasSubstr("\"10.0.0.0/16\""));
  EXPECT_THAT(more.error().message, HasSubstr("65537"));
  EXPECT_FALSE(parseTargets("10.0.0.0/16 web.example"));
}

TEST(Targets, HugeIpv6NetworksDoNotOverflowTheCount) {
  for (const char* text : {"::/0", "2001:db8::/64", "2001:db8::/63", "2001:db8::/32",
                           "::/0 ::/0 8000::/1", "::-ffff::", "0.0.0.0/0 ::/0"})
    EXPECT_FALSE(parseTargets(text)) << text;
  EXPECT_EQ(addressCount(parseTargetEntry("2001:db8::/64")->range), ~0ull);
  EXPECT_EQ(addressCount(parseTargetEntry("2001:db8::/65")->range), 1ull << 63);
}

struct FilterCase {
  const char* targets;
  const char* filter;
  bool matches;
};

void PrintTo(const FilterCase& one, std::ostream* out) {
  *out << one.filter << (one.matches ? " selects " : " does not select ") << one.targets;
}

class TargetFilter : public ::testing::TestWithParam<FilterCase> {};

TEST_P(TargetFilter, SelectsByOverlapOrName) {
  const auto entries = parseTargets(GetParam().targets, {1000, ~0ull});
  const auto filter = parseTargetEntry(GetParam().filter);
  ASSERT_TRUE(entries && filter);
  EXPECT_EQ(targetsMatch(*entries, *filter), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Table, TargetFilter,
                         ::testing::Values(FilterCase{"10.0.0.0/24", "10.0.0.7", true},
                                           FilterCase{"10.0.0.7", "10.0.0.0/24", true},
                                           FilterCase{"10.0.0.0/25", "10.0.0.100-200", true},
                                           FilterCase{"10.0.0.0/25", "10.0.0.128-200", false},
                                           FilterCase{"10.0.0.1", "10.0.0.10", false},
                                           FilterCase{"10.0.0.1 Web.Example", "WEB.example.", true},
                                           FilterCase{"web.example", "web.example.com", false},
                                           FilterCase{"10.0.0.1", "web.example", false},
                                           FilterCase{"10.0.0.1", "0.0.0.0/0", true},
                                           FilterCase{"10.0.0.1", "::/0", false},
                                           FilterCase{"::ffff:10.0.0.1", "10.0.0.1", true},
                                           FilterCase{"2001:db8::/64", "2001:db8::1", true}));

}  // namespace
}  // namespace scanhost
