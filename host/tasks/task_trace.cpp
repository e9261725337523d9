// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/task_trace.h"

#include <algorithm>
#include <utility>

#include "host/tasks/task_documents.h"

namespace scanhost {
namespace {

/// A span of the task, under the call that asked for it.
SpanRecord spanOf(const QueuedTask& task, const scanhost_trace& creation, std::string name,
                  SpanKind kind, const SpanId& id, Timestamp from, Timestamp to) {
  SpanRecord span;
  span.trace = withSpan(creation, id);
  std::copy(std::begin(creation.span_id), std::end(creation.span_id), span.parent.begin());
  span.kind = kind;
  span.name = std::move(name);
  span.start = std::min(from, to);
  span.end = to;
  span.attributes = Json::object({{"scanhost.task_id", task.id},
                                  {"scanhost.pool", task.pool},
                                  {"scanhost.scanner_instance", task.instance},
                                  {"scanhost.attempt", task.attempt},
                                  {"scanhost.lease_epoch", task.epoch}});
  return span;
}

}  // namespace

scanhost_trace creationTrace(const QueuedTask& task) {
  const auto known = parseTraceUuid(task.trace_id);
  if (!known) return {};
  const auto submission = SubmissionDocument::parse(task.submission, task.id);
  const auto creation = submission ? parseTraceparent(submission->traceparent) : std::nullopt;
  if (creation && traceIdOf(*creation) == traceIdOf(*known)) return *creation;
  scanhost_trace trace = *known;
  trace.flags = trace_sampled;  // what was asked for without a span is a change, and sampled so
  return trace;
}

scanhost_trace attemptTrace(const QueuedTask& task, const SpanLog* spans) {
  const scanhost_trace creation = creationTrace(task);
  if (!spans || !spans->records(creation)) return creation;
  return withSpan(creation, derivedSpanId(task.id, task.epoch));
}

scanhost_trace recordedTrace(const QueuedTask& task, const SpanLog* spans) {
  const scanhost_trace attempt = attemptTrace(task, spans);
  return spans && spans->records(attempt) ? attempt : scanhost_trace{};
}

void recordWait(SpanLog* spans, const QueuedTask& task, Timestamp now) {
  const scanhost_trace creation = creationTrace(task);
  if (!spans || !spans->records(creation)) return;
  const std::int64_t since = task.queued_us > 0 ? task.queued_us : task.created_us;
  spans->add(spanOf(task, creation, "scan.wait", SpanKind::internal, newSpanId(), {since}, now));
}

void recordAttempt(SpanLog* spans, const QueuedTask& task, Timestamp from, Timestamp to,
                   const AttemptEnd& end) {
  const scanhost_trace creation = creationTrace(task);
  if (!spans || !spans->records(creation)) return;
  SpanRecord span = spanOf(task, creation, "scan.attempt", SpanKind::consumer,
                           derivedSpanId(task.id, task.epoch), from, to);
  span.attributes["scanhost.worker"] = task.worker;
  span.attributes["scanhost.status"] = end.status;
  if (!end.error_class.empty()) span.attributes["error.type"] = end.error_class;
  span.failed = !end.error_class.empty();
  span.message = end.message;
  spans->add(std::move(span));
}

void recordLostAttempt(SpanLog* spans, const QueuedTask& task, Timestamp now) {
  QueuedTask before = task;
  --before.epoch;
  before.worker = task.previous_worker;
  const bool first = before.epoch == 1;
  recordAttempt(
      spans, before, first ? Timestamp{task.started_us} : now, now,
      {"lost", "lost", "its worker lost the lease; " + task.worker + " took the task over"});
}

}  // namespace scanhost
