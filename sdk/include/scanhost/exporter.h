// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The base class of exporters: take events, take spans, render metrics. What a class does not
/// override is left out of its table, so the host does not offer it.
///
/// `events`, `spans` and `flush` never overlap on one instance; `render` may come from any thread,
/// several at once. They throw PluginError: transient with ErrorSubject::backend when writing
/// fails, and the host then offers the same batch again. abi/exporter.h states what each must
/// do.
#ifndef SCANHOST_EXPORTER_H
#define SCANHOST_EXPORTER_H

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>

#include "abi/exporter.h"
#include "plugin.h"

namespace scanhost {
inline namespace v1 {

/// Records that crossed as an array of pointers, as a range of references. Borrowed for the call.
template <class Record>
class Records {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Record;
    using difference_type = std::ptrdiff_t;
    using pointer = const Record*;
    using reference = const Record&;

    explicit Iterator(const Record* const* at) noexcept : at_(at) {}
    reference operator*() const noexcept { return **at_; }
    pointer operator->() const noexcept { return *at_; }
    Iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    Iterator operator++(int) noexcept { return Iterator(at_++); }
    friend bool operator==(Iterator a, Iterator b) noexcept { return a.at_ == b.at_; }
    friend bool operator!=(Iterator a, Iterator b) noexcept { return a.at_ != b.at_; }

   private:
    const Record* const* at_;
  };

  Records(const Record* const* records, uint64_t count) noexcept
      : records_(records), count_(static_cast<std::size_t>(count)) {}

  Iterator begin() const noexcept { return Iterator(records_); }
  Iterator end() const noexcept { return Iterator(records_ + count_); }
  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  const Record& operator[](std::size_t index) const noexcept { return *records_[index]; }

 private:
  const Record* const* records_;
  std::size_t count_;
};

using EventBatch = Records<scanhost_logged_event>;
using SpanBatch = Records<scanhost_span>;

/// Metric families at one moment, by name.
inline Records<scanhost_metric_family> familiesOf(
    const scanhost_metric_snapshot& snapshot) noexcept {
  return {snapshot.families, snapshot.family_count};
}
inline Records<scanhost_metric> metricsOf(const scanhost_metric_family& family) noexcept {
  return {family.metrics, family.metric_count};
}

/// A snapshot as a document.
struct RenderedMetrics {
  std::string content_type;
  std::string body;
};

class Exporter : public Instance {
 public:
  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_EXPORTER_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept;

  /// Returns when the whole batch is written.
  virtual void events(const EventBatch& batch, Call& call);
  /// Writes out what is buffered.
  virtual void flush(Call& call);
  /// Returns when the whole batch is handed on.
  virtual void spans(const SpanBatch& batch, Call& call);
  /// The path at which the host shall serve `render`, beginning with '/'.
  virtual std::string endpoint() const;
  /// In the best form that `accept`, an HTTP Accept header, allows.
  virtual RenderedMetrics render(const scanhost_metric_snapshot& snapshot, std::string_view accept,
                                 Call& call) const;
};

// The table holds no function that leads here.
inline void Exporter::events(const EventBatch&, Call&) {}
inline void Exporter::flush(Call&) {}
inline void Exporter::spans(const SpanBatch&, Call&) {}
inline std::string Exporter::endpoint() const {
  return {};
}
inline RenderedMetrics Exporter::render(const scanhost_metric_snapshot&, std::string_view,
                                        Call&) const {
  return {};
}

namespace detail {

/// True when `Function`, a pointer to a member found through the plugin's class, is not Exporter's.
template <class Function>
struct IsOverridden : std::true_type {};
template <class Answer, class... Arguments>
struct IsOverridden<Answer (Exporter::*)(Arguments...)> : std::false_type {};
template <class Answer, class... Arguments>
struct IsOverridden<Answer (Exporter::*)(Arguments...) const> : std::false_type {};

struct ExporterThunks {
  static Exporter& self(void* instance) noexcept { return *static_cast<Exporter*>(instance); }

  static scanhost_status events(void* instance, const scanhost_call* call,
                                const scanhost_logged_event* const* events,
                                uint64_t count) noexcept {
    return guarded(call, [&](Call& context) { self(instance).events({events, count}, context); });
  }
  static scanhost_status flush(void* instance, const scanhost_call* call) noexcept {
    return guarded(call, [&](Call& context) { self(instance).flush(context); });
  }
  static scanhost_status spans(void* instance, const scanhost_call* call,
                               const scanhost_span* const* spans, uint64_t count) noexcept {
    return guarded(call, [&](Call& context) { self(instance).spans({spans, count}, context); });
  }
  static scanhost_status endpoint(void* instance, const scanhost_text_sink* path) noexcept {
    try {
      return writeText(path, self(instance).endpoint());
    } catch (...) {
      return SCANHOST_ERROR_INTERNAL;  // without a call there is no slot for a message
    }
  }
  static scanhost_status render(void* instance, const scanhost_call* call,
                                const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                                const scanhost_text_sink* content_type,
                                const scanhost_text_sink* body) noexcept {
    return guarded(call, [&](Call& context) {
      const RenderedMetrics rendered = self(instance).render(*snapshot, toView(accept), context);
      throwUnlessOk(writeText(content_type, rendered.content_type));
      throwUnlessOk(writeText(body, rendered.body));
    });
  }
};

}  // namespace detail

template <class Plugin>
const scanhost_interface* Exporter::interfaceTable() noexcept {
  static const scanhost_exporter table = [] {
    scanhost_exporter made{};
    made.base = detail::interfaceHead<Exporter, Plugin>(sizeof(scanhost_exporter),
                                                        SCANHOST_EXPORTER_REVISION);
    using Thunks = detail::ExporterThunks;
    if (detail::IsOverridden<decltype(&Plugin::events)>::value) made.events = &Thunks::events;
    if (detail::IsOverridden<decltype(&Plugin::flush)>::value) made.flush = &Thunks::flush;
    if (detail::IsOverridden<decltype(&Plugin::endpoint)>::value) made.endpoint = &Thunks::endpoint;
    if (detail::IsOverridden<decltype(&Plugin::render)>::value) made.render = &Thunks::render;
    if (detail::IsOverridden<decltype(&Plugin::spans)>::value) made.spans = &Thunks::spans;
    return made;
  }();
  return &table.base;
}

}  // namespace v1
}  // namespace scanhost

#endif
