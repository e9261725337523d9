// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `subscriptions/listen` of 2026-07-28: a stream that tells what has changed. Any thread.
#pragma once

#include <scanhost/caller.h>
#include <scanhost/host_operations.h>
#include <scanhost/http.h>

#include <memory>
#include <mutex>
#include <set>

#include "plugins/transport/mcp/config.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/stream_count.h"

namespace scanhost::mcp {

class Subscriptions {
 public:
  Subscriptions(const OperationsClient& operations, const Config& config, StreamCount& streams)
      : operations_(operations), config_(config), streams_(streams) {}

  /// Opens the stream. Throws RpcError while nothing has been answered.
  void begin(const Message& message, const std::shared_ptr<const OwnedCaller>& caller,
             HttpResponse& response);
  /// Ends those whose caller's identity has ended.
  void sweep(std::int64_t now_us);
  /// Ends all of them, each with its result.
  void end();

 private:
  class Subscription;
  void forget(const std::shared_ptr<Subscription>& subscription);

  const OperationsClient& operations_;
  const Config& config_;
  StreamCount& streams_;
  std::mutex mutex_;
  std::set<std::shared_ptr<Subscription>> open_;
};

}  // namespace scanhost::mcp
