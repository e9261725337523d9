// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/target_check.h"

#include <algorithm>
#include <utility>

#include "host/base/digest.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::string_view digest_purpose = "scan-plan";

/// Equal for equal plans, in whatever order the targets were written and the names answered.
std::string factsOf(const TargetCheck& check, const PlannedScan& scan) {
  std::vector<std::string> targets;
  for (const PinnedTarget& pinned : check.decision.pinned) {
    std::vector<std::string> addresses = pinned.addresses;
    std::sort(addresses.begin(), addresses.end());
    Json::Array items{pinned.canonical};
    items.insert(items.end(), addresses.begin(), addresses.end());
    targets.push_back(Json(std::move(items)).dump());
  }
  std::sort(targets.begin(), targets.end());
  Json facts = Json::array({scan.scan_type, scan.pool, scan.instance, check.decision.rule,
                            check.scope->canonicalText()});
  for (const std::string& target : targets) facts.push(target);
  return toHex(sha256(facts.dump()));
}

/// Where nothing may be launched nothing is resolved.
Decision stoppedDecision() {
  Decision decision;
  decision.rule = policy_rule::kill_switch;
  decision.message = kill_switch_refusal;
  decision.refusals.push_back({decision.rule, "", decision.message});
  return decision;
}

}  // namespace

tl::expected<std::vector<TargetEntry>, ServiceError> readTargets(const Service& service,
                                                                 const std::string& targets) {
  const auto config = service.work.config.get();
  auto entries =
      parseTargets(targets, {static_cast<std::size_t>(config->limits.target_entries),
                             static_cast<std::uint64_t>(config->limits.target_addresses)});
  if (!entries)
    return tl::unexpected<ServiceError>(
        ServiceError::invalidArgument("targets", entries.error().message));
  return std::move(*entries);
}

TargetCheck checkTargets(const Service& service, const std::vector<TargetEntry>& targets,
                         std::string_view stage, const OperationContext& context) {
  const Work& work = service.work;
  TargetCheck check{{}, work.scope.get()};
  check.decision = work.kill_switch && work.kill_switch->engaged()
                       ? stoppedDecision()
                       : check.scope->check(targets, work.resolver);
  const bool allowed = check.decision.allowed;
  work.metrics.recordPolicyDecision(allowed ? "allow" : "deny", stage);
  work.events.log().emit(allowed ? Level::info : Level::warning, "policy", "policy_decision",
                         context.trace.uuid(),
                         Json::object({{"decision", allowed ? "allow" : "deny"},
                                       {"rule", check.decision.rule},
                                       {"stage", stage},
                                       {"caller", context.caller.subject}}));
  return check;
}

AuditEntry auditEntryOf(const TargetCheck& check, const std::string& targets,
                        std::string_view stage, const OperationContext& context) {
  AuditEntry entry = policyEntry(check.decision, targets, stage);
  entry.caller = context.caller.subject;
  entry.trace_id = context.trace.uuid();
  return entry;
}

std::string makePlanDigest(const Service& service, const TargetCheck& check,
                           const PlannedScan& scan, Timestamp expires, const Caller& caller) {
  return service.keys.seal(digest_purpose, caller.subject,
                           std::to_string(expires.micros) + " " + factsOf(check, scan));
}

std::optional<ServiceError> checkPlanDigest(const Service& service, const TargetCheck& check,
                                            const PlannedScan& scan, const std::string& digest,
                                            const Caller& caller) {
  const auto opened = service.keys.open(digest_purpose, caller.subject, digest);
  if (!opened) return ServiceError::planChanged("plan_digest belongs to no plan of yours");
  const std::size_t space = opened->find(' ');
  const Timestamp expires{std::strtoll(opened->c_str(), nullptr, 10)};
  if (expires <= service.work.time.wall())
    return ServiceError::planChanged("The plan expired at " + formatTimestamp(expires));
  if (opened->substr(space + 1) != factsOf(check, scan))
    return ServiceError::planChanged(
        "Addresses, policy, pool, instance or scan_type are others than those of the plan");
  return std::nullopt;
}

}  // namespace scanhost
