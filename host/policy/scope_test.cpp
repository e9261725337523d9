// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "host/policy/special_blocks.h"

namespace scanhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using List = std::vector<std::string>;

/// Names with fixed addresses; a name may change its answer from one lookup to the next.
class FakeResolver : public Resolver {
 public:
  std::map<std::string, std::vector<List>> answers;
  int lookups = 0;

  Result<std::vector<Address>> resolve(const std::string& name,
                                       std::chrono::milliseconds) override {
    ++lookups;
    const auto found = answers.find(name);
    if (found == answers.end())
      return fail(ErrorClass::target, "host name '" + name + "' cannot be resolved: unknown");
    const List texts = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    std::vector<Address> addresses;
    for (const std::string& text : texts) addresses.push_back(*parseAddress(text));
    return addresses;
  }
};

Scope scopeOf(const List& allow, const List& deny = {}) {
  auto scope = Scope::make(allow, deny);
  EXPECT_TRUE(scope) << scope.error().message;
  return *scope;
}

Decision decide(const Scope& scope, std::string_view targets) {
  FakeResolver resolver;
  const auto entries = parseTargets(targets, {1000, ~0ull});
  EXPECT_TRUE(entries) << entries.error().message;
  return scope.check(*entries, resolver);
}

struct Case {
  List allow;
  List deny;
  const char* target;
  std::string_view rule;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.target << ": " << one.rule;
  for (const std::string& allowed : one.allow) *out << " +" << allowed;
  for (const std::string& refused : one.deny) *out << " -" << refused;
}

class ScopeTable : public ::testing::TestWithParam<Case> {};

TEST_P(ScopeTable, Decides) {
  const Decision decision = decide(scopeOf(GetParam().allow, GetParam().deny), GetParam().target);
  EXPECT_EQ(decision.rule, GetParam().rule) << decision.message;
  EXPECT_EQ(decision.allowed, GetParam().rule == "allowed");
}

constexpr auto yes = policy_rule::allowed;
constexpr auto no = policy_rule::not_allowed;
constexpr auto denied = policy_rule::denied_by_rule;
constexpr auto special = policy_rule::needs_explicit_allow;
constexpr auto nothing = policy_rule::no_allow_list;

const List all{"0.0.0.0/0", "::/0"};
const List ten{"10.0.0.0/8"};

INSTANTIATE_TEST_SUITE_P(
    Plain, ScopeTable,
    ::testing::Values(
        Case{{}, {}, "10.0.0.1", nothing}, Case{{}, {"10.0.0.0/8"}, "10.0.0.1", nothing},
        Case{ten, {}, "10.0.0.1", yes}, Case{ten, {}, "10.0.0.0/8", yes},
        Case{ten, {}, "10.255.255.255", yes}, Case{ten, {}, "11.0.0.0", no},
        Case{ten, {}, "9.255.255.255", no}, Case{ten, {}, "10.0.0.0/7", no},
        Case{ten, {}, "10.255.255.250-11.0.0.5", no}, Case{ten, {}, "9.255.255.255-10.0.0.5", no},
        Case{ten, {}, "0.0.0.0/0", special}, Case{ten, {}, "2001:db8::1", no},
        Case{ten, {}, "10.0.0.1 11.0.0.1", no}, Case{{"10.0.0.5"}, {}, "10.0.0.5", yes},
        Case{{"10.0.0.5"}, {}, "10.0.0.4/31", no}, Case{{"10.0.0.9/24"}, {}, "10.0.0.1", yes},
        Case{{"10.0.0.1-20"}, {}, "10.0.0.20", yes}, Case{{"10.0.0.1-20"}, {}, "10.0.0.21", no},
        Case{{"10.0.0.1-20"}, {}, "10.0.0.20/30", no},
        Case{{"10.0.0.0/25", "10.0.0.128/25"}, {}, "10.0.0.0/24", yes},
        Case{{"10.0.0.0/25", "10.0.0.129-255"}, {}, "10.0.0.0/24", no},
        Case{{"10.0.0.0/24", "10.0.0.128/25", "10.0.0.0/16"}, {}, "10.0.255.0/24", yes},
        Case{{"2001:db8::/32"}, {}, "2001:db8::/112", yes},
        Case{{"2001:db8::/32"}, {}, "2001:db9::1", no}, Case{all, {}, "8.8.8.8", yes},
        Case{all, {}, "2001:db8::1", yes}, Case{{"0.0.0.0/0"}, {}, "2001:db8::1", no},
        Case{{"::/0"}, {}, "8.8.8.8", no}));

