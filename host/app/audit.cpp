// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/audit.h"

#include <utility>

#include "host/app/version.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::string_view component = "policy";

Ledger::Hooks hooksFor(Metrics& metrics, EventLog& events) {
  Ledger::Hooks hooks;
  hooks.on_appended = [&](const AuditEntry& entry, std::uint64_t sequence) {
    metrics.recordAuditEntry(auditKindName(entry.kind));
    if (!events.enabled(Level::debug)) return;
    events.emit(Level::debug, component, "audit_appended", entry.trace_id,
                Json::object({{"sequence", sequence}, {"kind", auditKindName(entry.kind)}}));
  };
  hooks.on_failed = [&](const std::string& error, const std::string& trace_id) {
    metrics.updateLedgerWritable(false);
    events.emit(Level::error, component, "audit_write_failed",
                trace_id.empty() ? randomUuid() : trace_id, Json::object({{"error", error}}));
  };
  hooks.on_recovered = [&](std::uint64_t refused, std::uint64_t dropped) {
    metrics.updateLedgerWritable(true);
    events.emit(Level::info, component, "audit_write_recovered", "",
                Json::object({{"refused", refused}, {"dropped", dropped}}));
  };
  return hooks;
}

/// What the start found, for the log and for the ledger itself.
Json tellFound(const Ledger::Found& found, EventLog& events) {
  Json facts = Json::object({{"version", version_text}});
  if (found.torn_bytes > 0) {
    facts["torn_bytes"] = found.torn_bytes;
    events.emit(Level::warning, component, "audit_line_torn", "",
                Json::object({{"bytes", found.torn_bytes}, {"set_aside", "ledger.torn"}}));
  }
  if (found.problems.empty()) return facts;
  Json problems = Json::array();
  for (const LedgerProblem& problem : found.problems) problems.push(problem.text());
  events.emit(Level::error, component, "audit_chain_broken", "",
              Json::object({{"problems", problems}}));
  facts["problems"] = std::move(problems);
  return facts;
}

}  // namespace

std::filesystem::path ledgerFolder(const std::filesystem::path& data_dir) {
  return data_dir / "audit";
}

Result<std::unique_ptr<Ledger>> openLedger(const std::filesystem::path& data_dir,
                                           const std::string& node, Metrics& metrics,
                                           EventLog& events) {
  std::vector<std::string> kinds;
  for (const AuditKind kind : all_audit_kinds) kinds.emplace_back(auditKindName(kind));
  metrics.declareAuditKinds(kinds);
  auto ledger =
      Ledger::open(ledgerFolder(data_dir), {.node = node, .hooks = hooksFor(metrics, events)});
  if (!ledger) return ledger;
  metrics.updateLedgerWritable(true);
  AuditEntry start{.kind = AuditKind::start, .trace_id = randomUuid()};
  start.facts = tellFound((*ledger)->found(), events);
  (*ledger)->note(std::move(start));
  return ledger;
}

KillSwitch::OnChanged tellKillSwitch(Ledger& ledger, Metrics& metrics, EventLog& events) {
  return [&](const KillSwitch::State& now) {
    metrics.updateKillSwitch(now.engaged);
    events.emit(now.engaged ? Level::warning : Level::info, component,
                now.engaged ? "kill_switch_engaged" : "kill_switch_released", "",
                Json::object({{"caller", now.caller}, {"reason", now.reason}}));
    if (!now.caller.empty()) return;
    AuditEntry entry{.kind = AuditKind::kill_switch, .trace_id = randomUuid()};
    entry.facts = Json::object({{"outcome", "done"}, {"engaged", now.engaged}, {"by", "file"}});
    ledger.note(std::move(entry));
  };
}

}  // namespace scanhost
