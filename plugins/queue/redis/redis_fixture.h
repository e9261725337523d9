// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One redis-server, any number of plugin instances over it, and short ways to use them.
#pragma once

#include <scanhost/json.h>

#include <memory>
#include <string>

#include "tests/suites/queue_suite.h"
#include "tests/support/redis_server.h"

namespace scanhost::queue_redis {

/// An instance that is started, unless its start failed.
class Node {
 public:
  explicit Node(const Json& settings)
      : plugin_(SCANHOST_BINARY_DIR "/plugins/queue-redis.so", SCANHOST_QUEUE_ID, settings.dump(),
                folder_.path()),
        started_(plugin_.start()),
        client_("queue-redis", plugin_.table(), plugin_.self()) {}

  const Status& started() const { return started_; }
  QueueClient* operator->() { return &client_; }
  /// Waits until the plugin logged such an event.
  bool logs(const std::string& event, std::chrono::milliseconds limit = std::chrono::seconds(10));

 private:
  testing_support::Folder folder_;
  suites::LoadedPlugin plugin_;
  Status started_;
  QueueClient client_;
};

Submission submission(const std::string& id);
LeaseRequest leaseRequest(std::uint32_t most = 1,
                          std::chrono::nanoseconds lease = std::chrono::minutes(1));
/// Settings for this server; `more` are added.
Json settingsFor(const testing_support::RedisServer& server, const Json& more = Json::object());
/// True as soon as `holds` is, false after the limit.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds limit = std::chrono::seconds(20));
bool created(Node& node, const std::string& id);

}  // namespace scanhost::queue_redis