INSTANTIATE_TEST_SUITE_P(
    DenyWins, ScopeTable,
    ::testing::Values(
        Case{ten, {"10.0.0.5"}, "10.0.0.5", denied}, Case{ten, {"10.0.0.5"}, "10.0.0.0/24", denied},
        Case{ten, {"10.0.0.5"}, "10.0.0.4", yes}, Case{ten, {"10.0.0.5"}, "10.0.0.1-5", denied},
        Case{ten, {"10.0.0.5"}, "10.0.0.1-4", yes}, Case{ten, {"10.0.0.0/8"}, "10.0.0.1", denied},
        Case{ten, {"0.0.0.0/0"}, "10.0.0.1", denied}, Case{ten, {"::/0"}, "10.0.0.1", yes},
        Case{all, {"::/0"}, "2001:db8::1", denied},
        Case{{"10.0.0.5"}, {"10.0.0.0/24"}, "10.0.0.5", denied},
        Case{ten, {"10.0.0.5", "10.0.0.0/30"}, "10.0.0.3", denied},
        Case{ten, {"10.0.0.9/24"}, "10.0.0.200", denied},
        Case{ten, {"10.0.0.200-10.0.1.10"}, "10.0.1.0/28", denied},
        Case{{"127.0.0.0/8"}, {"127.0.0.1"}, "127.0.0.1", denied},
        Case{ten, {"::ffff:10.0.0.5/128"}, "10.0.0.5", denied},
        Case{ten, {"::ffff:10.0.0.0/120"}, "10.0.0.77", denied}));

INSTANTIATE_TEST_SUITE_P(
    SpecialBlocks, ScopeTable,
    ::testing::Values(
        Case{all, {}, "127.0.0.1", special}, Case{all, {}, "127.255.255.254", special},
        Case{{"127.0.0.0/8"}, {}, "127.0.0.1", yes}, Case{{"127.0.0.1"}, {}, "127.0.0.1", yes},
        Case{{"127.0.0.1"}, {}, "127.0.0.2", special},
        Case{{"126.0.0.0/7"}, {}, "127.0.0.1", special},
        Case{{"0.0.0.0/0", "127.0.0.1"}, {}, "127.0.0.0/30", special},
        Case{{"0.0.0.0/0", "127.0.0.0/8"}, {}, "126.255.255.255-127.0.0.1", yes},
        Case{all, {}, "126.255.255.255-127.0.0.1", special}, Case{all, {}, "::1", special},
        Case{{"::1"}, {}, "::1", yes}, Case{{"::/0", "::/96"}, {}, "::1", special},
        Case{all, {}, "0.0.0.0", special}, Case{all, {}, "0.1.2.3", special},
        Case{all, {}, "::", special}, Case{all, {}, "224.0.0.1", special},
        Case{all, {}, "239.255.255.250", special}, Case{all, {}, "ff02::1", special},
        Case{all, {}, "255.255.255.255", special}, Case{all, {}, "169.254.1.1", special},
        Case{{"169.254.0.0/16"}, {}, "169.254.1.1", yes}, Case{all, {}, "fe80::1", special},
        Case{{"fe80::/10"}, {}, "fe80::1", yes}, Case{all, {}, "169.254.169.254", special},
        Case{{"169.254.0.0/16"}, {}, "169.254.169.254", special},
        Case{{"169.254.0.0/16"}, {}, "169.254.169.0/24", special},
        Case{{"169.254.0.0/16", "169.254.169.254/32"}, {}, "169.254.169.254", yes},
        Case{{"169.254.169.254"}, {}, "169.254.169.254", yes},
        Case{all, {}, "fd00:ec2::254", special},
        Case{{"fd00:ec2::/32"}, {}, "fd00:ec2::254", special},
        Case{{"fd00:ec2::/32"}, {}, "fd00:ec2::253", yes}, Case{all, {}, "168.63.129.16", special},
        Case{all, {}, "168.63.129.17", yes}, Case{all, {}, "168.63.129.0/24", special},
        Case{all, {}, "100.100.100.200", special}, Case{all, {}, "192.0.0.192", special},
        Case{{"192.0.0.192"}, {}, "192.0.0.192", yes}, Case{all, {}, "fd20:ce::254", special},
        Case{all, {}, "::10.0.0.1", special}, Case{all, {}, "2001::1", special},
        Case{all, {}, "64:ff9b:1::1", special}, Case{all, {}, "0.0.0.0/0", special},
        Case{all, {}, "::/0", special}));

