// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/trace.h"

#include "host/base/random.h"

namespace scanhost {

TraceContext TraceContext::random() {
  return *fromUuid(randomUuid());
}

std::optional<TraceContext> TraceContext::fromUuid(std::string_view text) {
  if (const auto trace = parseTraceUuid(text)) return TraceContext(*trace);
  return std::nullopt;
}

std::optional<TraceContext> TraceContext::fromTraceparent(std::string_view text) {
  if (const auto trace = parseTraceparent(text)) return TraceContext(*trace);
  return std::nullopt;
}

TraceContext TraceContext::fromHeaders(std::string_view traceparent, std::string_view x_trace_id) {
  if (const auto context = fromTraceparent(traceparent)) return *context;
  if (const auto context = fromUuid(x_trace_id)) return *context;
  return random();
}

TraceContext TraceContext::fromAbi(const scanhost_trace& trace) {
  return hasTrace(trace) ? TraceContext(trace) : random();
}

}  // namespace scanhost
