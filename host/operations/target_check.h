// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The targets of a request: read, resolved, held against policy, and a digest of what came of it
/// that a plan hands out and a submission may hold the service to.
///
/// The digest is sealed and bound to its caller, so that no node needs to remember plans.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/operations/service.h"

namespace scanhost {

inline constexpr std::chrono::minutes plan_lifetime{15};

/// invalid_argument names the bad entry.
tl::expected<std::vector<TargetEntry>, ServiceError> readTargets(const Service& service,
                                                                 const std::string& targets);

/// What policy said, and by which rules.
struct TargetCheck {
  Decision decision;
  std::shared_ptr<const Scope> scope;
};

/// Resolves names afresh; counts the decision and tells the log, not the ledger. `stage`:
/// "submission" or "plan".
TargetCheck checkTargets(const Service& service, const std::vector<TargetEntry>& targets,
                         std::string_view stage, const OperationContext& context);

/// What the ledger holds of it. `targets` as they were given.
AuditEntry auditEntryOf(const TargetCheck& check, const std::string& targets,
                        std::string_view stage, const OperationContext& context);

/// Beside the addresses and the policy: what else a plan was made for.
struct PlannedScan {
  std::string scan_type, pool;
  std::string instance;  ///< the named one; empty when any may take it
};

std::string makePlanDigest(const Service& service, const TargetCheck& check,
                           const PlannedScan& scan, Timestamp expires, const Caller& caller);
/// plan_changed when the digest is no plan of this caller's, has expired, or no longer holds.
std::optional<ServiceError> checkPlanDigest(const Service& service, const TargetCheck& check,
                                            const PlannedScan& scan, const std::string& digest,
                                            const Caller& caller);

}  // namespace scanhost
