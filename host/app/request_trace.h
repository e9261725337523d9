// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The trace of a request: the one that its client sent, or a new one.
#pragma once

#include <string>

#include "host/http/message.h"
#include "host/telemetry/trace.h"

namespace scanhost {

inline std::string traceUuidOf(const http::Request& request) {
  return TraceContext::fromHeaders(request.header("traceparent").value_or(""),
                                   request.header("X-Trace-Id").value_or(""))
      .uuid();
}

}  // namespace scanhost
