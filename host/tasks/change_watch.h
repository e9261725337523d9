// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Waits for changes of the queue, made by whichever node, on one thread, and passes them on: so a
/// task is taken as soon as it is submitted elsewhere, and a cancel asked for there reaches the
/// worker here. Nothing depends on it for correctness: what it misses is found by looking.
#pragma once

#include <scanhost/queue_records.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "host/plugins/queue_client.h"

namespace scanhost {

class ChangeWatch {
 public:
  /// Called on the watch's thread. With a gap, anything may have changed.
  using Listener = std::function<void(const QueueChanges&)>;

  /// Begins at once. Borrows `queue`.
  ChangeWatch(const QueueClient& queue, Listener listener);
  /// Ends the wait that is under way.
  ~ChangeWatch();
  /// The queue is reached over another connection: the wait goes on there.
  void waitAnew();
  ChangeWatch(const ChangeWatch&) = delete;
  ChangeWatch& operator=(const ChangeWatch&) = delete;

 private:
  void loop();
  std::shared_ptr<CancelSource> beginWait();
  bool pause();

  const QueueClient& queue_;
  const Listener listener_;
  std::mutex mutex_;
  std::shared_ptr<CancelSource> wait_ = std::make_shared<CancelSource>();  ///< of the one under way
  bool stopping_ = false;
  std::condition_variable stopped_;
  std::thread thread_;
};

}  // namespace scanhost
