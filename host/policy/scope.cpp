// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/scope.h"

#include <algorithm>

#include "host/policy/special_blocks.h"

namespace scanhost {
namespace {

using Clock = std::chrono::steady_clock;

/// Time for lookups, shared by all names of one check.
class LookupBudget {
 public:
  explicit LookupBudget(const ResolveLimits& limits)
      : one_name_(limits.one_name), end_(Clock::now() + limits.all_names) {}

  std::chrono::milliseconds next() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    return std::clamp(left, std::chrono::milliseconds(0), one_name_);
  }

 private:
  std::chrono::milliseconds one_name_;
  Clock::time_point end_;
};

std::string inQuotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

Refusal refusal(std::string_view rule, std::string_view entry, std::string message) {
  return {std::string(rule), std::string(entry), std::move(message)};
}

/// What to write into `allow` for the targets at hand: their networks, or a pattern for names.
std::string suggestedAllow(const std::vector<TargetEntry>& targets) {
  constexpr std::size_t most = 8;
  std::string list;
  std::size_t count = 0;
  for (const TargetEntry& target : targets) {
    if (target.kind == TargetKind::name) continue;
    for (const std::string& network : networksOf(target.range)) {
      if (++count > most) return list;
      list += (list.empty() ? "" : ", ") + inQuotes(network);
    }
  }
  return list.empty() ? inQuotes("192.0.2.0/24") : list;
}

Refusal nothingAllowed(const std::vector<TargetEntry>& targets) {
  return refusal(policy_rule::no_allow_list, {},
                 "policy.targets.allow is empty, so nothing may be scanned; add to the "
                 "configuration: policy: {targets: {allow: [" +
                     suggestedAllow(targets) + "]}}");
}

/// The ranges that one target stands for, or why they cannot be known.
Result<std::vector<AddressRange>> rangesOf(const TargetEntry& target, Resolver& resolver,
                                           const LookupBudget& budget) {
  if (target.kind != TargetKind::name) return std::vector{target.range};
  const auto timeout = budget.next();
  if (timeout.count() == 0)
    return fail(ErrorClass::target,
                "host name '" + target.canonical +
                    "' was not resolved: looking up the names of this request took too long; name "
                    "fewer or write addresses",
                ErrorSubject::target);
  auto addresses = resolver.resolve(target.canonical, timeout);
  if (!addresses) return tl::unexpected(addresses.error());
  if (addresses->empty() || addresses->size() > max_resolved_addresses)
    return fail(ErrorClass::target,
                "host name '" + target.canonical + "' has " + std::to_string(addresses->size()) +
                    " addresses; 1 to " + std::to_string(max_resolved_addresses) + " can be pinned",
                ErrorSubject::target);
  std::vector<AddressRange> ranges;
  for (const Address& address : *addresses) ranges.push_back(rangeOf(unmapped(address)));
  return ranges;
}

PinnedTarget pin(const TargetEntry& target, const std::vector<AddressRange>& ranges) {
  PinnedTarget pinned{target.kind, target.given, target.canonical, {}};
  for (const AddressRange& range : ranges)
    for (std::string& network : networksOf(range)) pinned.addresses.push_back(std::move(network));
  return pinned;
}

}  // namespace

Result<std::vector<Scope::Rule>> Scope::readRules(const std::vector<std::string>& texts,
                                                  std::string_view key) {
  std::vector<Rule> rules;
  for (const std::string& text : texts) {
    const auto entry = parseTargetEntry(text);
    if (!entry)
      return fail(ErrorClass::config, std::string(key) + ": " + entry.error().message +
                                          "; write a network such as 10.0.0.0/8");
    if (entry->kind == TargetKind::name)
      return fail(ErrorClass::config, std::string(key) + ": host name '" + entry->canonical +
                                          "' cannot be a rule, since what it names may change; "
                                          "write its network, such as 10.0.0.0/8");
    rules.push_back({entry->range, text});
  }
  return rules;
}

Result<Scope> Scope::make(const std::vector<std::string>& allow,
                          const std::vector<std::string>& deny) {
  auto allow_rules = readRules(allow, "policy.targets.allow");
  if (!allow_rules) return tl::unexpected(allow_rules.error());
  auto deny_rules = readRules(deny, "policy.targets.deny");
  if (!deny_rules) return tl::unexpected(deny_rules.error());

  Scope scope;
  scope.allow_ = std::move(*allow_rules);
  scope.deny_ = std::move(*deny_rules);
  std::vector<AddressRange> allowed;
  for (const Rule& rule : scope.allow_) allowed.push_back(rule.range);
  for (const SpecialBlock& block : specialBlocks()) {
    std::vector<AddressRange> inside;
    std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(inside),
                 [&](const AddressRange& range) { return contains(block.range, range); });
    scope.explicit_.emplace_back(std::move(inside));
  }
  scope.allowed_ = AddressSet(std::move(allowed));
  return scope;
}

