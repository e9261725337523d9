// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Hands spans to a collector: what it refuses is counted and gone, what it could not take now is
/// an error by which the host offers the batch again. For one thread.
#pragma once

#include <scanhost/exporter.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "plugins/exporter/otlp/config.h"
#include "plugins/shared/http_client/post_client.h"
#include "plugins/shared/metrics/series.h"

namespace scanhost::otlp {

class Delivery {
 public:
  Delivery(const Config& config, const Host& host);

  /// Returns when the collector has answered for the whole batch. Throws PluginError (transient,
  /// backend) with a time to wait when it cannot be reached, is busy or out of order; (config) when
  /// its certificate is refused.
  void deliver(const SpanBatch& spans, Call& call);

 private:
  static constexpr std::size_t most_request_bytes = 1u << 20;
  static constexpr std::chrono::seconds first_wait{1}, longest_wait{60}, complaint_interval{60};

  void send(const std::string& body, std::size_t count, Call& call);
  void settle(const http_client::Answer& answer, std::size_t count);
  [[noreturn]] void wait(const std::string& why, std::chrono::seconds asked);
  void complain(const std::string& event, const std::string& why, std::size_t count);

  const Config& config_;
  const Host host_;
  http_client::PostClient client_;
  const MetricSeries delivered_, refused_;
  std::size_t sent_of_batch_ = 0;  ///< when a batch is offered again, its first are there already
  std::chrono::seconds next_wait_ = first_wait;
  std::chrono::steady_clock::time_point complained_at_{};
};

}  // namespace scanhost::otlp
