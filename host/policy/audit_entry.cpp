// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/audit_entry.h"

#include "host/base/digest.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::int64_t line_version = 1;
constexpr std::size_t shown_targets = 4096;
constexpr std::size_t most_text = 256;
constexpr std::size_t shown_names = 16;
constexpr std::size_t shown_addresses = 8;
constexpr std::string_view hash_member = R"(,"hash":")";
constexpr std::size_t hash_digits = 64;
/// ,"hash":"<64>"}
constexpr std::size_t hash_end = hash_member.size() + hash_digits + 2;

std::string hashOf(std::string_view text) {
  return toHex(sha256(text));
}

/// What callers send may be of any length.
Json textOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text.substr(0, most_text));
}

/// The line without its last member.
std::string bodyOf(const AuditEntry& entry, std::string_view node, const ChainEnd& end,
                   const Json& facts) {
  return Json::object({{"version", line_version},
                       {"sequence", end.sequence + 1},
                       {"time", formatTimestamp(entry.time)},
                       {"kind", auditKindName(entry.kind)},
                       {"node", node},
                       {"caller", textOrNull(entry.caller)},
                       {"trace_id", textOrNull(entry.trace_id)},
                       {"task_id", textOrNull(entry.task_id)},
                       {"facts", facts},
                       {"prev", end.hash}})
      .dump();
}

tl::unexpected<Error> unreadable(std::string what) {
  return fail(ErrorClass::internal, std::move(what));
}

/// Which addresses the names among the targets stood for.
Json resolvedNames(const Decision& decision) {
  Json names = Json::object();
  for (const PinnedTarget& pinned : decision.pinned) {
    if (pinned.kind != TargetKind::name || names.size() >= shown_names) continue;
    Json addresses = Json::array();
    for (const std::string& address : pinned.addresses)
      if (addresses.size() < shown_addresses) addresses.push(address);
    names[pinned.canonical] = std::move(addresses);
  }
  return names;
}

}  // namespace

std::string makeAuditLine(const AuditEntry& entry, std::string_view node, ChainEnd& end) {
  std::string body = bodyOf(entry, node, end, entry.facts);
  if (body.size() + hash_end > max_audit_line)
    body = bodyOf(entry, node, end, Json::object({{"omitted_bytes", entry.facts.dump().size()}}));
  end = {end.sequence + 1, hashOf(body)};
  body.pop_back();
  return body.append(hash_member).append(end.hash).append("\"}\n");
}

Result<AuditLine> readAuditLine(std::string_view line) {
  if (line.size() >= max_audit_line) return unreadable("the line is too long");
  if (line.size() <= hash_end || !line.ends_with("\"}") ||
      line.substr(line.size() - hash_end, hash_member.size()) != hash_member)
    return unreadable("the line does not end with its hash");
  AuditLine read;
  read.hash = line.substr(line.size() - 2 - hash_digits, hash_digits);
  const std::string body = std::string(line.substr(0, line.size() - hash_end)) + "}";
  if (hashOf(body) != read.hash)
    return unreadable("the entry was altered: its content has another hash than it names");
  auto entry = Json::tryParse(line);
  if (!entry || !entry->isObject()) return unreadable("the line is no JSON object");
  read.entry = std::move(*entry);
  if (const std::int64_t version = read.entry["version"].asInteger(); version != line_version)
    return unreadable("the entry is of format version " + std::to_string(version) +
                      "; this scanhost reads " + std::to_string(line_version));
  const std::int64_t sequence = read.entry["sequence"].asInteger();
  if (sequence < 1) return unreadable("the entry has no sequence");
  read.sequence = static_cast<std::uint64_t>(sequence);
  read.prev = read.entry["prev"].asString();
  return read;
}

AuditEntry policyEntry(const Decision& decision, const std::string& targets,
                       std::string_view stage) {
  AuditEntry entry;
  entry.facts = Json::object({{"decision", decision.allowed ? "allow" : "deny"},
                              {"rule", decision.rule},
                              {"stage", stage},
                              {"targets", targets.substr(0, shown_targets)},
                              {"targets_sha256", hashOf(targets)}});
  if (decision.allowed)
    entry.facts["address_count"] = decision.address_count;
  else
    entry.facts["message"] = decision.message;
  if (Json names = resolvedNames(decision); names.size() > 0)
    entry.facts["resolved"] = std::move(names);
  return entry;
}

}  // namespace scanhost
