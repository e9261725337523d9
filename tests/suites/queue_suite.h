// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The behaviour of queues: a plugin's test defines a QueueBackend and instantiates QueueSuite.
///
///     INSTANTIATE_TEST_SUITE_P(Sqlite, QueueSuite, testing::Values(QueueCase{"sqlite", make}),
///     name);
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/plugins/queue_client.h"
#include "tests/suites/loaded_plugin.h"

namespace scanhost::suites {

/// A store that exists for one test.
class QueueBackend {
 public:
  virtual ~QueueBackend() = default;
  /// A new instance over the same store, not yet started. One at a time, unless `shared`.
  virtual std::unique_ptr<LoadedPlugin> open() = 0;
};

struct QueueCase {
  std::string name;
  std::function<std::unique_ptr<QueueBackend>()> make;
};

inline void PrintTo(const QueueCase& one, std::ostream* out) {
  *out << one.name;
}

inline std::string caseName(const testing::TestParamInfo<QueueCase>& info) {
  return info.param.name;
}

class QueueSuite : public testing::TestWithParam<QueueCase> {
 protected:
  static constexpr std::chrono::nanoseconds minute = std::chrono::seconds(60);
  /// Long enough for a lease to be held over a few calls, short enough to wait for its end.
#ifdef __SANITIZE_THREAD__
  static constexpr std::chrono::milliseconds blink{500};
#else
  static constexpr std::chrono::milliseconds blink{100};
#endif

  QueueSuite() : backend_(GetParam().make()) { reopen(); }

  /// Ends the instance and opens another over the same store.
  void reopen() {
    client_.reset();
    plugin_.reset();
    plugin_ = backend_->open();
    const Status started = plugin_->start();
    if (!started) ADD_FAILURE() << started.error().message;
    client_ = std::make_unique<QueueClient>("queue", plugin_->table(), plugin_->self());
  }

  const QueueClient& queue() const { return *client_; }
  LoadedPlugin& plugin() { return *plugin_; }

  /// A submission created a microsecond after the one before.
  Submission submission(const std::string& id, const std::string& pool = "lan");
  QueuedTask submitted(const std::string& id, const std::string& pool = "lan");

  /// Leases for instance "a" of pool "lan" unless told otherwise.
  std::vector<QueuedTask> leased(std::uint32_t most, std::chrono::nanoseconds lease = minute,
                                 std::vector<LeaseInstance> instances = {{"lan", "a", 100}},
                                 const std::string& worker = "worker-1");
  /// Submits a task and leases it.
  QueuedTask running(const std::string& id, std::chrono::nanoseconds lease = minute);
  /// A task that ended in `state`.
  QueuedTask ended(const std::string& id, TaskState state, std::int64_t completed_us = 5'000);
  QueuedTask get(const std::string& id);
  QueuedTask advanced(const QueuedTask& task, const Change& change);
  QueueOutcome renewed(const QueuedTask& task, std::chrono::nanoseconds lease = minute);
  PoolCounts poolCounts(const std::string& pool = "lan");
  std::uint64_t activeOn(const std::string& instance, const std::string& pool = "lan");

  static std::vector<std::string> ids(const std::vector<QueuedTask>& tasks);
  static void wait(std::chrono::nanoseconds time);

 private:
  std::unique_ptr<QueueBackend> backend_;
  std::unique_ptr<LoadedPlugin> plugin_;
  std::unique_ptr<QueueClient> client_;
  std::int64_t clock_us_ = 1'000'000;
};

}  // namespace scanhost::suites
