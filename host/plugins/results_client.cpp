// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/results_client.h"

#include <utility>

namespace scanhost {
namespace {

constexpr std::size_t longest_text = 16u << 20;  ///< bytes of a summary or a generation's name

/// Gathers findings as values, up to a bound.
class RecordSink {
 public:
  explicit RecordSink(std::uint64_t most) : most_(most) {}
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;

  const scanhost_finding_sink* abi() const { return &abi_; }
  const SinkGuard& guard() const { return guard_; }
  std::vector<FindingRecord>& records() { return records_; }

 private:
  static scanhost_status take(void* context, const scanhost_finding* const* findings,
                              uint64_t count) {
    RecordSink& self = *static_cast<RecordSink*>(context);
    return self.guard_.run([&] {
      if (count > self.most_ - self.records_.size())
        throw PluginError(ErrorClass::internal, "the plugin told more than the " +
                                                    std::to_string(self.most_) +
                                                    " findings it was asked for");
      for (uint64_t i = 0; i < count; ++i)
        self.records_.push_back(FindingRecord::from(wholeRecord(findings[i], "finding")));
    });
  }

  std::uint64_t most_;
  SinkGuard guard_;
  std::vector<FindingRecord> records_;
  scanhost_finding_sink abi_{sizeof(scanhost_finding_sink), 0, this, &take};
};

}  // namespace

FindingCursor::FindingCursor(StoreCalls calls, const scanhost_results* results, void* self,
                             void* cursor)
    : calls_(std::move(calls)), results_(results), self_(self), cursor_(cursor) {}

FindingCursor::FindingCursor(FindingCursor&& other) noexcept
    : calls_(std::move(other.calls_)),
      results_(other.results_),
      self_(other.self_),
      cursor_(std::exchange(other.cursor_, nullptr)) {}

FindingCursor& FindingCursor::operator=(FindingCursor&& other) noexcept {
  std::swap(calls_, other.calls_);
  std::swap(results_, other.results_);
  std::swap(self_, other.self_);
  std::swap(cursor_, other.cursor_);
  return *this;
}

FindingCursor::~FindingCursor() {
  if (cursor_) results_->close(self_, cursor_);
}

Result<std::vector<FindingRecord>> FindingCursor::next(std::uint64_t max, CallOptions options) {
  RecordSink sink(max);
  const Status done = calls_.run("next", std::move(options), sink.guard(), [&](auto* call) {
    return results_->next(self_, call, cursor_, max, sink.abi());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.records());
}

ResultsClient::ResultsClient(std::string plugin, const scanhost_interface* table, void* self,
                             CallObserver observer, const PluginEventSink* events)
    : calls_("results", std::move(plugin), std::move(observer), events),
      results_(reinterpret_cast<const scanhost_results*>(table)),
      self_(self) {}

template <class Invoke>
Result<std::optional<std::string>> ResultsClient::text(std::string_view operation,
                                                       CallOptions options, Invoke&& invoke) const {
  TextBuffer buffer(longest_text);
  const Status done = calls_.run(operation, std::move(options), [&](const scanhost_call* call) {
    return invoke(call, buffer.sink());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  std::string found = buffer.take();
  if (found.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(found));
}

template <class Invoke>
Result<std::uint64_t> ResultsClient::number(std::string_view operation, CallOptions options,
                                            Invoke&& invoke) const {
  std::uint64_t told = 0;
  const Status done = calls_.run(operation, std::move(options),
                                 [&](const scanhost_call* call) { return invoke(call, &told); });
  if (!done) return tl::unexpected<Error>(done.error());
  return told;
}

Result<std::string> ResultsClient::openGeneration(const Generation& generation,
                                                  CallOptions options) const {
  const scanhost_generation abi = detail::lend(generation);
  auto name = text("open_generation", std::move(options), [&](auto* call, auto* sink) {
    return results_->open_generation(self_, call, &abi, sink);
  });
  if (!name) return tl::unexpected<Error>(name.error());
  if (!*name)
    return tl::unexpected<Error>(calls_.breach("open_generation", "the plugin told no name"));
  return std::move(**name);
}

Status ResultsClient::append(std::string_view generation,
                             std::span<const scanhost_finding* const> findings,
                             CallOptions options) const {
  return calls_.run("append", std::move(options), [&](auto* call) {
    return results_->append(self_, call, toText(generation), findings.data(), findings.size());
  });
}

Status ResultsClient::append(std::string_view generation, std::span<const FindingRecord> findings,
                             CallOptions options) const {
  std::vector<LentFinding> lent;
  std::vector<const scanhost_finding*> pointers;
  lent.reserve(findings.size());
  pointers.reserve(findings.size());
  for (const FindingRecord& finding : findings)
    pointers.push_back(lent.emplace_back(finding).abi());
  return append(generation, std::span<const scanhost_finding* const>(pointers), std::move(options));
}

Status ResultsClient::seal(std::string_view generation, std::string_view summary,
                           CallOptions options) const {
  return calls_.run("seal", std::move(options), [&](auto* call) {
    return results_->seal(self_, call, toText(generation), toText(summary));
  });
}

Result<std::optional<std::string>> ResultsClient::current(std::string_view task_id,
                                                          std::uint64_t epoch,
                                                          CallOptions options) const {
  return text("current", std::move(options), [&](auto* call, auto* sink) {
    return results_->current(self_, call, toText(task_id), epoch, sink);
  });
}

Result<std::optional<std::string>> ResultsClient::summary(std::string_view generation,
                                                          CallOptions options) const {
  return text("summary", std::move(options), [&](auto* call, auto* sink) {
    return results_->summary(self_, call, toText(generation), sink);
  });
}

Result<FindingCursor> ResultsClient::open(const ResultsQuery& query, CallOptions options) const {
  const detail::LentResultsQuery lent(query);
  return open(*lent.abi(), std::move(options));
}

Result<FindingCursor> ResultsClient::open(const scanhost_results_query& query,
                                          CallOptions options) const {
  void* cursor = nullptr;
  const Status done = calls_.run("open", std::move(options), [&](auto* call) {
    return results_->open(self_, call, &query, &cursor);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!cursor) return tl::unexpected<Error>(calls_.breach("open", "the plugin gave no cursor"));
  return FindingCursor(calls_, results_, self_, cursor);
}

Result<std::uint64_t> ResultsClient::count(const ResultsQuery& query, CallOptions options) const {
  const detail::LentResultsQuery lent(query);
  return count(*lent.abi(), std::move(options));
}

Result<std::uint64_t> ResultsClient::count(const scanhost_results_query& query,
                                           CallOptions options) const {
  return number("count", std::move(options),
                [&](auto* call, auto* told) { return results_->count(self_, call, &query, told); });
}

Result<std::uint64_t> ResultsClient::remove(std::string_view task_id, CallOptions options) const {
  return number("remove", std::move(options), [&](auto* call, auto* told) {
    return results_->remove(self_, call, toText(task_id), told);
  });
}

Result<std::uint64_t> ResultsClient::sweep(std::int64_t from_us, std::int64_t before_us,
                                           std::uint32_t limit, const Keep& keep,
                                           CallOptions options) const {
  const auto ask = [](void* context, scanhost_text task_id, scanhost_text generation) -> int32_t {
    try {
      return (*static_cast<const Keep*>(context))(toView(task_id), toView(generation)) ? 1 : 0;
    } catch (...) {
      return 1;  // what cannot be judged is not removed
    }
  };
  return number("sweep", std::move(options), [&](auto* call, auto* told) {
    return results_->sweep(self_, call, from_us, before_us, limit, ask, const_cast<Keep*>(&keep),
                           told);
  });
}

Status ResultsClient::check(CallOptions options) const {
  return calls_.run("check", std::move(options),
                    [&](auto* call) { return results_->check(self_, call); });
}

}  // namespace scanhost
