// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/stored_results.h"

namespace scanhost {

ServiceError resultsFault(const Error& error, const std::string& task_id) {
  if (error.error_class == ErrorClass::lost) return ServiceError::resultsNotFound(task_id);
  return ServiceError::fromBackend(error);
}

tl::expected<std::vector<Condition>, ServiceError> readFilters(const std::optional<Json>& filters) {
  if (!filters) return std::vector<Condition>();
  auto conditions = parseFilters(*filters);
  if (!conditions)
    return tl::unexpected<ServiceError>(
        ServiceError::invalidFilter(conditions.error().message, fieldNames()));
  return std::move(*conditions);
}

tl::expected<StoredResults, ServiceError> StoredResults::find(const Service& service,
                                                              const std::string& task_id,
                                                              bool partial,
                                                              const OperationContext& context) {
  const auto refuse = [](ServiceError error) {
    return tl::unexpected<ServiceError>(std::move(error));
  };
  StoredResults results(service, context);
  auto task = findTask(service, task_id, context);
  if (!task) return refuse(task.error());
  results.task_ = std::move(*task);
  if (results.task_.state != TaskState::completed && !partial)
    return refuse(ServiceError::notCompleted(taskStateName(results.task_.state)));
  auto submission = SubmissionDocument::parse(results.task_.submission, task_id);
  auto progress = ProgressDocument::parse(results.task_.progress, task_id);
  if (!submission || !progress) return refuse(ServiceError::internal());
  results.submission_ = std::move(*submission);
  results.progress_ = std::move(*progress);

  // The sealed one that the task names; with `partial`, what the present lease has stored.
  results.generation_ = results.task_.generation;
  if (!results.generation_.empty()) return results;
  if (!partial) return refuse(ServiceError::resultsNotFound(task_id));
  auto current = service.work.results.current(task_id, results.task_.epoch, results.storeCall());
  if (!current) return refuse(ServiceError::fromBackend(current.error()));
  if (*current) results.generation_ = std::move(**current);
  return results;
}

ReportHead StoredResults::head(const std::optional<Json>& filters) const {
  ReportHead head;
  if (filters) head.filters_applied = *filters;
  head.complete = task_.state == TaskState::completed;
  head.scan_name = submission_.name;
  head.task_id = task_.id;
  head.status = taskStateName(task_.state);
  if (!progress_.authentication_status.empty())
    head.authentication_status = progress_.authentication_status;
  if (const auto coverage = Coverage::fromJson(progress_.coverage)) head.coverage = *coverage;
  return head;
}

tl::expected<std::uint64_t, ServiceError> StoredResults::count(
    const std::vector<Condition>& conditions) const {
  if (generation_.empty()) return 0;
  StoreQuery query(generation_, conditions);
  const auto counted = service_->work.results.count(detail::own(query.abi()), storeCall());
  if (!counted) return tl::unexpected<ServiceError>(resultsFault(counted.error(), task_.id));
  return *counted;
}

}  // namespace scanhost
