// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include <algorithm>
#include <set>
#include <utility>

#include "host/operations/argument_table.h"
#include "host/operations/scanner_choice.h"
#include "host/operations/target_check.h"
#include "host/tasks/task_state.h"

namespace scanhost {
namespace {

constexpr std::uint32_t overlap_step = 200;
constexpr std::size_t most_overlaps = 100;

struct PlanArguments {
  std::string targets;
  std::string scan_type = "untrusted";
  std::optional<std::string> scanner_pool, scanner_instance;
};

/// What a set of targets touches: addresses, and names as names.
class TouchedTargets {
 public:
  TouchedTargets(const std::vector<TargetEntry>& entries, const Decision& decision) {
    std::vector<AddressRange> ranges;
    for (const TargetEntry& entry : entries) {
      if (entry.kind == TargetKind::name)
        names_.insert(entry.canonical);
      else
        ranges.push_back(entry.range);
    }
    for (const PinnedTarget& pinned : decision.pinned)
      for (const std::string& address : pinned.addresses)
        if (const auto entry = parseTargetEntry(address)) ranges.push_back(entry->range);
    addresses_ = AddressSet(std::move(ranges));
  }

  bool touch(const std::vector<TargetEntry>& others) const {
    return std::any_of(others.begin(), others.end(), [this](const TargetEntry& other) {
      if (other.kind == TargetKind::name) return names_.count(other.canonical) != 0;
      return addresses_.overlaps(other.range);
    });
  }

 private:
  std::set<std::string> names_;
  AddressSet addresses_;
};

/// Says what a submission would do, and does none of it.
class Plan {
 public:
  Plan(const Service& service, const PlanArguments& arguments, const OperationContext& context)
      : service_(service), arguments_(arguments), context_(context) {}

  OperationResult run() {
    auto entries = readTargets(service_, arguments_.targets);
    if (!entries) return tl::unexpected<ServiceError>(entries.error());
    auto choice =
        ScannerChoice::make(service_, arguments_.scanner_pool, arguments_.scanner_instance);
    if (!choice) return tl::unexpected<ServiceError>(choice.error());
    Json reasons = reasonsOf(*choice);
    const TargetCheck check = checkTargets(service_, *entries, "plan", context_);
    AuditEntry decided = auditEntryOf(check, arguments_.targets, "plan", context_);
    decided.facts["scan_type"] = arguments_.scan_type;
    decided.facts["scanner_pool"] = choice->pool();
    service_.work.note(std::move(decided));
    for (const Refusal& refusal : check.decision.refusals) reasons.push(refusal.message);

    const auto position = nextPosition(choice->pool());
    if (!position) return tl::unexpected<ServiceError>(position.error());
    auto overlaps = findOverlaps(TouchedTargets(*entries, check.decision));
    if (!overlaps) return tl::unexpected<ServiceError>(overlaps.error());

    const auto duration = service_.work.durations.known(choice->pool());
    const Timestamp expires{service_.work.time.wall().micros +
                            std::chrono::microseconds(plan_lifetime).count()};
    const PlannedScan planned{arguments_.scan_type, choice->pool(),
                              arguments_.scanner_instance.value_or("")};
    const bool allowed = reasons.size() == 0;
    return OperationAnswer{Json::object(
        {{"verdict", allowed ? "allow" : "deny"},
         {"reasons", std::move(reasons)},
         {"targets", describeTargets(*entries, check.decision)},
         {"address_count",
          check.decision.allowed ? check.decision.address_count : addressCount(*entries)},
         {"scanner_pool", choice->pool()},
         {"scanner_instance", choice->likeliest(context_).settings().name},
         {"estimated_wait_minutes", choice->waitMinutes(*position)},
         {"estimated_duration_minutes", duration ? Json(wholeMinutes(*duration)) : Json()},
         {"overlaps", std::move(*overlaps)},
         {"digest", makePlanDigest(service_, check, planned, expires, context_.caller)},
         {"expires_at", formatTimestamp(expires)}})};
  }

 private:
  /// Why a submission would be refused, beside policy.
  Json reasonsOf(ScannerChoice& choice) const {
    Json reasons = Json::array();
    if (!context_.caller.maySubmit()) reasons.push("A viewer may look, not scan");
    auto fault = arguments_.scan_type == "untrusted" ? std::nullopt : checkLogin(choice);
    if (!fault) fault = choice.checkLaunch();
    if (fault) reasons.push(fault->message);
    return reasons;
  }

  /// Narrows the choice only when something is left of it.
  static std::optional<ServiceError> checkLogin(ScannerChoice& choice) {
    ScannerChoice able = choice;
    if (auto fault = able.requireLogin()) return fault;
    choice = std::move(able);
    return std::nullopt;
  }

