// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/otlp/delivery.h"

#include <scanhost/error.h>

#include <algorithm>

#include "plugins/exporter/otlp/trace_request.h"

namespace scanhost::otlp {
namespace {

MetricSeries series(const Host& host, const char* result) {
  return MetricSeries::counter(host, "scanhost_otlp_spans_total",
                               "Spans that the collector answered for", {{"result", result}});
}

/// Those that the protocol allows to be sent again (OTLP/HTTP, Failures).
bool mayPass(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

Delivery::Delivery(const Config& config, const Host& host)
    : config_(config),
      host_(host),
      client_(config.target),
      delivered_(series(host, "delivered")),
      refused_(series(host, "refused")) {}

void Delivery::deliver(const SpanBatch& spans, Call& call) {
  std::size_t next = std::min(sent_of_batch_, spans.size());
  while (next < spans.size()) {
    const std::size_t first = next;
    const std::string body = traceRequest(config_.resource, spans, next, most_request_bytes);
    send(body, next - first, call);
    sent_of_batch_ = next;
  }
  sent_of_batch_ = 0;
}

void Delivery::send(const std::string& body, std::size_t count, Call& call) {
  http_client::Answer answer;
  try {
    answer = client_.post(body, {}, call);
  } catch (const http_client::TransportError& error) {
    wait(error.what(), {});
  }
  if (mayPass(answer.status))
    wait(client_.url() + " answered " + std::to_string(answer.status),
         answer.retry_after.value_or(std::chrono::seconds(0)));
  next_wait_ = first_wait;
  settle(answer, count);
}

/// A collector may take a part of a request and say so within its 200.
void Delivery::settle(const http_client::Answer& answer, std::size_t count) {
  if (!answer.isGood()) {
    refused_.add(static_cast<double>(count));
    return complain("otlp_refused", "answered " + std::to_string(answer.status), count);
  }
  const Json partial = Json::tryParse(answer.body).value_or(Json())["partialSuccess"];
  const Json& told = partial["rejectedSpans"];
  std::int64_t rejected = told.asInteger();
  if (told.isString()) rejected = std::strtoll(told.asString().c_str(), nullptr, 10);
  rejected = std::clamp<std::int64_t>(rejected, 0, static_cast<std::int64_t>(count));
  delivered_.add(static_cast<double>(static_cast<std::int64_t>(count) - rejected));
  if (rejected == 0) return;
  refused_.add(static_cast<double>(rejected));
  complain("otlp_refused", partial["errorMessage"].asString(), static_cast<std::size_t>(rejected));
}

void Delivery::wait(const std::string& why, std::chrono::seconds asked) {
  const auto time = std::clamp(std::max(asked, next_wait_), first_wait, longest_wait);
  next_wait_ = std::min(next_wait_ * 2, longest_wait);
  complain("otlp_collector_unavailable", why, 0);
  throw PluginError(ErrorClass::transient, why, ErrorSubject::backend, time);
}

void Delivery::complain(const std::string& event, const std::string& why, std::size_t count) {
  const auto now = std::chrono::steady_clock::now();
  if (complained_at_ != std::chrono::steady_clock::time_point{} &&
      now - complained_at_ < complaint_interval)
    return;
  complained_at_ = now;
  Json fields = Json::object({{"collector", client_.url()}, {"error", why.substr(0, 1024)}});
  if (count > 0) fields["spans"] = count;
  host_.log(LogLevel::warning, event, fields);
}

}  // namespace scanhost::otlp
