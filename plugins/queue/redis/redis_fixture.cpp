// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/redis_fixture.h"

#include <algorithm>
#include <thread>

namespace scanhost::queue_redis {

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

bool Node::logs(const std::string& event, std::chrono::milliseconds limit) {
  return eventually(
      [&] {
        const auto events = plugin_.events();
        return std::count(events.begin(), events.end(), event) > 0;
      },
      limit);
}

Submission submission(const std::string& id) {
  static std::atomic<std::int64_t> clock_us{1'000'000};
  Submission made;
  made.id = id;
  made.trace_id = "trace";
  made.owner = "alice";
  made.pool = "lan";
  made.submission = "{}";
  made.created_us = ++clock_us;
  made.cap = 1'000'000;
  return made;
}

LeaseRequest leaseRequest(std::uint32_t most, std::chrono::nanoseconds lease) {
  LeaseRequest request;
  request.max_tasks = most;
  request.worker = "w";
  request.lease = lease;
  request.now_us = 1;
  request.instances = {{"lan", "a", 1000}};
  return request;
}

Json settingsFor(const testing_support::RedisServer& server, const Json& more) {
  Json settings = Json::object({{"url", server.url()}});
  for (const auto& [name, value] : more.members()) settings[name] = value;
  return settings;
}

bool created(Node& node, const std::string& id) {
  const auto answer = node->submit(submission(id), {});
  return answer && answer->outcome == QueueOutcome::created;
}

}  // namespace scanhost::queue_redis
