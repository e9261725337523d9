// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scan asked for: checked, decided upon, queued in one atomic step, answered. A refusal creates
/// nothing and reserves nothing.
#pragma once

#include <optional>
#include <string>

#include "host/operations/service.h"

namespace scanhost {

/// What both tools take, as read from their arguments.
struct SubmitArguments {
  std::string targets, name, description;
  std::string schema_profile = "brief";
  std::optional<std::string> idempotency_key, scanner_pool, scanner_instance, scan_template,
      plan_digest;

  // Of authenticated scans.
  std::string scan_type = "untrusted";
  std::string ssh_username, ssh_password;
  std::optional<std::string> credential;
  std::string elevate_privileges_with = "Nothing";
  std::string escalation_account, escalation_password;

  bool authenticated() const { return scan_type != "untrusted"; }
};

/// `operation` is the tool's name, which is part of what an idempotency key stands for.
OperationResult submitScan(const Service& service, std::string_view operation,
                           const SubmitArguments& arguments, const OperationContext& context);

}  // namespace scanhost
