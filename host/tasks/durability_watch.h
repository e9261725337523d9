// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the queue may lose, looked at again and again, and whether `queue.durability` allows it.
///
/// Under `strict` an accepted task must survive the loss of any one machine. A queue does that when
/// its plugin says so; a queue that many nodes share does it together with the accept journal, as
/// long as what it was given survives a loss of power: its machine, or this one, may then be lost.
///
/// Looks come every ten seconds, and a second after a call of the queue failed until one answers,
/// for after an outage it may be another server. Safe from any thread.
#pragma once

#include <scanhost/queue_records.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/base/ticker.h"
#include "host/base/time.h"
#include "host/config/config.h"
#include "host/plugins/queue_client.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/health.h"

namespace scanhost {

class DurabilityWatch {
 public:
  struct Options {
    DurabilityDemand demand = DurabilityDemand::warn;
    bool journaled = false;   ///< what is accepted stands in an accept journal, too
    bool may_forget = false;  ///< nodes share it, so that one may outlive its server
    std::chrono::milliseconds interval{10'000};
    std::chrono::milliseconds after_failure{1'000};
    /// Called on the watch's thread when the queue answers after an outage, or is another.
    std::function<void()> on_changed = {};
  };

  /// `queue` and `events` outlive this.
  DurabilityWatch(const QueueClient& queue, std::string plugin, EventLog& events, Options options);

  /// Asks the queue now; answers why a start must not go on.
  Status look(std::chrono::nanoseconds timeout);
  /// Looks from now on.
  void start();
  void stop() { ticker_.reset(); }
  /// A call of the queue failed.
  void noteFailure();
  /// When the queue could last not be reached, or this node was not there to see: another server
  /// may have taken over then without the last writes. Never for a queue that is this node's alone.
  Timestamp doubted() const { return Timestamp{options_.may_forget ? doubted_us_.load() : 0}; }

  /// Strict, and the queue is found unsafe: nothing may be accepted.
  bool refuses() const;
  ComponentHealth health() const;
  /// Why the queue could not be asked when it was last; empty: it could, writes included.
  std::string trouble() const;
  bool strict() const { return options_.demand == DurabilityDemand::strict; }

 private:
  bool isSafe(const Durability& found) const;
  /// Whether it is another than before.
  bool keep(const Durability& found);
  void turn();
  /// Whether it answers after an outage.
  bool noteTrouble(const std::string& reason, std::chrono::steady_clock::time_point now);

  const QueueClient& queue_;
  const std::string plugin_;
  EventLog& events_;
  const Options options_;
  std::atomic<bool> failed_{false};
  std::atomic<std::int64_t> doubted_us_{Timestamp::now().micros};
  std::chrono::steady_clock::time_point tell_again_{};  ///< of the watch's thread, as is next_
  mutable std::mutex mutex_;
  std::optional<Durability> found_;
  bool safe_ = true;
  std::string trouble_;
  std::chrono::steady_clock::time_point next_{};
  std::optional<Ticker> ticker_;  // last: it uses all of the above
};

}  // namespace scanhost
