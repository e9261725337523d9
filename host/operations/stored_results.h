// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The findings that a task has stored, for the operations that serve them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/findings/filter.h"
#include "host/findings/report.h"
#include "host/findings/store_query.h"
#include "host/operations/service.h"

namespace scanhost {

/// What went wrong with the store, as the reader of that task's results is told.
ServiceError resultsFault(const Error& error, const std::string& task_id);

/// The conditions of an argument `filters`; none when it is absent.
tl::expected<std::vector<Condition>, ServiceError> readFilters(const std::optional<Json>& filters);

/// Of one task and one request; borrows both. One thread at a time.
class StoredResults {
 public:
  /// The task must be completed. With `partial` any will do, and what its present lease has stored
  /// counts while it names no results; there may be none then.
  static tl::expected<StoredResults, ServiceError> find(const Service& service,
                                                        const std::string& task_id, bool partial,
                                                        const OperationContext& context);

  const QueuedTask& task() const { return task_; }
  const SubmissionDocument& submission() const { return submission_; }
  /// Empty when nothing is stored yet.
  const std::string& generation() const { return generation_; }
  CallOptions storeCall() const { return callFor(*context_, Work::results_timeout); }

  /// All that the task knows of it; counts and groups are the caller's to fill in.
  ReportHead head(const std::optional<Json>& filters) const;
  tl::expected<std::uint64_t, ServiceError> count(const std::vector<Condition>& conditions) const;

  /// Streams the findings of a query to `take` until it answers false. What `take` fails with is
  /// told as too large.
  template <class Take>
  std::optional<ServiceError> each(StoreQuery& query, Take take) const {
    if (generation_.empty()) return std::nullopt;
    auto cursor = service_->work.results.open(detail::own(query.abi()), storeCall());
    if (!cursor) return resultsFault(cursor.error(), task_.id);
    for (;;) {
      const auto batch = cursor->next(findings_per_step, storeCall());
      if (!batch) return resultsFault(batch.error(), task_.id);
      if (batch->empty()) return std::nullopt;
      for (const Finding& finding : *batch) {
        const Result<bool> more = take(finding);
        if (!more) return ServiceError::tooLarge(more.error().message);
        if (!*more) return std::nullopt;
      }
    }
  }

 private:
  static constexpr std::uint64_t findings_per_step = 256;

  StoredResults(const Service& service, const OperationContext& context)
      : service_(&service), context_(&context) {}

  const Service* service_;
  const OperationContext* context_;
  QueuedTask task_;
  SubmissionDocument submission_;
  ProgressDocument progress_;
  std::string generation_;
};

}  // namespace scanhost
