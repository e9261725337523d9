// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"
#include "host/policy/targets.h"
#include "host/tasks/task_state.h"

namespace scanhost {
namespace {

constexpr std::uint32_t filtered_step = 200;

struct ListArguments {
  std::int64_t limit = 10;
  std::optional<std::string> status_filter, scanner_pool, target_filter, cursor;
};

/// One page of list_tasks. Without a target filter the queue's own order and counters serve it;
/// with one, records are walked and their targets compared.
class TaskListing {
 public:
  TaskListing(const Service& service, const ListArguments& arguments,
              const OperationContext& context)
      : service_(service), arguments_(arguments), context_(context) {}

  OperationResult run() {
    if (auto fault = readArguments()) return tl::unexpected<ServiceError>(std::move(*fault));
    if (auto fault = walk()) return tl::unexpected<ServiceError>(std::move(*fault));
    return OperationAnswer{
        Json::object({{"tasks", std::move(tasks_)},
                      {"total", total_ ? Json(*total_) : Json()},
                      {"next_cursor", next_.empty() ? Json() : sealedCursor()}})};
  }

 private:
  using Fault = std::optional<ServiceError>;

  Fault readArguments() {
    if (arguments_.status_filter) {
      query_.state = parseTaskState(*arguments_.status_filter);
      if (!query_.state)
        return ServiceError::invalidArgument(
            "status_filter", "There is no state '" + arguments_.status_filter->substr(0, 64) + "'",
            "Known states: queued, running, paused, completed, failed, timeout, cancelled");
    }
    if (auto fault = knownPool(service_, arguments_.scanner_pool)) return fault;
    query_.pool = arguments_.scanner_pool.value_or("");
    if (arguments_.target_filter) {
      auto filter = parseTargetEntry(*arguments_.target_filter);
      if (!filter) return ServiceError::invalidArgument("target_filter", filter.error().message);
      filter_ = std::move(*filter);
    }
    if (arguments_.cursor) {
      auto cursor = service_.keys.open("tasks-cursor", cursorContext(), *arguments_.cursor);
      if (!cursor)
        return ServiceError::invalidArgument(
            "cursor", "This cursor belongs to no such request of yours",
            "Pass next_cursor with the arguments of the page before");
      query_.cursor = std::move(*cursor);
    }
    if (!context_.caller.seesEverything()) query_.owner = context_.caller.subject;
    return std::nullopt;
  }

  std::string cursorContext() const {
    return context_.caller.subject + "\n" +
           Json::object({{"status", arguments_.status_filter},
                         {"pool", arguments_.scanner_pool},
                         {"target", arguments_.target_filter}})
               .dump();
  }
  std::string sealedCursor() const {
    return service_.keys.seal("tasks-cursor", cursorContext(), next_);
  }

  Fault walk() {
    const auto limit = static_cast<std::size_t>(arguments_.limit);
    query_.count_total = !filter_;
    while (tasks_.size() < limit) {
      query_.limit = smallStep(limit);
      auto page = service_.work.queue.list(query_, callFor(context_, Work::queue_timeout));
      if (!page) return ServiceError::fromBackend(page.error());
      if (page->total) total_ = page->total;
      query_.count_total = false;
      if (filter_) return walkFiltered(std::move(*page));
      for (const QueuedTask& task : page->tasks) tasks_.push(describe(task));
      next_ = query_.cursor = page->next;
      if (page->next.empty()) break;
    }
    return std::nullopt;
  }

