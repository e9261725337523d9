// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Renders the host's metrics for Prometheus. Holds nothing but its settings, so any number of
/// scrapes may run at once.
#pragma once

#include <scanhost/exporter.h>

#include <string>
#include <string_view>

#include "plugins/exporter/prometheus/config.h"
#include "plugins/exporter/prometheus/exposition.h"
#include "plugins/exporter/prometheus/media_choice.h"

namespace scanhost {

class PrometheusExporter : public Exporter {
 public:
  explicit PrometheusExporter(const Settings& settings) : config_(settings) {}

  std::string endpoint() const override { return config_.path; }
  RenderedMetrics render(const scanhost_metric_snapshot& snapshot, std::string_view accept,
                         Call&) const override {
    const ExpositionFormat format = chooseFormat(accept);
    return {contentType(format), renderExposition(snapshot, format)};
  }

 private:
  const PrometheusConfig config_;
};

}  // namespace scanhost
