// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Carries events from the host's ring to one exporter, on a thread of its own, so that a slow or
/// full sink stalls no scan.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "host/plugins/exporter_client.h"
#include "host/telemetry/event_log.h"

namespace scanhost {

class EventPump {
 public:
  /// Borrows `exporter`, which outlives it.
  EventPump(std::unique_ptr<EventSubscription> subscription, ExporterClient& exporter);
  /// Hands over what is in the ring, as far as the sink takes it within seconds, flushes, and ends
  /// the thread.
  ~EventPump();
  /// Ends the thread once what it is at is written, or cannot be; what is not, and all that
  /// follows, is for whoever gets the place in the ring. Once, last.
  std::unique_ptr<EventSubscription> release();
  EventPump(const EventPump&) = delete;
  EventPump& operator=(const EventPump&) = delete;

 private:
  void run();
  void end();
  bool isTooLate() const;
  bool deliver(const std::vector<EventPtr>& batch);

  ExporterClient& exporter_;
  std::unique_ptr<EventSubscription> subscription_;
  std::chrono::steady_clock::time_point give_up_at_;  ///< written before stopping_
  std::atomic<bool> stopping_{false};
  std::atomic<bool> releasing_{false};
  std::size_t unwritten_ = 0;  ///< of the thread, and of release() after it
  std::thread thread_;
};

}  // namespace scanhost