  /// Goes on from a first page through all records, up to the configured bound: matches beyond the
  /// asked-for page are counted, and past the bound the total is not known.
  Fault walkFiltered(TaskPage page) {
    const auto limit = static_cast<std::size_t>(arguments_.limit);
    std::uint64_t matched = 0;
    std::int64_t seen = 0;
    for (;;) {
      for (const QueuedTask& task : page.tasks) {
        ++seen;
        if (!matches(task)) continue;
        ++matched;
        if (tasks_.size() < limit) tasks_.push(describe(task));
      }
      const bool full = tasks_.size() >= limit;
      if (full && next_.empty()) next_ = page.next;
      if (page.next.empty()) {
        if (!arguments_.cursor) total_ = matched;
        return std::nullopt;
      }
      if (seen >= service_.work.config->limits.list_walk) return std::nullopt;
      query_.cursor = page.next;
      query_.limit = full ? filtered_step : smallStep(limit);
      auto following = service_.work.queue.list(query_, callFor(context_, Work::queue_timeout));
      if (!following) return ServiceError::fromBackend(following.error());
      page = std::move(*following);
    }
  }

  /// While the page fills, no step may hold more matches than it still takes: the cursor can only
  /// stand at the end of a step.
  std::uint32_t smallStep(std::size_t limit) const {
    return static_cast<std::uint32_t>(limit - tasks_.size());
  }

  bool matches(const QueuedTask& task) const {
    const auto submission = SubmissionDocument::parse(task.submission, task.id);
    if (!submission) return false;
    const auto entries = parseTargets(submission->targets, {SIZE_MAX, UINT64_MAX});
    return entries && targetsMatch(*entries, *filter_);
  }

  Json describe(const QueuedTask& task) const {
    const auto submission = SubmissionDocument::parse(task.submission, task.id);
    const auto progress = ProgressDocument::parse(task.progress, task.id);
    Json entry = Json::object(
        {{"task_id", task.id},
         {"trace_id", task.trace_id},
         {"status", taskStateName(task.state)},
         {"scan_type", submission ? submission->scan_type : ""},
         {"scanner_pool", task.pool},
         {"scanner_type", submission ? submission->scanner_type : ""},
         {"scanner_instance", task.instance.empty() ? task.wanted_instance : task.instance},
         {"targets", submission ? submission->targets : ""},
         {"name", submission ? submission->name : ""},
         {"created_at", timeOrNull(task.created_us)},
         {"started_at", timeOrNull(task.started_us)},
         {"completed_at", timeOrNull(task.completed_us)}});
    if (submission && service_.add_historic_fields)
      service_.add_historic_fields(task, submission->scanner_type, entry);
    entry["authentication_status"] =
        progress ? textOrNull(progress->authentication_status) : Json();
    if (!submission || !progress)
      entry["error"] = (!submission ? submission.error() : progress.error()).message;
    return entry;
  }

  const Service& service_;
  const ListArguments& arguments_;
  const OperationContext& context_;
  TaskQuery query_;
  std::optional<TargetEntry> filter_;
  Json tasks_ = Json::array();
  std::optional<std::uint64_t> total_;
  std::string next_;
};

}  // namespace

void addListTasksOperation(Operations& operations, const Service& service) {
  ArgumentTable<ListArguments> table;
  table
      .integer("limit", &ListArguments::limit,
               {.description = "Most tasks to list", .minimum = 1, .maximum = 1000})
      .text("status_filter", &ListArguments::status_filter,
            {.description = "Only tasks in this state: queued, running, paused, completed, failed, "
                            "timeout or cancelled"})
      .text("scanner_pool", &ListArguments::scanner_pool,
            {.description = "Only tasks of this pool"})
      .text(
          "target_filter", &ListArguments::target_filter,
          {.description = "Only tasks whose targets overlap this address, network, range or name"})
      .text("cursor", &ListArguments::cursor, {.description = "next_cursor of the page before"});
  Operation operation;
  operation.name = "list_tasks";
  operation.title = "Scans and their states";
  operation.description = "Lists the scans you may see, newest first.";
  operation.input_schema = table.schema();
  operation.output_schema = outputSchema(Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"tasks", Json::object({{"type", "array"}})},
                      {"total", Json::object({{"type", Json::array({"integer", "null"})}})},
                      {"next_cursor", Json::object({{"type", Json::array({"string", "null"})}})}})},
       {"required", Json::array({"tasks", "total", "next_cursor"})}}));
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return TaskListing(service, *read, context).run();
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
