// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exporters under test: give them events and metrics through the C ABI.
#ifndef SCANHOST_TESTING_EXPORTER_H
#define SCANHOST_TESTING_EXPORTER_H

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "../exporter.h"
#include "host.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

/// A family of one counter or gauge without labels.
struct MetricValue {
  std::string name, help;
  int type = SCANHOST_METRIC_GAUGE;
  double value = 0;
};

/// An event as the host offers it, with its line made from the fields.
struct OfferedEvent {
  LogLevel level = LogLevel::info;
  std::string component, event;
  Json fields = Json::object();
};

/// A span as the host offers it, of half a second.
struct OfferedSpan {
  std::string name;
  scanhost_trace trace{};
  scanhost_trace parent{};  ///< of which only the span id counts
  int kind = SCANHOST_SPAN_INTERNAL;
  std::string error;  ///< empty: it did not fail
  Json attributes = Json::object();
  int64_t start_us = 1'700'000'000'000'000;
};

/// Functions that fail throw the PluginError that the plugin left.
class ExporterUnderTest {
 public:
  explicit ExporterUnderTest(const TestPlugin& plugin, const Json& settings = Json::object(),
                             const std::string& data_dir = {})
      : instance_(plugin, SCANHOST_EXPORTER_ID, settings, data_dir) {
    instance_.start();
  }

  bool takesEvents() const noexcept { return table().events != nullptr; }
  /// Offers a batch; the plugin has written it when this returns.
  void events(const std::vector<OfferedEvent>& batch) {
    std::vector<std::string> lines;
    std::vector<scanhost_logged_event> records;
    lines.reserve(batch.size());
    for (const OfferedEvent& offered : batch) {
      Json line = Json::object({{"component", offered.component}, {"event", offered.event}});
      for (const Json::Member& field : offered.fields.members()) line[field.first] = field.second;
      lines.push_back(line.dump());
      records.push_back({sizeof(scanhost_logged_event),
                         static_cast<int32_t>(offered.level),
                         0,
                         toText(offered.component),
                         toText(offered.event),
                         {},
                         toText(lines.back())});
    }
    std::vector<const scanhost_logged_event*> pointers;
    for (const scanhost_logged_event& record : records) pointers.push_back(&record);
    TestCall call;
    call.throwIfFailed(
        table().events(instance_.self(), call.abi(), pointers.data(), pointers.size()), "events");
  }
  bool takesSpans() const noexcept { return table().spans != nullptr; }
  /// Offers a batch; the plugin has handed it on when this returns.
  void spans(const std::vector<OfferedSpan>& batch) {
    std::vector<std::string> attributes;
    std::vector<scanhost_span> records;
    attributes.reserve(batch.size());
    for (const OfferedSpan& offered : batch) {
      attributes.push_back(offered.attributes.dump());
      scanhost_span record{};
      record.struct_size = sizeof record;
      record.kind = offered.kind;
      record.trace = offered.trace;
      std::copy(std::begin(offered.parent.span_id), std::end(offered.parent.span_id),
                record.parent_id);
      record.start_us = offered.start_us;
      record.end_us = offered.start_us + 500'000;
      record.name = toText(offered.name);
      record.failed = offered.error.empty() ? 0 : 1;
      record.message = toText(offered.error);
      record.attributes = toText(attributes.back());
      records.push_back(record);
    }
    std::vector<const scanhost_span*> pointers;
    for (const scanhost_span& record : records) pointers.push_back(&record);
    TestCall call;
    call.throwIfFailed(
        table().spans(instance_.self(), call.abi(), pointers.data(), pointers.size()), "spans");
  }
  /// Does nothing for an exporter without the function.
  void flush() {
    TestCall call;
    if (table().flush) call.throwIfFailed(table().flush(instance_.self(), call.abi()), "flush");
  }
  /// Empty when it mounts nothing.
  std::string endpoint() const {
    TextBuffer path;
    TestCall call;
    if (table().endpoint)
      call.throwIfFailed(table().endpoint(instance_.self(), path.sink()), "endpoint");
    return path.take();
  }
  RenderedMetrics render(const std::vector<MetricValue>& values, std::string_view accept = {}) {
    std::vector<scanhost_metric> metrics(values.size());
    std::vector<const scanhost_metric*> metric_pointers;
    std::vector<scanhost_metric_family> families(values.size());
    std::vector<const scanhost_metric_family*> pointers;
    metric_pointers.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      metrics[i].struct_size = sizeof(scanhost_metric);
      metrics[i].value = values[i].value;
      metric_pointers.push_back(&metrics[i]);
      families[i] = {sizeof(scanhost_metric_family), values[i].type,      toText(values[i].name),
                     toText(values[i].help),         &metric_pointers[i], 1};
      pointers.push_back(&families[i]);
    }
    const scanhost_metric_snapshot snapshot{sizeof(scanhost_metric_snapshot), 0, pointers.data(),
                                            pointers.size()};
    TextBuffer content_type, body;
    TestCall call;
    call.throwIfFailed(table().render(instance_.self(), call.abi(), &snapshot, toText(accept),
                                      content_type.sink(), body.sink()),
                       "render");
    return {content_type.take(), body.take()};
  }
  TestInstance& instance() noexcept { return instance_; }

 private:
  const scanhost_exporter& table() const noexcept { return instance_.table<scanhost_exporter>(); }

  TestInstance instance_;
};

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#endif