INSTANTIATE_TEST_SUITE_P(
    MappedAndTranslated, ScopeTable,
    ::testing::Values(
        Case{ten, {}, "::ffff:10.0.0.1", yes}, Case{ten, {}, "::ffff:11.0.0.1", no},
        Case{all, {}, "::ffff:127.0.0.1", special}, Case{all, {}, "::ffff:7f00:1", special},
        Case{{"127.0.0.0/8"}, {}, "::ffff:127.0.0.1", yes},
        Case{{"::ffff:10.0.0.0/104"}, {}, "10.0.0.1", yes},
        Case{{"::ffff:127.0.0.0/104"}, {}, "127.0.0.1", yes},
        Case{ten, {"10.0.0.5"}, "::ffff:10.0.0.5", denied},
        Case{ten, {"10.0.0.5"}, "::ffff:10.0.0.0/120", denied},
        Case{all, {}, "::ffff:169.254.169.254", special}, Case{ten, {}, "64:ff9b::10.0.0.1", no},
        Case{{"64:ff9b::/96"}, {}, "64:ff9b::10.0.0.1", no},
        Case{{"10.0.0.0/8", "64:ff9b::/96"}, {}, "64:ff9b::10.0.0.1", yes},
        Case{all, {"10.0.0.0/8"}, "64:ff9b::10.0.0.1", denied},
        Case{all, {}, "64:ff9b::127.0.0.1", special},
        Case{all, {}, "64:ff9b::169.254.169.254", special}, Case{all, {}, "64:ff9b::8.8.8.8", yes},
        Case{all, {}, "64:ff9b::7f00:0/112", special},
        Case{all, {"64:ff9b::/96"}, "64:ff9b::8.8.8.8", denied},
        Case{all, {}, "2002:7f00:1::1", special}, Case{all, {}, "2002:a9fe:a9fe::", special},
        Case{all, {"10.0.0.0/8"}, "2002:a00:1::1", denied}, Case{all, {}, "2002:808:808::1", yes},
        Case{{"2002::/16"}, {}, "2002:808:808::1", no},
        Case{{"2002::/16", "8.8.8.0/24"}, {}, "2002:808:808::1", yes}));

TEST(Scope, AllowedTargetsArePinnedEntryByEntry) {
  const Decision decision = decide(scopeOf(ten), "10.0.0.1 10.0.1.7/24 10.0.0.1-4");
  ASSERT_TRUE(decision.allowed) << decision.message;
  ASSERT_EQ(decision.pinned.size(), 3u);
  EXPECT_THAT(decision.pinned[0].addresses, ElementsAre("10.0.0.1"));
  EXPECT_THAT(decision.pinned[1].addresses, ElementsAre("10.0.1.0/24"));
  EXPECT_EQ(decision.pinned[1].given, "10.0.1.7/24");
  EXPECT_THAT(decision.pinned[2].addresses, ElementsAre("10.0.0.1", "10.0.0.2/31", "10.0.0.4"));
  EXPECT_EQ(decision.address_count, 4u + 256u);
}

TEST(Scope, NameIsPinnedToAllItsAddresses) {
  FakeResolver resolver;
  resolver.answers["web.example"] = {{"10.0.0.1", "::ffff:10.0.0.2", "2001:db8::1"}};
  const Decision decision =
      scopeOf({"10.0.0.0/8", "2001:db8::/32"}).check(*parseTargets("Web.Example."), resolver);
  ASSERT_TRUE(decision.allowed) << decision.message;
  EXPECT_EQ(decision.pinned[0].given, "Web.Example.");
  EXPECT_EQ(decision.pinned[0].canonical, "web.example");
  EXPECT_THAT(decision.pinned[0].addresses, ElementsAre("10.0.0.1", "10.0.0.2", "2001:db8::1"));
}

TEST(Scope, OneBadAnswerAmongManyRefusesTheName) {
  for (const char* bad : {"11.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1",
                          "64:ff9b::127.0.0.1", "fe80::1"}) {
    FakeResolver resolver;
    resolver.answers["web.example"] = {{"10.0.0.1", bad, "10.0.0.2"}};
    const Decision decision = scopeOf(ten).check(*parseTargets("web.example"), resolver);
    EXPECT_FALSE(decision.allowed) << bad;
    EXPECT_TRUE(decision.pinned.empty());
    EXPECT_THAT(decision.message, HasSubstr("web.example"));
  }
}

