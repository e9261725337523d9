// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The trace that a request brings: W3C traceparent, or the id alone as a UUID. Any thread.
#pragma once

#include <scanhost/trace.h>

#include <optional>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"

namespace scanhost::mcp {

/// The first of the header traceparent, the header X-Trace-Id and _meta.traceparent that can be
/// read; zero, for which the host makes a new one, when there is none.
scanhost_trace traceOf(std::optional<std::string_view> traceparent,
                       std::optional<std::string_view> trace_id, const Message& message);

}  // namespace scanhost::mcp