  tl::expected<std::uint64_t, ServiceError> nextPosition(const std::string& pool) const {
    const auto counts = service_.work.queue.counts(callFor(context_, Work::queue_timeout));
    if (!counts) return tl::unexpected<ServiceError>(ServiceError::fromBackend(counts.error()));
    for (const PoolCounts& one : counts->pools)
      if (one.pool == pool) return one.queued + 1;
    return 1;
  }

  static Json describeTargets(const std::vector<TargetEntry>& entries, const Decision& decision) {
    Json targets = Json::array();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const TargetEntry& entry = entries[i];
      Json addresses = Json::array();
      std::uint64_t count = 0;
      const bool is_pinned = i < decision.pinned.size();
      if (is_pinned)
        for (const std::string& address : decision.pinned[i].addresses) addresses.push(address);
      else if (entry.kind != TargetKind::name)
        for (const std::string& network : networksOf(entry.range)) addresses.push(network);
      if (entry.kind != TargetKind::name)
        count = addressCount(entry.range);
      else
        count = addresses.size();
      targets.push(Json::object(
          {{"input", entry.given}, {"addresses", std::move(addresses)}, {"address_count", count}}));
    }
    return targets;
  }

  /// Scans that have not ended, that the caller may see and that touch the same: at most a hundred,
  /// of the first `limits.list_walk` records.
  tl::expected<Json, ServiceError> findOverlaps(const TouchedTargets& touched) const {
    Json found = Json::array();
    std::int64_t left = service_.work.config->limits.list_walk;
    for (const TaskState state : {TaskState::running, TaskState::paused, TaskState::queued}) {
      TaskQuery query;
      query.state = state;
      query.limit = overlap_step;
      if (!context_.caller.seesEverything()) query.owner = context_.caller.subject;
      do {
        const auto page = service_.work.queue.list(query, callFor(context_, Work::queue_timeout));
        if (!page) return tl::unexpected<ServiceError>(ServiceError::fromBackend(page.error()));
        for (const QueuedTask& task : page->tasks)
          if (found.size() < most_overlaps && isTouched(task, touched)) found.push(task.id);
        left -= overlap_step;
        query.cursor = page->next;
      } while (!query.cursor.empty() && left > 0 && found.size() < most_overlaps);
    }
    return found;
  }

  static bool isTouched(const QueuedTask& task, const TouchedTargets& touched) {
    const auto submission = SubmissionDocument::parse(task.submission, task.id);
    if (!submission) return false;
    const auto entries = parseTargets(submission->targets, {SIZE_MAX, UINT64_MAX});
    return entries && touched.touch(*entries);
  }

  const Service& service_;
  const PlanArguments& arguments_;
  const OperationContext& context_;
};

Json planSchema() {
  const Json text = Json::object({{"type", "string"}});
  const Json integer = Json::object({{"type", "integer"}});
  const auto listOf = [](const Json& items) {
    return Json::object({{"type", "array"}, {"items", items}});
  };
  const Json target = Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"input", text}, {"addresses", listOf(text)}, {"address_count", integer}})}});
  return outputSchema(Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"verdict", Json::object({{"type", "string"},
                                                {"enum", Json::array({"allow", "deny"})}})},
                      {"reasons", listOf(text)},
                      {"targets", listOf(target)},
                      {"address_count", integer},
                      {"scanner_pool", text},
                      {"scanner_instance", text},
                      {"estimated_wait_minutes", integer},
                      {"estimated_duration_minutes",
                       Json::object({{"type", Json::array({"integer", "null"})}})},
                      {"overlaps", listOf(text)},
                      {"digest", text},
                      {"expires_at", text}})},
       {"required", Json::array({"verdict", "reasons", "targets", "digest", "expires_at"})}}));
}

}  // namespace

void addPlanOperation(Operations& operations, const Service& service) {
  ArgumentTable<PlanArguments> table;
  table
      .text("targets", &PlanArguments::targets,
            {.description = "What would be scanned, as the tools that scan take it",
             .required = true,
             .min_length = 1})
      .choice("scan_type", &PlanArguments::scan_type,
              {"untrusted", "authenticated", "authenticated_privileged"},
              "Whether the scan would log in to its targets", "Invalid scan_type")
      .text("scanner_pool", &PlanArguments::scanner_pool,
            {.description = "A pool that list_pools names; the default pool when absent"})
      .text("scanner_instance", &PlanArguments::scanner_instance,
            {.description = "One instance of the pool; any of them when absent"});
  Operation operation;
  operation.name = "plan_scan";
  operation.title = "What a scan would do";
  operation.description =
      "Tells without scanning whether a scan would be allowed, which addresses its targets stand "
      "for now, how long it would wait, and which scans under way it overlaps. Pass digest as "
      "plan_digest to the scan: it is then refused if addresses or policy have changed since.";
  operation.input_schema = table.schema();
  operation.output_schema = planSchema();
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.logged_arguments = {"targets", "scan_type", "scanner_pool", "scanner_instance"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return Plan(service, *read, context).run();
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
