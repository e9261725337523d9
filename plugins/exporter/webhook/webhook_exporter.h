// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Posts notices of what people want to hear of. A batch of events is taken as soon as its notices
/// are in the outbox, so that a dead receiver holds up nothing.
#pragma once

#include <scanhost/exporter.h>

#include <algorithm>
#include <chrono>

#include "plugins/exporter/webhook/config.h"
#include "plugins/exporter/webhook/courier.h"
#include "plugins/exporter/webhook/outbox.h"

namespace scanhost::webhook {

class WebhookExporter : public Exporter {
 public:
  explicit WebhookExporter(const Settings& settings)
      : config_(Config::read(settings.values())),
        courier_(config_),
        outbox_(settings.host(), courier_.receiver(),
                {.timeout = config_.target.endpoint.request_timeout,
                 .max_age = config_.max_age,
                 .max_queue = config_.max_queue},
                [this](const Notice& notice, Call& call) { return courier_.bring(notice, call); }) {
  }

  void start(Call&) override { outbox_.start(); }
  void stop(Call& call) override {
    outbox_.stop(std::min<std::chrono::nanoseconds>(last_moment, call.timeLeft() / 2));
  }

  void events(const EventBatch& batch, Call&) override {
    for (const scanhost_logged_event& event : batch)
      if (auto notice = noticeOf(toView(event.event), toView(event.line));
          notice && config_.kinds.contains(notice->kind))
        outbox_.add(std::move(*notice));
  }

 private:
  static constexpr std::chrono::seconds last_moment{2};

  const Config config_;
  Courier courier_;
  Outbox outbox_;  // last: its thread uses the courier
};

}  // namespace scanhost::webhook