TEST(Scope, EveryCheckResolvesAfresh) {
  FakeResolver resolver;
  resolver.answers["rebind.example"] = {{"10.0.0.1"}, {"127.0.0.1"}};
  const Scope scope = scopeOf(ten);
  const auto targets = *parseTargets("rebind.example");
  EXPECT_TRUE(scope.check(targets, resolver).allowed);
  const Decision launch = scope.check(targets, resolver);
  EXPECT_EQ(launch.rule, policy_rule::needs_explicit_allow);
  EXPECT_EQ(resolver.lookups, 2);
}

TEST(Scope, NameWithoutAnswerIsRefused) {
  const Decision decision = decide(scopeOf(ten), "10.0.0.1 gone.example");
  EXPECT_EQ(decision.rule, policy_rule::name_unresolved);
  EXPECT_THAT(decision.message, HasSubstr("gone.example"));
  EXPECT_EQ(decision.refusals[0].entry, "gone.example");
}

TEST(Scope, NameWithMoreAddressesThanCanBePinnedIsRefused) {
  FakeResolver resolver;
  List many;
  for (int i = 0; i <= 64; ++i) many.push_back("10.0.0." + std::to_string(i));
  resolver.answers["many.example"] = {many};
  resolver.answers["none.example"] = {{}};
  for (const char* name : {"many.example", "none.example"})
    EXPECT_EQ(scopeOf(ten).check(*parseTargets(name), resolver).rule, policy_rule::name_unresolved);
}

TEST(Scope, LookupsShareOneBudget) {
  FakeResolver resolver;
  resolver.answers["web.example"] = {{"10.0.0.1"}};
  const ResolveLimits spent{std::chrono::seconds(5), std::chrono::milliseconds(0)};
  const Decision decision = scopeOf(ten).check(*parseTargets("web.example"), resolver, spent);
  EXPECT_EQ(decision.rule, policy_rule::name_unresolved);
  EXPECT_EQ(resolver.lookups, 0);
}

TEST(Scope, NothingIsResolvedWhenNothingIsAllowed) {
  FakeResolver resolver;
  const Decision decision = scopeOf({}).check(*parseTargets("10.1.0.0/24 web.example"), resolver);
  EXPECT_EQ(resolver.lookups, 0);
  EXPECT_THAT(decision.message, HasSubstr("allow: [\"10.1.0.0/24\"]"));
}

TEST(Scope, NoTargetsAreRefused) {
  FakeResolver resolver;
  EXPECT_EQ(scopeOf(ten).check({}, resolver).rule, policy_rule::target_invalid);
}

TEST(Scope, MessagesNameEntryAndRemedy) {
  EXPECT_THAT(decide(scopeOf(ten), "11.0.0.7/24").message,
              AllOf(HasSubstr("11.0.0.7/24 (11.0.0.0/24)"), HasSubstr("add \"11.0.0.0/24\"")));
  EXPECT_THAT(decide(scopeOf(all), "127.0.0.1").message,
              AllOf(HasSubstr("loopback (127.0.0.0/8)"), HasSubstr("\"127.0.0.1\"")));
  EXPECT_THAT(decide(scopeOf(all, {"10.0.0.9/24"}), "64:ff9b::10.0.0.1").message,
              AllOf(HasSubstr("leads to 10.0.0.1"), HasSubstr("\"10.0.0.9/24\"")));
}

TEST(Scope, RefusalsAreListedUpToABound) {
  std::string targets;
  for (int i = 0; i < 50; ++i) targets += "11.0.0." + std::to_string(i) + ' ';
  const Decision decision = decide(scopeOf(ten), "10.0.0.1 " + targets);
  EXPECT_EQ(decision.refusals.size(), max_refusals);
  EXPECT_EQ(decision.refusals[1].entry, "11.0.0.1");
}

TEST(Scope, RulesThatAreNoNetworksAreConfigurationErrors) {
  for (const char* bad : {"web.example", "10.0.0.0/33", "010.0.0.0/8", "", "fe80::%1/10"}) {
    const auto allow = Scope::make({bad}, {});
    ASSERT_FALSE(allow) << bad;
    EXPECT_EQ(allow.error().error_class, ErrorClass::config);
    EXPECT_THAT(allow.error().message, HasSubstr("policy.targets.allow"));
    EXPECT_THAT(Scope::make({}, {bad}).error().message, HasSubstr("policy.targets.deny"));
  }
}

