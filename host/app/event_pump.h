// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Carries events from the host's ring to one exporter, on a thread of its own, so that a slow or
/// full sink stalls no scan.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "host/plugins/exporter_client.h"
#include "host/telemetry/event_log.h"

namespace scanhost {

class EventPump {
 public:
  /// Borrows both; they outlive it.
  EventPump(EventLog& log, ExporterClient& exporter);
  /// Hands over what is in the ring, flushes, and ends the thread.
  ~EventPump();
  EventPump(const EventPump&) = delete;
  EventPump& operator=(const EventPump&) = delete;

 private:
  void run();
  bool deliver(const std::vector<EventPtr>& batch);

  ExporterClient& exporter_;
  std::unique_ptr<EventSubscription> subscription_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace scanhost
