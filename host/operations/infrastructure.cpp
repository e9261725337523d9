// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// list_scanners, list_pools, get_pool_status, get_queue_status: what there is, and how loaded it
/// is over all nodes, by the queue's own counters.
#include <scanhost/abi/operations.h>

#include <map>

#include "host/operations/argument_table.h"
#include "host/operations/service.h"

namespace scanhost {
namespace {

constexpr std::uint32_t shown_next_tasks = 3;

struct PoolArguments {
  std::optional<std::string> scanner_pool;
};
struct NoArguments {};

/// The queue's counters, by what they are asked for.
class Load {
 public:
  explicit Load(QueueCounts counts) {
    for (PoolCounts& pool : counts.pools) pools_[pool.pool] = pool;
    for (const InstanceLoad& load : counts.instances)
      active_[{load.pool, load.instance}] = load.active;
  }
  std::uint64_t active(const ScannerInstance& instance) const {
    const auto found = active_.find({instance.settings().pool, instance.settings().name});
    return found == active_.end() ? 0 : found->second;
  }
  PoolCounts pool(const std::string& name) const {
    const auto found = pools_.find(name);
    return found == pools_.end() ? PoolCounts{} : found->second;
  }

 private:
  std::map<std::string, PoolCounts> pools_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> active_;
};

tl::expected<Load, ServiceError> readLoad(const Service& service, const OperationContext& context) {
  auto counts = service.work.queue.counts(callFor(context, Work::queue_timeout));
  if (!counts) return tl::unexpected<ServiceError>(ServiceError::fromBackend(counts.error()));
  return Load(std::move(*counts));
}

std::uint64_t freeOf(std::uint64_t limit, std::uint64_t active) {
  return active >= limit ? 0 : limit - active;
}
double utilisation(std::uint64_t active, std::uint64_t capacity) {
  return capacity == 0
             ? 0
             : oneDecimal(100.0 * static_cast<double>(active) / static_cast<double>(capacity));
}

Json retryAt(const ScannerInstance::Condition& condition) {
  if (!condition.retry_at) return {};
  const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(
      *condition.retry_at - std::chrono::steady_clock::now());
  return formatTimestamp(Timestamp{Timestamp::now().micros + wait.count()});
}

Json describeScanner(const ScannerInstance& instance, const ScannerInstance::Condition& condition,
                     std::uint64_t active) {
  const ScannerSettings& settings = instance.settings();
  return Json::object({{"scanner_type", settings.type},
                       {"pool", settings.pool},
                       {"instance_id", settings.name},
                       {"instance_key", settings.key()},
                       {"name", settings.title.empty() ? settings.name : settings.title},
                       {"url", instance.description().url},
                       {"enabled", settings.enabled},
                       {"max_concurrent_scans", settings.limit},
                       {"active_scans", active},
                       {"available_capacity", freeOf(settings.limit, active)},
                       {"utilization_pct", utilisation(active, settings.limit)},
                       {"state", scannerStateName(condition.state)},
                       {"reason", textOrNull(condition.reason)},
                       {"circuit", Json::object({{"state", circuitStateName(condition.circuit)},
                                                 {"failures", condition.failures},
                                                 {"retry_at", retryAt(condition)}})}});
}

std::optional<ServiceError> unknownPool(const Service& service, const std::string& pool) {
  if (service.work.scanners->hasPool(pool)) return std::nullopt;
  return ServiceError::poolNotFound(pool, service.work.scanners->pools());
}

Json toArray(const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const std::string& name : names) out.push(name);
  return out;
}

OperationResult listScanners(const Service& service, const PoolArguments& arguments,
                             const OperationContext& context) {
  if (arguments.scanner_pool)
    if (auto fault = unknownPool(service, *arguments.scanner_pool))
      return tl::unexpected<ServiceError>(std::move(*fault));
  const auto load = readLoad(service, context);
  if (!load) return tl::unexpected<ServiceError>(load.error());
  Json scanners = Json::array();
  for (const ScannerPtr& instance : service.work.scanners->all())
    if (!arguments.scanner_pool || instance->settings().pool == *arguments.scanner_pool)
      scanners.push(describeScanner(*instance, service.reports.conditionOf(*instance),
                                    load->active(*instance)));
  const std::size_t total = scanners.size();
  return OperationAnswer{Json::object({{"scanners", std::move(scanners)},
                                       {"total", total},
                                       {"pools", toArray(service.work.scanners->pools())}})};
}

OperationResult listPools(const Service& service) {
  Json templates = Json::array();
  const auto config = service.work.config.get();
  for (const ScanTemplate& entry : config->scan_templates)
    templates.push(Json::object({{"name", entry.name}, {"pool", textOrNull(entry.pool)}}));
  return OperationAnswer{Json::object({{"pools", toArray(service.work.scanners->pools())},
                                       {"default_pool", service.work.scanners->defaultPool()},
                                       {"scan_templates", std::move(templates)}})};
}

OperationResult poolStatus(const Service& service, const PoolArguments& arguments,
                           const OperationContext& context) {
  const std::string pool = arguments.scanner_pool.value_or(service.work.scanners->defaultPool());
  if (auto fault = unknownPool(service, pool))
    return tl::unexpected<ServiceError>(std::move(*fault));
  const auto load = readLoad(service, context);
  if (!load) return tl::unexpected<ServiceError>(load.error());

  std::uint64_t capacity = 0, active = 0;
  std::string type;
  Json scanners = Json::array();
  for (const ScannerPtr& instance : service.work.scanners->enabledIn(pool)) {
    const std::uint64_t running = load->active(*instance);
    const std::uint64_t limit = instance->settings().limit;
    capacity += limit;
    active += running;
    if (type.empty()) type = instance->settings().type;
    scanners.push(Json::object(
        {{"instance_key", instance->settings().key()},
         {"active_scans", running},
         {"max_concurrent_scans", limit},
         {"utilization_pct", utilisation(running, limit)},
         {"available_capacity", freeOf(limit, running)},
         {"circuit_state", circuitStateName(service.reports.conditionOf(*instance).circuit)}}));
  }
  const PoolCounts counts = load->pool(pool);
  return OperationAnswer{Json::object({{"pool", pool},
                                       {"scanner_type", textOrNull(type)},
                                       {"total_scanners", scanners.size()},
                                       {"total_capacity", capacity},
                                       {"total_active", active},
                                       {"available_capacity", freeOf(capacity, active)},
                                       {"utilization_pct", utilisation(active, capacity)},
                                       {"queue_depth", counts.queued},
                                       {"dlq_size", counts.dead},
                                       {"scanners", std::move(scanners)}})};
}

/// The oldest waiting tasks this caller may see; never what they carry.
tl::expected<Json, ServiceError> nextTasks(const Service& service, const std::string& pool,
                                           const OperationContext& context) {
  TaskQuery query;
  query.state = TaskState::queued;
  query.pool = pool;
  query.limit = shown_next_tasks;
  query.oldest_first = true;
  if (!context.caller.seesEverything()) query.owner = context.caller.subject;
  const auto page = service.work.queue.list(query, callFor(context, Work::queue_timeout));
  if (!page) return tl::unexpected<ServiceError>(ServiceError::fromBackend(page.error()));
  Json tasks = Json::array();
  for (const QueuedTask& task : page->tasks) {
    const auto submission = SubmissionDocument::parse(task.submission, task.id);
    tasks.push(Json::object({{"task_id", task.id},
                             {"trace_id", task.trace_id},
                             {"scan_type", submission ? submission->scan_type : ""},
                             {"scanner_pool", task.pool},
                             {"scanner_instance_id", textOrNull(task.wanted_instance)},
                             {"name", submission ? submission->name : ""},
                             {"created_at", timeOrNull(task.created_us)},
                             {"attempt", task.attempt}}));
  }
  return tasks;
}

OperationResult queueStatus(const Service& service, const PoolArguments& arguments,
                            const OperationContext& context) {
  const std::string pool = arguments.scanner_pool.value_or(service.work.scanners->defaultPool());
  if (auto fault = unknownPool(service, pool))
    return tl::unexpected<ServiceError>(std::move(*fault));
  const auto load = readLoad(service, context);
  if (!load) return tl::unexpected<ServiceError>(load.error());
  auto tasks = nextTasks(service, pool, context);
  if (!tasks) return tl::unexpected<ServiceError>(tasks.error());
  const PoolCounts counts = load->pool(pool);
  return OperationAnswer{Json::object({{"pool", pool},
                                       {"queue_depth", counts.queued},
                                       {"dlq_size", counts.dead},
                                       {"running", counts.running},
                                       {"paused", counts.paused},
                                       {"delayed", counts.delayed},
                                       {"next_tasks", std::move(*tasks)},
                                       {"timestamp", formatTimestamp(Timestamp::now())}})};
}

/// A read-only operation of either argument struct.
template <class Arguments, class Run>
Operation readOperation(std::string name, std::string title, std::string description,
                        ArgumentTable<Arguments> table, std::vector<std::string> answer_fields,
                        Run run) {
  Operation operation;
  operation.name = std::move(name);
  operation.title = std::move(title);
  operation.description = std::move(description);
  operation.input_schema = table.schema();
  operation.output_schema =
      outputSchema(Json::object({{"type", "object"}, {"required", toArray(answer_fields)}}));
  operation.flags = SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT;
  operation.logged_arguments = table.names();
  operation.run = [table = std::move(table), run](
                      const Json& arguments, const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return run(*read, context);
  };
  return operation;
}

ArgumentTable<PoolArguments> poolArguments(std::string description) {
  ArgumentTable<PoolArguments> table;
  table.text("scanner_pool", &PoolArguments::scanner_pool, {.description = std::move(description)});
  return table;
}

}  // namespace

