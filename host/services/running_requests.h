// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The requests that plugins' handlers work on now, so that a handler is told when nobody waits for
/// its answer any more. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/abi/host_call.h"
#include "host/http/message.h"

namespace scanhost {

class RunningRequests {
 public:
  /// Lists a request for as long as it lives, which is within the request's handler.
  class Entry {
   public:
    Entry(RunningRequests& list, const http::Request& request);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    /// Cancelled when the peer has gone or the node stops.
    std::shared_ptr<const CancelSource> cancel() const { return cancel_; }

   private:
    RunningRequests& list_;
    const http::Request* request_;
    std::shared_ptr<CancelSource> cancel_;
  };

  /// Cancels those whose peer has gone; looks at most a few times a second.
  void cancelAbandoned();
  /// Cancels all, and whatever comes after.
  void cancelAll();

 private:
  std::shared_ptr<CancelSource> takeSource();

  std::mutex mutex_;
  std::map<const http::Request*, std::shared_ptr<CancelSource>> running_;
  std::chrono::steady_clock::time_point next_look_{};
  bool stopping_ = false;
  /// Of requests that ended without being cancelled, each with its descriptor: as many as there
  /// were requests at once.
  std::vector<std::shared_ptr<CancelSource>> unused_;
};

}  // namespace scanhost
