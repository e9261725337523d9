// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Carries events or spans from the host's ring to one exporter, on a thread of its own, so that a
/// slow or full sink stalls no scan.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "host/plugins/exporter_client.h"
#include "host/telemetry/ring.h"

namespace scanhost {

template <class Item>
class ExportPump {
 public:
  /// Borrows `exporter`, which outlives it.
  ExportPump(std::unique_ptr<RingReader<Item>> reader, ExporterClient& exporter)
      : exporter_(exporter), reader_(std::move(reader)), thread_([this] { run(); }) {}
  /// Hands over what is in the ring, as far as the sink takes it within seconds, flushes, and ends
  /// the thread.
  ~ExportPump() {
    if (thread_.joinable()) end();
  }
  ExportPump(const ExportPump&) = delete;
  ExportPump& operator=(const ExportPump&) = delete;

  /// Ends the thread once what it is at is written, or cannot be; what is not, and all that
  /// follows, is for whoever gets the place in the ring. Once, last.
  std::unique_ptr<RingReader<Item>> release() {
    releasing_ = true;
    end();
    reader_->giveBack(unwritten_);
    return std::move(reader_);
  }

 private:
  using Batch = std::vector<std::shared_ptr<const Item>>;
  static constexpr std::size_t batch_size = 256;
  static constexpr std::chrono::seconds write_timeout{5};
  /// What a sink has not taken by then is lost: a stop waits for no slow reader.
  static constexpr std::chrono::seconds stop_grace{5};
  static constexpr std::chrono::milliseconds least_delay{500};
  static constexpr std::chrono::seconds most_delay{60};

  void run() {
    for (;;) {
      const Batch batch = reader_->waitBatch(batch_size, least_delay);
      if (batch.empty() && stopping_) break;
      if (!batch.empty() && !deliver(batch)) {
        unwritten_ = batch.size();
        break;
      }
      if (releasing_ || isTooLate()) break;
    }
    if (isTooLate()) return;
    const Status flushed = exporter_.flush({.timeout = write_timeout});
    if (!flushed) return;  // the sink is gone, and nobody is left to tell
  }

  bool isTooLate() const { return stopping_ && std::chrono::steady_clock::now() >= give_up_at_; }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      give_up_at_ = std::chrono::steady_clock::now() + stop_grace;
      stopping_ = true;
    }
    stopped_.notify_all();
    reader_->close();
    thread_.join();
  }

  /// Offers the same batch until it is written, again when the exporter says or soon; gives up only
  /// when the pump ends.
  bool deliver(const Batch& batch) {
    for (;;) {
      const Status written = exporter_.write(batch, {.timeout = write_timeout});
      if (written) return true;
      const auto delay = std::clamp<std::chrono::nanoseconds>(written.error().retry_after,
                                                              least_delay, most_delay);
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, delay, [this] { return stopping_.load(); })) return false;
    }
  }

  ExporterClient& exporter_;
  std::unique_ptr<RingReader<Item>> reader_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::chrono::steady_clock::time_point give_up_at_;  ///< written before stopping_
  std::atomic<bool> stopping_{false};
  std::atomic<bool> releasing_{false};
  std::size_t unwritten_ = 0;  ///< of the thread, and of release() after it
  std::thread thread_;
};

}  // namespace scanhost
