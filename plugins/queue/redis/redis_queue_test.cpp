// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// queue-redis through its ABI: the behaviour of every queue, against a real redis-server.
#include <scanhost/json.h>

#include "tests/suites/queue_suite.h"
#include "tests/support/redis_server.h"

namespace scanhost::suites {
namespace {

using testing_support::RedisServer;

/// One server for the whole program; each test has a prefix of its own.
class RedisBackend : public QueueBackend {
 public:
  std::unique_ptr<LoadedPlugin> open() override {
    return std::make_unique<LoadedPlugin>(
        SCANHOST_BINARY_DIR "/plugins/queue-redis.so", SCANHOST_QUEUE_ID,
        Json::object({{"url", server_.url()}}).dump(), folder_.path());
  }

 private:
  RedisServer server_;
  testing_support::Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Queues, QueueSuite,
                         testing::Values(QueueCase{
                             "redis", [] { return std::make_unique<RedisBackend>(); }}),
                         caseName);

}  // namespace
}  // namespace scanhost::suites