void addInfrastructureOperations(Operations& operations, const Service& service) {
  operations.add(readOperation(
      "list_scanners", "Scanners and their states",
      "Lists the scanner instances with their load, and whether each can launch scans.",
      poolArguments("Only this pool; all when absent"), {"scanners", "total", "pools"},
      [&service](const PoolArguments& arguments, const OperationContext& context) {
        return listScanners(service, arguments, context);
      }));
  operations.add(readOperation(
      "list_pools", "Pools of scanners",
      "Lists the pools, the default one, and the scan templates.", ArgumentTable<NoArguments>(),
      {"pools", "default_pool"},
      [&service](const NoArguments&, const OperationContext&) { return listPools(service); }));
  operations.add(readOperation(
      "get_pool_status", "Load of a pool", "Tells capacity, load and waiting scans of one pool.",
      poolArguments("The pool; the default one when absent"),
      {"pool", "total_capacity", "queue_depth", "scanners"},
      [&service](const PoolArguments& arguments, const OperationContext& context) {
        return poolStatus(service, arguments, context);
      }));
  operations.add(
      readOperation("get_queue_status", "Queue of a pool",
                    "Tells how many scans wait in a pool, and which come next.",
                    poolArguments("The pool; the default one when absent"),
                    {"pool", "queue_depth", "next_tasks", "timestamp"},
                    [&service](const PoolArguments& arguments, const OperationContext& context) {
                      return queueStatus(service, arguments, context);
                    }));
}

}  // namespace scanhost
