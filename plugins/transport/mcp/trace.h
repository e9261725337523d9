// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The trace that a request brings: W3C traceparent, or the id alone as a UUID. Any thread.
#pragma once

#include <scanhost/abi/call.h>

#include <optional>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"

namespace scanhost::mcp {

/// "00-<32 hex>-<16 hex>-<2 hex>", lowercase, no zero ids.
std::optional<scanhost_trace> readTraceparent(std::string_view text);
/// "550e8400-e29b-41d4-a716-446655440000"; the span stays zero.
std::optional<scanhost_trace> readTraceId(std::string_view text);

/// The first of the header traceparent, the header X-Trace-Id and _meta.traceparent that can be
/// read; zero, for which the host makes a new one, when there is none.
scanhost_trace traceOf(std::optional<std::string_view> traceparent,
                       std::optional<std::string_view> trace_id, const Message& message);

}  // namespace scanhost::mcp
