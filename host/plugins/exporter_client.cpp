// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/exporter_client.h"

#include <scanhost/text.h>

#include <algorithm>

namespace scanhost {
namespace {

/// Lends a batch of events as an array of pointers while it lives.
class LentEvents {
 public:
  explicit LentEvents(const std::vector<EventPtr>& batch) {
    records_.reserve(batch.size());
    pointers_.reserve(batch.size());
    for (const EventPtr& event : batch) {
      records_.push_back({sizeof(scanhost_logged_event), static_cast<int32_t>(event->level),
                          event->time.micros, toText(event->component), toText(event->event),
                          toText(event->trace_id), toText(event->line())});
      pointers_.push_back(&records_.back());
    }
  }
  const scanhost_logged_event* const* data() const { return pointers_.data(); }
  uint64_t size() const { return pointers_.size(); }

 private:
  std::vector<scanhost_logged_event> records_;
  std::vector<const scanhost_logged_event*> pointers_;
};

/// The same of spans.
class LentSpans {
 public:
  explicit LentSpans(const std::vector<SpanPtr>& batch) {
    attributes_.reserve(batch.size());
    records_.reserve(batch.size());
    pointers_.reserve(batch.size());
    for (const SpanPtr& span : batch) {
      attributes_.push_back(span->attributes.isNull() ? "" : span->attributes.dump());
      scanhost_span& record = records_.emplace_back();
      record.struct_size = sizeof record;
      record.kind = static_cast<int32_t>(span->kind);
      record.trace = span->trace;
      std::copy(span->parent.begin(), span->parent.end(), record.parent_id);
      record.start_us = span->start.micros;
      record.end_us = span->end.micros;
      record.name = toText(span->name);
      record.failed = span->failed ? 1 : 0;
      record.message = toText(span->message);
      record.attributes = toText(attributes_.back());
      pointers_.push_back(&record);
    }
  }
  const scanhost_span* const* data() const { return pointers_.data(); }
  uint64_t size() const { return pointers_.size(); }

 private:
  std::vector<std::string> attributes_;
  std::vector<scanhost_span> records_;
  std::vector<const scanhost_span*> pointers_;
};

static_assert(static_cast<int>(SpanKind::internal) == SCANHOST_SPAN_INTERNAL);
static_assert(static_cast<int>(SpanKind::consumer) == SCANHOST_SPAN_CONSUMER);

/// One family with all it points to; stays where it is made.
struct LentFamily {
  explicit LentFamily(const MetricFamily& family) {
    labels.reserve(family.metrics.size());
    buckets.reserve(family.metrics.size());
    exemplars.reserve(family.metrics.size());
    metrics.reserve(family.metrics.size());
    for (const MetricSample& sample : family.metrics) lend(sample);
    for (const scanhost_metric& metric : metrics) pointers.push_back(&metric);
    abi = {sizeof(scanhost_metric_family),
           static_cast<int32_t>(family.type),
           toText(family.name),
           toText(family.help),
           pointers.data(),
           pointers.size()};
  }
  LentFamily(const LentFamily&) = delete;
  LentFamily& operator=(const LentFamily&) = delete;

  void lend(const MetricSample& sample) {
    labels.emplace_back(sample.labels);
    auto& own = buckets.emplace_back();
    for (const MetricSample::Bucket& bucket : sample.buckets)
      own.push_back({bucket.upper_bound, bucket.cumulative_count});
    auto& shown = exemplars.emplace_back();
    for (const Exemplar& exemplar : sample.exemplars) {
      scanhost_exemplar& lent = shown.emplace_back();
      lent.value = exemplar.value;
      lent.time_us = exemplar.time.micros;
      std::copy(std::begin(exemplar.trace.trace_id), std::end(exemplar.trace.trace_id),
                lent.trace_id);
      std::copy(std::begin(exemplar.trace.span_id), std::end(exemplar.trace.span_id), lent.span_id);
    }
    metrics.push_back({sizeof(scanhost_metric), 0, labels.back(), sample.value, sample.count,
                       sample.sum, own.data(), own.size(), shown.data(), shown.size()});
  }