std::optional<Refusal> Scope::refusalOfRange(const AddressRange& range, std::string_view given,
                                             const std::string& subject) const {
  for (const Rule& rule : deny_)
    if (overlaps(rule.range, range))
      return refusal(policy_rule::denied_by_rule, given,
                     subject + " overlaps " + inQuotes(rule.text) +
                         " in policy.targets.deny, and deny wins; leave it out of the targets");

  const std::vector<SpecialBlock>& blocks = specialBlocks();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto part = intersection(blocks[i].range, range);
    if (part && !explicit_[i].covers(*part))
      return refusal(policy_rule::needs_explicit_allow, given,
                     subject + ": " + formatRange(*part) + " is " + std::string(blocks[i].what) +
                         " (" + formatRange(blocks[i].range) +
                         ") and needs an entry of its own inside that block in "
                         "policy.targets.allow, such as " +
                         inQuotes(networksOf(*part).front()));
  }

  if (const auto outside = allowed_.firstOutside(range))
    return refusal(policy_rule::not_allowed, given,
                   subject + " is not wholly within policy.targets.allow (" +
                       formatAddress(*outside) + " is outside); an operator can add " +
                       inQuotes(networksOf(range).front()) + " to it");
  return std::nullopt;
}

std::optional<Refusal> Scope::refusalOf(const AddressRange& asked, std::string_view given) const {
  const auto range = unmapped(asked);
  if (!range)
    return refusal(policy_rule::target_invalid, given,
                   std::string(given) + " lies partly within IPv4-mapped addresses");
  std::string subject(given);
  const std::string canonical = formatRange(*range);
  if (subject != canonical) subject += " (" + canonical + ")";
  if (auto refused = refusalOfRange(*range, given, subject)) return refused;
  for (const AddressRange& embedded : embeddedIpv4(*range))
    if (auto refused = refusalOfRange(embedded, given,
                                      subject + ", which leads to " + formatRange(embedded) + ","))
      return refused;
  return std::nullopt;
}

Decision Scope::check(const std::vector<TargetEntry>& targets, Resolver& resolver,
                      const ResolveLimits& limits) const {
  Decision decision;
  std::vector<AddressRange> pinned_ranges;
  const auto refuse = [&](Refusal refused) { decision.refusals.push_back(std::move(refused)); };

  if (targets.empty())
    refuse(refusal(policy_rule::target_invalid, {}, "the request names no target"));
  else if (allow_.empty())
    refuse(nothingAllowed(targets));

  const LookupBudget budget(limits);
  const bool may_go_on = decision.refusals.empty();
  for (const TargetEntry& target : targets) {
    if (!may_go_on || decision.refusals.size() == max_refusals) break;
    const auto ranges = rangesOf(target, resolver, budget);
    if (!ranges) {
      refuse(refusal(policy_rule::name_unresolved, target.given, ranges.error().message));
      continue;
    }
    for (const AddressRange& range : *ranges)
      if (auto refused = refusalOf(range, target.given)) {
        refuse(std::move(*refused));
        break;
      }
    decision.pinned.push_back(pin(target, *ranges));
    pinned_ranges.insert(pinned_ranges.end(), ranges->begin(), ranges->end());
  }

  decision.allowed = decision.refusals.empty();
  if (decision.allowed) {
    decision.rule = policy_rule::allowed;
    decision.address_count = AddressSet(std::move(pinned_ranges)).count();
  } else {
    decision.pinned.clear();
    decision.rule = decision.refusals.front().rule;
    decision.message = decision.refusals.front().message;
  }
  return decision;
}

std::string Scope::canonicalText() const {
  const auto append = [](std::string& out, const std::vector<AddressRange>& ranges) {
    for (const AddressRange& range : ranges) out += ' ' + formatRange(range);
  };
  std::vector<AddressRange> denied;
  for (const Rule& rule : deny_) denied.push_back(rule.range);
  std::string text = "allow";
  append(text, allowed_.ranges());
  for (const AddressSet& special : explicit_) append(text += " |", special.ranges());
  append(text += " deny", AddressSet(std::move(denied)).ranges());
  return text;
}

}  // namespace scanhost
