// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Writes events, each once: of a batch that failed and is offered again, it goes on where it was.
#pragma once

#include <scanhost/exporter.h>

#include <memory>
#include <string>

#include "plugins/exporter/jsonlog/config.h"
#include "plugins/exporter/jsonlog/event_output.h"

namespace scanhost {

class JsonlogExporter : public Exporter {
 public:
  explicit JsonlogExporter(const Settings& settings)
      : config_(JsonlogConfig::read(settings.values())) {}

  void start(Call&) override { output_ = EventOutput::open(config_); }
  void stop(Call& call) override {
    if (output_) flush(call);
  }

  void events(const EventBatch& batch, Call& call) override {
    if (!isOfferedAgain(batch)) taken_ = 0;
    try {
      for (; taken_ < batch.size(); ++taken_) {
        call.check();
        if (batch[taken_].level >= config_.level) output_->write(batch[taken_]);
      }
      output_->flush();
      taken_ = 0;
    } catch (...) {
      if (taken_ > 0) last_taken_ = toView(batch[taken_ - 1].line);
      throw;
    }
  }
  void flush(Call&) override { output_->flush(); }

 private:
  bool isOfferedAgain(const EventBatch& batch) const {
    return taken_ > 0 && taken_ <= batch.size() && toView(batch[taken_ - 1].line) == last_taken_;
  }

  const JsonlogConfig config_;
  std::unique_ptr<EventOutput> output_;
  std::size_t taken_ = 0;  ///< of a batch that failed
  std::string last_taken_;
};

}  // namespace scanhost