  std::vector<LentPairs> labels;
  std::vector<std::vector<scanhost_metric_bucket>> buckets;
  std::vector<std::vector<scanhost_exemplar>> exemplars;
  std::vector<scanhost_metric> metrics;
  std::vector<const scanhost_metric*> pointers;
  scanhost_metric_family abi{};
};

static_assert(static_cast<int>(MetricType::counter) == SCANHOST_METRIC_COUNTER);
static_assert(static_cast<int>(MetricType::gauge) == SCANHOST_METRIC_GAUGE);
static_assert(static_cast<int>(MetricType::histogram) == SCANHOST_METRIC_HISTOGRAM);

class LentSnapshot {
 public:
  explicit LentSnapshot(const std::vector<MetricFamily>& families) {
    for (const MetricFamily& family : families) {
      families_.push_back(std::make_unique<LentFamily>(family));
      pointers_.push_back(&families_.back()->abi);
    }
    abi_ = {sizeof(scanhost_metric_snapshot), 0, pointers_.data(), pointers_.size()};
  }
  const scanhost_metric_snapshot* abi() const { return &abi_; }

 private:
  std::vector<std::unique_ptr<LentFamily>> families_;
  std::vector<const scanhost_metric_family*> pointers_;
  scanhost_metric_snapshot abi_{};
};

constexpr std::size_t max_path_bytes = 256;

}  // namespace

ExporterClient::ExporterClient(std::unique_ptr<PluginInstance> instance)
    : instance_(std::move(instance)), table_(instance_->table<scanhost_exporter>()) {}

template <class Function>
Status ExporterClient::inSeries(std::string_view name, CallOptions options, Function function) {
  // What an exporter logs while it writes would come back to it as an event, for ever.
  options.events = nullptr;
  const std::lock_guard turn(series_);
  HostCall call(std::move(options));
  return call.outcome(function(instance_->self(), call.abi()),
                      instance_->label() + ": " + std::string(name));
}

Status ExporterClient::write(const std::vector<EventPtr>& batch, CallOptions options) {
  if (!table_.events || batch.empty()) return {};
  const LentEvents events(batch);
  return inSeries("events", std::move(options), [&](void* self, const scanhost_call* call) {
    return table_.events(self, call, events.data(), events.size());
  });
}

Status ExporterClient::write(const std::vector<SpanPtr>& batch, CallOptions options) {
  if (!table_.spans || batch.empty()) return {};
  const LentSpans spans(batch);
  return inSeries("spans", std::move(options), [&](void* self, const scanhost_call* call) {
    return table_.spans(self, call, spans.data(), spans.size());
  });
}

Status ExporterClient::flush(CallOptions options) {
  if (!table_.flush) return {};
  return inSeries("flush", std::move(options),
                  [&](void* self, const scanhost_call* call) { return table_.flush(self, call); });
}

Result<std::optional<std::string>> ExporterClient::endpoint() const {
  if (!table_.endpoint || !table_.render) return std::optional<std::string>();
  TextBuffer buffer(max_path_bytes);
  if (table_.endpoint(instance_->self(), buffer.sink()) != SCANHOST_OK)
    return fail(ErrorClass::config, instance_->label() + ": endpoint failed");
  std::string path = buffer.take();
  if (path.empty()) return std::optional<std::string>();
  if (path.front() != '/')
    return fail(ErrorClass::config,
                instance_->label() + ": endpoint \"" + path + "\" must begin with '/'");
  return std::optional<std::string>(std::move(path));
}

Result<ExporterClient::Document> ExporterClient::render(const std::vector<MetricFamily>& families,
                                                        std::string_view accept,
                                                        CallOptions options) const {
  if (!table_.render)
    return fail(ErrorClass::unsupported, instance_->label() + " renders no metrics");
  const LentSnapshot snapshot(families);
  TextBuffer content_type(max_path_bytes);
  TextBuffer body(max_document_bytes);
  options.events = instance_->events();
  HostCall call(std::move(options));
  const scanhost_status status = table_.render(instance_->self(), call.abi(), snapshot.abi(),
                                               toText(accept), content_type.sink(), body.sink());
  if (Status done = call.outcome(status, instance_->label() + ": render"); !done)
    return tl::unexpected<Error>(std::move(done.error()));
  return Document{content_type.take(), body.take()};
}

}  // namespace scanhost