TEST(Scope, CanonicalTextIsEqualForEqualScopes) {
  EXPECT_EQ(scopeOf({"10.0.0.0/25", "10.0.0.128/25"}).canonicalText(),
            scopeOf({"10.0.0.77/24"}).canonicalText());
  EXPECT_NE(scopeOf(ten).canonicalText(), scopeOf(ten, {"10.0.0.1"}).canonicalText());
  EXPECT_NE(scopeOf({"0.0.0.0/0"}).canonicalText(),
            scopeOf({"0.0.0.0/0", "127.0.0.0/8"}).canonicalText());
}

/// Addresses, networks and ranges near one another and near the special blocks.
std::string randomEntry(std::mt19937& random) {
  static const List roots{"10.0.0.",        "127.0.0.",         "169.254.169.",      "192.0.0.",
                          "::ffff:10.0.0.", "64:ff9b::10.0.0.", "64:ff9b::127.0.0.", "2002:a00:"};
  const std::string& root = roots[random() % roots.size()];
  const std::string text = root + std::to_string(random() % 256) + (root.back() == ':' ? "::" : "");
  const bool v6 = text.find(':') != text.npos;
  if (random() % 3 == 0) return text;
  return text + '/' + std::to_string((v6 ? 96 : 0) + random() % 33);
}

TEST(Scope, AnotherDenyRuleNeverAllowsMore) {
  std::mt19937 random(1201);
  int allowed = 0;
  for (int round = 0; round < 6'000; ++round) {
    List allow{"10.0.0.0/8"}, deny;
    for (int i = 0; i < 4; ++i) allow.push_back(randomEntry(random));
    for (int i = 0; i < 2; ++i)
      if (random() % 2) deny.push_back(randomEntry(random));
    const std::string target = randomEntry(random);
    const auto before = decide(scopeOf(allow, deny), target);
    List more = deny;
    more.push_back(randomEntry(random));
    const auto after = decide(scopeOf(allow, more), target);
    ASSERT_TRUE(before.allowed || !after.allowed) << target << " by denying " << more.back();
    List wider = allow;
    wider.push_back(randomEntry(random));
    const auto widened = decide(scopeOf(wider, deny), target);
    ASSERT_TRUE(widened.allowed || !before.allowed) << target << " by allowing " << wider.back();
    allowed += before.allowed;
  }
  EXPECT_GT(allowed, 300) << "the property must be tried on allowed targets too";
}

TEST(Scope, DecisionAgreesWithBruteForceOverSmallNetworks) {
  std::mt19937 random(77);
  const auto pick = [&random](const char* root) {
    return root + std::to_string(random() % 256) + '/' + std::to_string(24 + random() % 9);
  };
  for (int round = 0; round < 2'000; ++round) {
    const List allow{pick("10.0.0."), pick("10.0.0."), pick("10.0.0.")}, deny{pick("10.0.0.")};
    const std::string target = pick("10.0.0.");
    const auto in = [](const List& list, AddressNumber number) {
      for (const std::string& text : list)
        if (contains(*parseNetwork(text), rangeOf({AddressFamily::v4, number}))) return true;
      return false;
    };
    bool expected = true;
    const AddressRange range = *parseNetwork(target);
    for (AddressNumber n = range.first; n <= range.last; ++n)
      expected = expected && in(allow, n) && !in(deny, n);
    ASSERT_EQ(decide(scopeOf(allow, deny), target).allowed, expected) << target;
  }
}

TEST(SystemResolver, ResolvesLocalhostByTheMachinesRules) {
  SystemResolver resolver;
  const auto addresses = resolver.resolve("localhost", std::chrono::seconds(10));
  ASSERT_TRUE(addresses) << addresses.error().message;
  for (const Address& address : *addresses) {
    const std::string text = formatAddress(address);
    EXPECT_TRUE(text == "127.0.0.1" || text == "::1") << text;
  }
}

TEST(SystemResolver, LookupsPastItsThreadsFailAtOnce) {
  SystemResolver resolver(0);
  const auto addresses = resolver.resolve("localhost", std::chrono::seconds(10));
  ASSERT_FALSE(addresses);
  EXPECT_THAT(addresses.error().message, HasSubstr("too many lookups"));
}

}  // namespace
}  // namespace scanhost
