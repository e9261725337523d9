// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include <algorithm>

#include "host/operations/argument_table.h"
#include "host/operations/task_removal.h"

namespace scanhost {
namespace {

constexpr std::uint32_t walk_step = 200;
/// A call ends before this, and says that there is more; no client waits longer.
constexpr std::chrono::seconds most_time{20};
/// Left of the caller's time for the answer.
constexpr std::chrono::seconds answer_time{5};

struct PurgeArguments {
  std::optional<std::string> scanner_pool, task_id;
  std::string older_than = "0s";
  bool confirm = false;
};

/// One call of purge_dead_letters. What a walk finds is looked at once more before it goes, for it
/// may have been redriven meanwhile.
class Purge {
 public:
  Purge(const Service& service, const PurgeArguments& arguments, const OperationContext& context)
      : service_(service), arguments_(arguments), context_(context) {}

  OperationResult run() {
    auto fault = readArguments();
    if (!fault) fault = arguments_.task_id ? purgeOne() : purgeAll();
    if (purged_ > 0)
      service_.work.events.log().emit(
          Level::warning, "tasks", "dead_letters_purged", context_.trace.uuid(),
          Json::object({{"caller", context_.caller.subject}, {"count", purged_}}));
    if (fault) return tl::unexpected<ServiceError>(std::move(*fault));
    return OperationAnswer{Json::object({{"purged", purged_}, {"complete", complete_}})};
  }

 private:
  using Fault = std::optional<ServiceError>;

  Fault readArguments() {
    if (!arguments_.confirm)
      return ServiceError::invalidArgument("confirm", "A purge deletes tasks for good",
                                           "Pass confirm: true");
    if (auto fault = knownPool(service_, arguments_.scanner_pool)) return fault;
    const auto age = parseDuration(arguments_.older_than);
    if (!age)
      return ServiceError::invalidArgument(
          "older_than", "'" + arguments_.older_than.substr(0, 64) + "' is no duration",
          "Write it as 0s, 12h or 7d");
    failed_before_ = service_.work.ages.now().micros -
                     std::chrono::duration_cast<std::chrono::microseconds>(*age).count();
    return std::nullopt;
  }

  bool isMeant(const QueuedTask& task) const {
    return task.state == TaskState::failed && task.flags.dead_letter &&
           task.completed_us <= failed_before_ &&
           (!arguments_.scanner_pool || task.pool == *arguments_.scanner_pool);
  }

  Fault purgeOne() {
    const auto task = findTask(service_, *arguments_.task_id, context_);
    if (!task) return task.error();
    if (!isMeant(*task))
      return ServiceError::invalidState(
          taskStateName(task->state),
          "This task is no dead letter, or not of that pool or age; it is " +
              std::string(taskStateName(task->state)));
    return remove(*task);
  }

  Fault purgeAll() {
    TaskQuery query;
    query.state = TaskState::failed;
    query.dead_letter = true;
    query.pool = arguments_.scanner_pool.value_or("");
    query.limit = walk_step;
    do {
      auto page = service_.work.queue.list(query, callFor(context_, Work::queue_timeout));
      if (!page) return ServiceError::fromBackend(page.error());
      for (const QueuedTask& task : page->tasks) {
        if (!isMeant(task)) continue;
        if (timeIsUp()) {
          complete_ = false;
          return std::nullopt;
        }
        if (auto fault = removeIfStillMeant(task.id)) return fault;
      }
      query.cursor = std::move(page->next);
    } while (!query.cursor.empty());
    return std::nullopt;
  }

  Fault removeIfStillMeant(const std::string& id) {
    const auto now = service_.work.queue.get(id, callFor(context_, Work::queue_timeout));
    if (!now) return ServiceError::fromBackend(now.error());
    if (!*now || !isMeant(**now)) return std::nullopt;
    auto fault = remove(**now);
    if (fault && fault->code == "invalid_state") return std::nullopt;  // redriven at this moment
    return fault;
  }

  Fault remove(const QueuedTask& task) {
    const auto removed = removeTask(service_, task, context_);
    if (!removed) return removed.error();
    ++purged_;
    return std::nullopt;
  }

  bool timeIsUp() const {
    const auto in_ns = [](std::chrono::nanoseconds time) { return time.count(); };
    const std::int64_t callers =
        context_.deadline_ns == INT64_MAX ? INT64_MAX : context_.deadline_ns - in_ns(answer_time);
    return monotonicNanos() >= std::min(callers, began_ns_ + in_ns(most_time));
  }

  const Service& service_;
  const PurgeArguments& arguments_;
  const OperationContext& context_;
  const std::int64_t began_ns_ = monotonicNanos();
  std::int64_t failed_before_ = 0;
  std::uint64_t purged_ = 0;
  bool complete_ = true;
};

}  // namespace

void addPurgeOperation(Operations& operations, const Service& service) {
  ArgumentTable<PurgeArguments> table;
  table
      .text("scanner_pool", &PurgeArguments::scanner_pool,
            {.description = "Only dead letters of this pool"})
      .text("task_id", &PurgeArguments::task_id, {.description = "Only this dead letter"})
      .text("older_than", &PurgeArguments::older_than,
            {.description = "Only those that failed at least so long ago, as 12h or 7d"})
      .boolean("confirm", &PurgeArguments::confirm, "Must be true: a purge cannot be undone");
  Operation operation;
  operation.name = "purge_dead_letters";
  operation.title = "Delete dead letters";
  operation.description =
      "Deletes dead letters with their findings, for good; remote scans stay. A long purge answers "
      "with complete: false and goes on when called again. For operators.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"purged", Json::object({{"type", "integer"}})},
                                    {"complete", Json::object({{"type", "boolean"}})}})},
       {"required", Json::array({"purged"})}}));
  operation.flags = SCANHOST_OPERATION_DESTRUCTIVE | SCANHOST_OPERATION_IDEMPOTENT;
  operation.operators_only = true;
  operation.logged_arguments = table.names();
  operation.audit_kind = AuditKind::purge;
  operation.audited_results = {"purged", "complete"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return Purge(service, *read, context).run();
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
