// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A result store's instance as the host calls it: values in, Result out.
///
///     ResultsClient results("results-sqlite", table, self, observer);
///     Result<FindingCursor> cursor = results.open(query, {.timeout = 30s});
///     for (;;) {
///       Result<std::vector<FindingRecord>> batch = cursor->next(100, {.timeout = 30s});
///       if (!batch || batch->empty()) break;
///     }
///
/// Borrows the instance, which its owner has created and started and which outlives this and every
/// cursor. Safe from any thread; one cursor by one thread at a time. ErrorClass::lost: there is no
/// such generation.
#pragma once

#include <scanhost/results_records.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/abi/host_call.h"
#include "host/base/result.h"
#include "host/plugins/store_call.h"

namespace scanhost {

/// A walk over the findings of one query; closes itself. Move-only.
class FindingCursor {
 public:
  FindingCursor(FindingCursor&& other) noexcept;
  FindingCursor& operator=(FindingCursor&& other) noexcept;
  ~FindingCursor();

  /// Up to `max` more findings; none at the end.
  Result<std::vector<FindingRecord>> next(std::uint64_t max, CallOptions options);

 private:
  friend class ResultsClient;
  FindingCursor(StoreCalls calls, const scanhost_results* results, void* self, void* cursor);

  StoreCalls calls_;
  const scanhost_results* results_;
  void* self_;
  void* cursor_;
};

class ResultsClient {
 public:
  /// Whether a generation is still named by its task.
  using Keep = std::function<bool(std::string_view task_id, std::string_view generation)>;

  /// `plugin` is the plugin's name, for messages; `events`, of its instance, takes what it logs.
  ResultsClient(std::string plugin, const scanhost_interface* table, void* self,
                CallObserver observer = {}, const PluginEventSink* events = nullptr);

  static std::string_view interfaceId() { return SCANHOST_RESULTS_ID; }

  /// The new generation's name.
  Result<std::string> openGeneration(const Generation& generation, CallOptions options) const;
  Status append(std::string_view generation, std::span<const scanhost_finding* const> findings,
                CallOptions options) const;
  Status append(std::string_view generation, std::span<const FindingRecord> findings,
                CallOptions options) const;
  /// `summary` is one JSON object.
  Status seal(std::string_view generation, std::string_view summary, CallOptions options) const;
  /// The name of the generation that `epoch` of the task fills, if it opened one.
  Result<std::optional<std::string>> current(std::string_view task_id, std::uint64_t epoch,
                                             CallOptions options) const;
  /// Nothing while the generation is not sealed.
  Result<std::optional<std::string>> summary(std::string_view generation,
                                             CallOptions options) const;

  Result<FindingCursor> open(const ResultsQuery& query, CallOptions options) const;
  Result<FindingCursor> open(const scanhost_results_query& query, CallOptions options) const;
  Result<std::uint64_t> count(const ResultsQuery& query, CallOptions options) const;
  Result<std::uint64_t> count(const scanhost_results_query& query, CallOptions options) const;

  /// How many findings went.
  Result<std::uint64_t> remove(std::string_view task_id, CallOptions options) const;
  /// How many generations went. A `keep` that throws keeps.
  Result<std::uint64_t> sweep(std::int64_t from_us, std::int64_t before_us, std::uint32_t limit,
                              const Keep& keep, CallOptions options) const;
  Status check(CallOptions options) const;

 private:
  template <class Invoke>
  Result<std::optional<std::string>> text(std::string_view operation, CallOptions options,
                                          Invoke&& invoke) const;
  template <class Invoke>
  Result<std::uint64_t> number(std::string_view operation, CallOptions options,
                               Invoke&& invoke) const;

  StoreCalls calls_;
  const scanhost_results* results_;
  void* self_;
};

}  // namespace scanhost
