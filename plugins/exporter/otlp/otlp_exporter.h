// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Hands spans on to a collector of the OpenTelemetry protocol. It keeps none: what could not be
/// handed on stays in the host's ring, which is bounded and counts what it loses.
#pragma once

#include <scanhost/exporter.h>

#include "plugins/exporter/otlp/config.h"
#include "plugins/exporter/otlp/delivery.h"

namespace scanhost::otlp {

class OtlpExporter : public Exporter {
 public:
  explicit OtlpExporter(const Settings& settings)
      : config_(Config::read(settings.values())), delivery_(config_, settings.host()) {}

  void spans(const SpanBatch& batch, Call& call) override { delivery_.deliver(batch, call); }

 private:
  const Config config_;
  Delivery delivery_;
};

}  // namespace scanhost::otlp
