// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/otlp/trace_request.h"

#include <scanhost/trace.h>

#include <cstdint>
#include <string_view>

namespace scanhost::otlp {
namespace {

constexpr int status_error = 2;
constexpr std::uint32_t has_sampled_flag = 1;

/// Times and other 64-bit numbers are texts in this encoding.
std::string nanoseconds(std::int64_t microseconds) {
  return microseconds <= 0 ? "0" : std::to_string(microseconds) + "000";
}

Json anyValue(const Json& value) {
  if (value.isString()) return Json::object({{"stringValue", value}});
  if (value.isBool()) return Json::object({{"boolValue", value}});
  if (value.isInteger()) return Json::object({{"intValue", std::to_string(value.asInteger())}});
  if (value.isNumber()) return Json::object({{"doubleValue", value}});
  return Json::object({{"stringValue", value.dump()}});
}

Json attribute(std::string_view name, const Json& value) {
  return Json::object({{"key", name}, {"value", anyValue(value)}});
}

Json attributesOf(const scanhost_span& span) {
  Json list = Json::array();
  const Json attributes = Json::tryParse(toView(span.attributes)).value_or(Json());
  for (const auto& [name, value] : attributes.members())
    if (!value.isNull()) list.push(attribute(name, value));
  return list;
}

Json spanOf(const scanhost_span& span) {
  Json out = Json::object({{"traceId", traceIdOf(span.trace)},
                           {"spanId", spanIdOf(span.trace)},
                           {"flags", span.trace.flags & has_sampled_flag},
                           {"name", toView(span.name)},
                           {"kind", span.kind},
                           {"startTimeUnixNano", nanoseconds(span.start_us)},
                           {"endTimeUnixNano", nanoseconds(span.end_us)}});
  scanhost_trace parent{};
  std::copy(std::begin(span.parent_id), std::end(span.parent_id), parent.span_id);
  if (hasSpan(parent)) out["parentSpanId"] = spanIdOf(parent);
  if (Json attributes = attributesOf(span); !attributes.items().empty())
    out["attributes"] = std::move(attributes);
  if (span.failed != 0)
    out["status"] = Json::object({{"code", status_error}, {"message", toView(span.message)}});
  return out;
}

}  // namespace

std::string traceRequest(const std::vector<std::pair<std::string, std::string>>& resource,
                         const SpanBatch& spans, std::size_t& begin, std::size_t most_bytes) {
  Json about = Json::array();
  for (const auto& [name, value] : resource) about.push(attribute(name, value));
  std::string body = R"({"resourceSpans":[{"resource":{"attributes":)";
  about.write(body);
  body += R"(},"scopeSpans":[{"scope":{"name":"scanhost"},"spans":[)";
  const std::string_view end = "]}]}]}";
  for (const std::size_t first = begin; begin < spans.size(); ++begin) {
    const std::string span = spanOf(spans[begin]).dump();
    if (begin > first) {
      if (body.size() + span.size() + end.size() >= most_bytes) break;
      body += ',';
    }
    body += span;
  }
  body += end;
  return body;
}

}  // namespace scanhost::otlp
