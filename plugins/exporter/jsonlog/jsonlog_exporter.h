// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Writes events as JSON lines. A batch that fails is offered again by the host, so the lines
/// before the failure may come twice; none is left out.
#pragma once

#include <scanhost/exporter.h>

#include <memory>

#include "plugins/exporter/jsonlog/config.h"
#include "plugins/exporter/jsonlog/line_output.h"

namespace scanhost {

class JsonlogExporter : public Exporter {
 public:
  explicit JsonlogExporter(const Settings& settings)
      : config_(JsonlogConfig::read(settings.values())) {}

  void start(Call&) override { output_ = LineOutput::open(config_); }
  void stop(Call& call) override {
    if (output_) flush(call);
  }

  void events(const EventBatch& batch, Call&) override {
    for (const scanhost_logged_event& event : batch) {
      if (event.level < config_.level) continue;
      output_->write(toView(event.line));
      if (event.level >= SCANHOST_LEVEL_WARNING) output_->flush();
    }
    output_->flush();
  }
  void flush(Call&) override { output_->flush(); }

 private:
  const JsonlogConfig config_;
  std::unique_ptr<LineOutput> output_;
};

}  // namespace scanhost
