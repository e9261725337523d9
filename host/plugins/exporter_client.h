// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An exporter as the host uses it: events, spans and metrics go in, errors come back as values.
///
/// Owns the instance. Any thread; what the plugin takes in series is given to it so.
#pragma once

#include <scanhost/abi/exporter.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugins/instance.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"
#include "host/telemetry/spans.h"

namespace scanhost {

class ExporterClient {
 public:
  struct Document {
    std::string content_type;
    std::string body;
  };

  /// `instance` was created with SCANHOST_EXPORTER_ID.
  explicit ExporterClient(std::unique_ptr<PluginInstance> instance);

  Status start(CallOptions options) { return instance_->start(std::move(options)); }
  void stop(CallOptions options) { instance_->stop(std::move(options)); }
  const PluginInstance& instance() const { return *instance_; }

  bool takesEvents() const { return table_.events != nullptr; }
  bool takesSpans() const { return table_.spans != nullptr; }
  /// Done when the whole batch is written; after an error offer the same batch again.
  Status write(const std::vector<EventPtr>& batch, CallOptions options);
  Status write(const std::vector<SpanPtr>& batch, CallOptions options);
  Status flush(CallOptions options);

  /// Where to serve `render`; nothing when this exporter renders no metrics. A path that does not
  /// begin with '/' is a config error.
  Result<std::optional<std::string>> endpoint() const;
  Result<Document> render(const std::vector<MetricFamily>& families, std::string_view accept,
                          CallOptions options) const;

  static constexpr std::size_t max_document_bytes = 64u << 20;

 private:
  template <class Function>
  Status inSeries(std::string_view name, CallOptions options, Function call);

  std::unique_ptr<PluginInstance> instance_;
  const scanhost_exporter& table_;
  std::mutex series_;
};

}  // namespace scanhost
