// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/spans.h"

#include <algorithm>
#include <utility>

#include "host/base/random.h"
#include "host/telemetry/estimate.h"

namespace scanhost {
namespace {

bool isSampled(const scanhost_trace& trace) {
  return (trace.flags & trace_sampled) != 0;
}

}  // namespace

SpanLog::SpanLog(Options options)
    : ring_({options.max_spans, options.max_bytes, std::move(options.on_dropped)}) {}

TraceContext SpanLog::admit(const TraceContext& context, bool changes_something) const {
  scanhost_trace trace = context.abi();
  switch (sampling_.load(std::memory_order_relaxed)) {
    case TraceSampling::always: trace.flags |= trace_sampled; break;
    case TraceSampling::never: trace.flags &= static_cast<std::uint8_t>(~trace_sampled); break;
    case TraceSampling::parent:
      if (!hasSpan(trace) && changes_something) trace.flags |= trace_sampled;
      break;
  }
  return TraceContext::fromAbi(trace);
}

bool SpanLog::records(const scanhost_trace& trace) const {
  if (!ring_.hasReaders() || !hasTrace(trace)) return false;
  const TraceSampling sampling = sampling_.load(std::memory_order_relaxed);
  return sampling == TraceSampling::always ||
         (sampling == TraceSampling::parent && isSampled(trace));
}

void SpanLog::add(SpanRecord span) {
  span.message.resize(std::min(span.message.size(), max_message_bytes));
  std::size_t attributes = estimateBytes(span.attributes);
  if (attributes > max_attribute_bytes) {
    span.attributes = Json::object({{"scanhost.oversized_attributes_bytes", attributes}});
    attributes = estimateBytes(span.attributes);
  }
  const std::size_t bytes =
      sizeof(SpanRecord) + span.name.size() + span.message.size() + attributes;
  ring_.add(std::make_shared<SpanRecord>(std::move(span)), bytes, [](SpanRecord&) {});
}

Span::Span(SpanLog* log, SpanKind kind, std::string_view name, const scanhost_trace& parent)
    : log_(log), trace_(parent) {
  if (!log || !log->records(parent)) return;
  record_ = std::make_unique<SpanRecord>();
  std::copy(std::begin(parent.span_id), std::end(parent.span_id), record_->parent.begin());
  trace_ = withSpan(parent, newSpanId());
  trace_.flags |= trace_sampled;
  record_->trace = trace_;
  record_->kind = kind;
  record_->name = name;
  record_->start = Timestamp::now();
}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  end();
  log_ = other.log_;
  trace_ = other.trace_;
  record_ = std::move(other.record_);
  return *this;
}

void Span::set(std::string_view attribute, Json value) {
  if (record_) record_->attributes[std::string(attribute)] = std::move(value);
}

void Span::fail(std::string_view message) {
  if (!record_) return;
  record_->failed = true;
  record_->message = message.substr(0, SpanLog::max_message_bytes);
}

void Span::end() {
  if (!record_) return;
  record_->end = std::max(record_->start, Timestamp::now());
  log_->add(std::move(*std::exchange(record_, nullptr)));
}

SpanId newSpanId() {
  SpanId id = randomBytes<8>();
  id[0] |= 1;  // never all zero
  return id;
}

SpanId derivedSpanId(std::string_view name, std::uint64_t number) {
  // FNV-1a over the name, then the finaliser of splitmix64 over both: spread is all that is asked.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash += number * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  SpanId id;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  id[0] |= 1;
  return id;
}

scanhost_trace withSpan(scanhost_trace trace, const SpanId& span) {
  std::copy(span.begin(), span.end(), std::begin(trace.span_id));
  return trace;
}

}  // namespace scanhost
