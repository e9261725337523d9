// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the audit ledger holds: its kinds of entries, and the one line of JSON that each becomes.
///
/// A line names its sequence and the hash of the line before it (`prev`), and ends with the SHA-256
/// of itself without that last member, so that any sha256sum can check it. The format is documented
/// in docs/reference/audit-ledger.md. No entry ever holds a password.
#pragma once

#include <scanhost/json.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/base/time.h"
#include "host/policy/scope.h"

namespace scanhost {

enum class AuditKind {
  start,
  stop,
  policy_decision,
  cancel,
  pause,
  resume,
  delete_,
  redrive,
  purge,
  reload,
  kill_switch,
  outage,  ///< the ledger could not be written for a while; written when it can be again
};
inline constexpr std::array all_audit_kinds = {
    AuditKind::start, AuditKind::stop,   AuditKind::policy_decision, AuditKind::cancel,
    AuditKind::pause, AuditKind::resume, AuditKind::delete_,         AuditKind::redrive,
    AuditKind::purge, AuditKind::reload, AuditKind::kill_switch,     AuditKind::outage};

constexpr std::string_view auditKindName(AuditKind kind) {
  switch (kind) {
    case AuditKind::start: return "start";
    case AuditKind::stop: return "stop";
    case AuditKind::policy_decision: return "policy_decision";
    case AuditKind::cancel: return "cancel";
    case AuditKind::pause: return "pause";
    case AuditKind::resume: return "resume";
    case AuditKind::delete_: return "delete";
    case AuditKind::redrive: return "redrive";
    case AuditKind::purge: return "purge";
    case AuditKind::reload: return "reload";
    case AuditKind::kill_switch: return "kill_switch";
    case AuditKind::outage: return "outage";
  }
  return {};
}

struct AuditEntry {
  AuditKind kind = AuditKind::policy_decision;
  std::string caller = {}, trace_id = {}, task_id = {};  ///< empty: none
  Json facts = Json::object();
  Timestamp time = Timestamp::now();
};

/// Where a chain has come to. Before its first entry the sequence is 0 and the hash 64 zeros.
struct ChainEnd {
  std::uint64_t sequence = 0;
  std::string hash = std::string(64, '0');

  friend bool operator==(const ChainEnd&, const ChainEnd&) = default;
};

/// No line is longer, its newline included; facts that would make it so are left out.
inline constexpr std::size_t max_audit_line = 64u << 10;

/// The line of `entry` behind `end`, with its newline; moves `end` on to it.
std::string makeAuditLine(const AuditEntry& entry, std::string_view node, ChainEnd& end);

/// A line as it was read; its own hash is right, its place in the chain is not yet checked.
struct AuditLine {
  std::uint64_t sequence = 0;
  std::string prev, hash;
  Json entry;  ///< the whole line

  ChainEnd end() const { return {sequence, hash}; }
};

/// `line` without its newline. An error says what is wrong with it.
Result<AuditLine> readAuditLine(std::string_view line);

/// The entry of a decision about targets. What is long is cut, and its digest tells the rest.
AuditEntry policyEntry(const Decision& decision, const std::string& targets,
                       std::string_view stage);

}  // namespace scanhost
