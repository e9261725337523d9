// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The base class of result stores: implement it, and SCANHOST_PLUGIN does the rest.
///
/// Functions come from any thread, several at once; one cursor is used by one call at a time. They
/// throw PluginError: `lost` for a generation that does not exist, transient with
/// ErrorSubject::backend when the store fails. abi/draft/results.h states what each must do.
#ifndef SCANHOST_RESULTS_H
#define SCANHOST_RESULTS_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin.h"
#include "results_records.h"

namespace scanhost {
inline namespace v1 {

/// A walk over the findings of one query. Between two calls it holds nothing that a stalled reader
/// could keep from others.
class ResultsCursor {
 public:
  using Tell = std::function<void(const FindingRecord&)>;

  ResultsCursor() = default;
  ResultsCursor(const ResultsCursor&) = delete;
  ResultsCursor& operator=(const ResultsCursor&) = delete;
  virtual ~ResultsCursor() = default;

  /// Tells up to `max` more findings, one at a time; none at the end.
  virtual void next(std::uint64_t max, const Tell& tell, Call& call) = 0;
};

class Results : public Instance {
 public:
  /// Whether a generation is still named by a task.
  using Keep = std::function<bool(std::string_view task_id, std::string_view generation)>;

  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_RESULTS_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept;

  /// Answers the new generation's name.
  virtual std::string openGeneration(const Generation& generation, Call& call) = 0;
  virtual void append(const std::string& generation, const std::vector<FindingRecord>& findings,
                      Call& call) = 0;
  virtual void seal(const std::string& generation, const std::string& summary, Call& call) = 0;
  virtual std::optional<std::string> current(const std::string& task_id, std::uint64_t epoch,
                                             Call& call) = 0;
  virtual std::optional<std::string> summary(const std::string& generation, Call& call) = 0;

  virtual std::unique_ptr<ResultsCursor> open(const ResultsQuery& query, Call& call) = 0;
  virtual std::uint64_t count(const ResultsQuery& query, Call& call) = 0;

  /// Both answer how much went: findings, generations.
  virtual std::uint64_t remove(const std::string& task_id, Call& call) = 0;
  virtual std::uint64_t sweep(std::int64_t from_us, std::int64_t before_us, std::uint32_t limit,
                              const Keep& keep, Call& call) = 0;
  virtual void check(Call& call) = 0;
};

namespace detail {

/// The functions of scanhost_results over a Results. `self` is a Results*, as interfaceHead made
/// it; a cursor is a ResultsCursor*.
struct ResultsThunks {
  static Results& results(void* self) noexcept { return *static_cast<Results*>(self); }

  static void write(const scanhost_text_sink* sink, const std::string& text) {
    throwUnlessOk(writeText(sink, text));
  }

  static scanhost_status openGeneration(void* self, const scanhost_call* call,
                                        const scanhost_generation* generation,
                                        const scanhost_text_sink* name) noexcept {
    return guarded(call, [&](Call& context) {
      write(name, results(self).openGeneration(own(*generation), context));
    });
  }
  static scanhost_status append(void* self, const scanhost_call* call, scanhost_text generation,
                                const scanhost_finding* const* findings, uint64_t count) noexcept {
    return guarded(call, [&](Call& context) {
      std::vector<FindingRecord> records;
      records.reserve(static_cast<std::size_t>(count));
      for (uint64_t i = 0; i < count; ++i) records.push_back(FindingRecord::from(*findings[i]));
      results(self).append(toString(generation), records, context);
    });
  }
  static scanhost_status seal(void* self, const scanhost_call* call, scanhost_text generation,
                              scanhost_text summary) noexcept {
    return guarded(call, [&](Call& context) {
      results(self).seal(toString(generation), toString(summary), context);
    });
  }
  static scanhost_status current(void* self, const scanhost_call* call, scanhost_text task_id,
                                 uint64_t epoch, const scanhost_text_sink* name) noexcept {
    return guarded(call, [&](Call& context) {
      if (const auto found = results(self).current(toString(task_id), epoch, context))
        write(name, *found);
    });
  }
  static scanhost_status summary(void* self, const scanhost_call* call, scanhost_text generation,
                                 const scanhost_text_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      if (const auto found = results(self).summary(toString(generation), context))
        write(sink, *found);
    });
  }

  static scanhost_status open(void* self, const scanhost_call* call,
                              const scanhost_results_query* query, void** cursor) noexcept {
    return guarded(
        call, [&](Call& context) { *cursor = results(self).open(own(*query), context).release(); });
  }
  static scanhost_status next(void*, const scanhost_call* call, void* cursor, uint64_t max,
                              const scanhost_finding_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const auto tell = [&](const FindingRecord& record) {
        const LentFinding lent(record);
        const scanhost_finding* abi = lent.abi();
        throwUnlessOk(sink->findings(sink->context, &abi, 1));
      };
      static_cast<ResultsCursor*>(cursor)->next(max, tell, context);
    });
  }
  static void close(void*, void* cursor) noexcept { delete static_cast<ResultsCursor*>(cursor); }
  static scanhost_status count(void* self, const scanhost_call* call,
                               const scanhost_results_query* query, uint64_t* count) noexcept {
    return guarded(call,
                   [&](Call& context) { *count = results(self).count(own(*query), context); });
  }

  static scanhost_status remove(void* self, const scanhost_call* call, scanhost_text task_id,
                                uint64_t* findings) noexcept {
    return guarded(
        call, [&](Call& context) { *findings = results(self).remove(toString(task_id), context); });
  }
  static scanhost_status sweep(void* self, const scanhost_call* call, int64_t from_us,
                               int64_t before_us, uint32_t limit,
                               int32_t (*keep)(void*, scanhost_text, scanhost_text),
                               void* keep_context, uint64_t* removed) noexcept {
    return guarded(call, [&](Call& context) {
      const Results::Keep named = [&](std::string_view task_id, std::string_view generation) {
        return keep(keep_context, toText(task_id), toText(generation)) != 0;
      };
      *removed = results(self).sweep(from_us, before_us, limit, named, context);
    });
  }
  static scanhost_status check(void* self, const scanhost_call* call) noexcept {
    return guarded(call, [&](Call& context) { results(self).check(context); });
  }

  static scanhost_results table(const scanhost_interface& head) noexcept {
    scanhost_results table{};
    table.base = head;
    table.open_generation = &openGeneration;
    table.append = &append;
    table.seal = &seal;
    table.current = &current;
    table.summary = &summary;
    table.open = &open;
    table.next = &next;
    table.close = &close;
    table.count = &count;
    table.remove = &remove;
    table.sweep = &sweep;
    table.check = &check;
    return table;
  }
};

}  // namespace detail

template <class Plugin>
const scanhost_interface* Results::interfaceTable() noexcept {
  static const scanhost_results table = detail::ResultsThunks::table(
      detail::interfaceHead<Results, Plugin>(sizeof(scanhost_results), SCANHOST_RESULTS_REVISION));
  return &table.base;
}

}  // namespace v1
}  // namespace scanhost

#endif
