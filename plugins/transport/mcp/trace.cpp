// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/trace.h"

namespace scanhost::mcp {

scanhost_trace traceOf(std::optional<std::string_view> traceparent,
                       std::optional<std::string_view> trace_id, const Message& message) {
  if (traceparent)
    if (const auto trace = parseTraceparent(*traceparent)) return *trace;
  if (trace_id)
    if (const auto trace = parseTraceUuid(*trace_id)) return *trace;
  return parseTraceparent(message.meta()["traceparent"].asString()).value_or(scanhost_trace{});
}

}  // namespace scanhost::mcp
