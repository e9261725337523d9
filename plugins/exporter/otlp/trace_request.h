// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Spans as the body of a request by the OpenTelemetry protocol: an ExportTraceServiceRequest in
/// the JSON encoding of OTLP/HTTP 1.x (https://opentelemetry.io/docs/specs/otlp/), which is
/// Protobuf's but for ids, which are hexadecimal, and enumerations, which are numbers.
#pragma once

#include <scanhost/exporter.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace scanhost::otlp {

/// Of the spans from `begin` on, as many as fit `most_bytes`, at least one; `begin` is then the
/// first that did not.
std::string traceRequest(const std::vector<std::pair<std::string, std::string>>& resource,
                         const SpanBatch& spans, std::size_t& begin, std::size_t most_bytes);

}  // namespace scanhost::otlp
