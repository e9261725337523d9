// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which addresses may be scanned: `policy.targets.allow` and `deny`.
///
/// One function decides, at submission and again at launch, and the scanner is given the addresses
/// that the launch's decision pinned. Denied unless allowed; deny wins; loopback, link-local,
/// multicast, unspecified, translated and cloud metadata addresses need an allow entry that lies
/// wholly inside their own block, so that 0.0.0.0/0 opens none of them.
///
/// Immutable once made: share it between threads freely.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/policy/address_range.h"
#include "host/policy/resolver.h"
#include "host/policy/targets.h"

namespace scanhost {

/// Why a decision fell as it did, in the words of `details.rule` and the audit ledger.
namespace policy_rule {
inline constexpr std::string_view allowed = "allowed";
inline constexpr std::string_view no_allow_list = "no_allow_list";
inline constexpr std::string_view not_allowed = "not_allowed";
inline constexpr std::string_view denied_by_rule = "denied_by_rule";
inline constexpr std::string_view needs_explicit_allow = "needs_explicit_allow";
inline constexpr std::string_view name_unresolved = "name_unresolved";
inline constexpr std::string_view target_invalid = "target_invalid";
inline constexpr std::string_view kill_switch = "kill_switch";
}  // namespace policy_rule

/// A target as a scanner gets it: a label and the addresses that were checked.
struct PinnedTarget {
  TargetKind kind = TargetKind::address;
  std::string given;
  std::string canonical;
  /// Addresses and networks that make up the entry; for a name every address it had just now.
  std::vector<std::string> addresses;
};

struct Refusal {
  std::string rule;     ///< one of policy_rule
  std::string entry;    ///< the target as given; empty when the whole request is meant
  std::string message;  ///< names the entry and the remedy
};

struct Decision {
  bool allowed = false;
  std::string rule;                  ///< that of the first refusal, or "allowed"
  std::string message;               ///< that of the first refusal; empty when allowed
  std::vector<Refusal> refusals;     ///< in the order of the targets; at most max_refusals
  std::vector<PinnedTarget> pinned;  ///< one for each target; empty unless allowed
  std::uint64_t address_count = 0;   ///< distinct pinned addresses
};

inline constexpr std::size_t max_refusals = 10;

struct ResolveLimits {
  std::chrono::milliseconds one_name{5'000};
  std::chrono::milliseconds all_names{30'000};
};

class Scope {
 public:
  /// Entries are networks, addresses or ranges; anything else is a configuration error.
  static Result<Scope> make(const std::vector<std::string>& allow,
                            const std::vector<std::string>& deny);

  /// Resolves names afresh and checks every answer. May block within `limits`.
  Decision check(const std::vector<TargetEntry>& targets, Resolver& resolver,
                 const ResolveLimits& limits = {}) const;

  /// The same rules for addresses alone; nothing when all of `range` may be scanned. `given` is
  /// how messages call it.
  std::optional<Refusal> refusalOf(const AddressRange& range, std::string_view given) const;

  /// The rules in one line, equal for equal scopes: for the digest of a plan.
  std::string canonicalText() const;

 private:
  struct Rule {
    AddressRange range;
    std::string text;
  };

  Scope() = default;
  static Result<std::vector<Rule>> readRules(const std::vector<std::string>& texts,
                                             std::string_view key);
  std::optional<Refusal> refusalOfRange(const AddressRange& range, std::string_view given,
                                        const std::string& subject) const;

  std::vector<Rule> allow_;
  std::vector<Rule> deny_;
  AddressSet allowed_;
  std::vector<AddressSet> explicit_;  ///< for each special block, the allow entries inside it
};

}  // namespace scanhost
