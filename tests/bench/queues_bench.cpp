// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a task costs in the queues, from submission over its lease to its end: on a redis-server of
/// this program's own and in SQLite, beside BullMQ and redis-benchmark on the same server; and
/// whether that grows with the number of tasks stored.
///
///     bench_queues [--repetitions=5] [--records=1000,100000,1000000]
///
/// Peers take turns within a repetition, so that what else the machine does meets them alike.
/// `--benchmark_min_time` (a smoke test's) makes everything small. BullMQ is measured where
/// SCANHOST_BENCH_BULLMQ names a folder with throughput.js and its modules.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "host/plugins/instance.h"
#include "host/plugins/queue_client.h"
#include "host/plugins/schema.h"
#include "tests/bench/figures.h"
#include "tests/support/child_process.h"
#include "tests/support/folder.h"
#include "tests/support/redis_server.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing_support::RedisServer;

constexpr int scripts_per_task = 3;  ///< submit, lease, finish: a round trip each

[[noreturn]] void giveUp(const std::string& why) {
  throw std::runtime_error(why);
}

template <class T>
T must(Result<T> result) {
  if (!result) giveUp(result.error().message);
  return std::move(*result);
}
void must(Status status) {
  if (!status) giveUp(status.error().message);
}

/// A started queue plugin.
class Queue {
 public:
  Queue(const std::string& name, const Json& settings) {
    static PluginLoader loader({.folder = measuredBuild() / "plugins"});
    const LoadedPlugin& plugin = *must(loader.load(name));
    instance_ = must(PluginInstance::create(
        plugin, QueueClient::interfaceId(),
        {.name = "bench", .settings = settings, .data_dir = folder_.path() / "data"}));
    must(instance_->start({.timeout = 30s}));
    client_.emplace(name, &instance_->table<scanhost_interface>(), instance_->self());
  }

  /// Tasks a second, from submission to end, by so many threads.
  double run(int tasks, int threads) {
    std::atomic<int> left{tasks};
    const auto began = Clock::now();
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i)
      workers.emplace_back([this, &left] {
        while (left-- > 0) runTask(next_++);
      });
    for (std::thread& worker : workers) worker.join();
    return tasks / std::chrono::duration<double>(Clock::now() - began).count();
  }

 private:
  void runTask(std::uint64_t number) {
    Submission made;
    made.id = "task-" + std::to_string(number);
    made.trace_id = "550e8400-e29b-41d4-a716-446655440000";
    made.owner = "alice";
    made.pool = "lan";
    made.submission =
        R"({"version":1,"name":"LAN","targets":"10.0.0.0/24","scan_type":"untrusted"})";
    made.created_us = static_cast<std::int64_t>(number) + 1;
    made.cap = 10'000'000;
    must(client_->submit(made, {}));
    Finish finish;
    const Lease lease = leaseOne();
    finish.completed_us = static_cast<std::int64_t>(number) + 2;
    must(client_->finish(lease, finish, {}));
  }

  /// As a node does: one call leases for all that wait. No fewer tasks do than threads ask.
  Lease leaseOne() {
    const std::lock_guard lock(mutex_);
    if (leased_.empty()) {
      LeaseRequest request;
      request.max_tasks = 64;
      request.worker = "worker";
      request.lease = 60s;
      request.now_us = 1;
      request.instances = {{"lan", "a", 1'000'000}};
      leased_ = must(client_->lease(request, {}));
      if (leased_.empty()) giveUp("a submitted task is not there");
    }
    const Lease lease = leased_.back().lease();
    leased_.pop_back();
    return lease;
  }

  testing_support::Folder folder_;
  std::unique_ptr<PluginInstance> instance_;
  std::optional<QueueClient> client_;
  std::atomic<std::uint64_t> next_{1};
  std::mutex mutex_;
  std::vector<QueuedTask> leased_;
};

std::string said(const std::vector<std::string>& words) {
  const auto finished = testing_support::run({words, {}, {}}, 5min);
  if (finished.exit_code != 0) giveUp(words.front() + ": " + finished.err);
  return finished.out;
}

double redisBenchmark(const RedisServer& server, int clients, int requests) {
  const std::string csv =
      said({"redis-benchmark", "-p", std::to_string(server.port()), "-t", "set", "-d", "512", "-c",
            std::to_string(clients), "-n", std::to_string(requests), "--csv"});
  const std::size_t line = csv.find("\"SET\",\"");
  if (line == std::string::npos) giveUp("redis-benchmark said: " + csv);
  return std::atof(csv.c_str() + line + 7);
}

double bullmq(const RedisServer& server, const std::string& folder, int in_flight, int jobs) {
  return std::atof(said({"node", folder + "/throughput.js", std::to_string(server.port()),
                         std::to_string(in_flight), std::to_string(jobs)})
                       .c_str());
}

struct Options : Rounds {
  std::vector<int> records{1'000, 100'000, 1'000'000};
};

Options readOptions(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t value = word.find('=') + 1;
    if (options.take(word)) continue;
    if (word.rfind("--records=", 0) == 0) {
      options.records.clear();
      for (std::size_t at = value; at != 0 && at < word.size(); at = word.find(',', at) + 1)
        options.records.push_back(std::atoi(word.c_str() + at));
    } else {
      giveUp(word + ": known are --repetitions=N and --records=N,N,...");
    }
  }
  if (options.smoke) options.records = {100};
  return options;
}

void line(const std::string& title, double own, double peer, const std::string& target) {
  char ratio[16] = "", beside[32] = "";
  if (peer > 0) std::snprintf(beside, sizeof beside, "%.0f /s", peer);
  if (peer > 0) std::snprintf(ratio, sizeof ratio, "%.2f", own / peer);
  std::printf("| %-62s | %10.0f /s | %12s | %6s | %-10s |\n", title.c_str(), own, beside, ratio,
              target.c_str());
  std::fflush(stdout);
}

/// Tasks a second one at a time and 64 in flight, of everything, on one server.
void compare(const Options& options, const std::string& appendfsync, const std::string& bullmq_at) {
  const bool synced = appendfsync == "always";
  RedisServer server({"--appendfsync", appendfsync, "--save", ""});
  Queue redis("queue-redis", Json::object({{"url", server.url()}, {"pool", 64}}));
  Queue sqlite("queue-sqlite", Json::object({{"synchronous", synced ? "full" : "normal"}}));
  for (const int in_flight : {1, 64}) {
    const int tasks = options.smoke ? 64 : (in_flight == 1 ? 200 : 2'000) * (synced ? 1 : 10);
    std::map<std::string, std::vector<double>> found;
    redis.run(tasks / 5, in_flight);
    for (int i = 0; i < options.repetitions; ++i) {
      found["redis"].push_back(redis.run(tasks, in_flight));
      if (!bullmq_at.empty())
        found["bullmq"].push_back(bullmq(server, bullmq_at, in_flight, tasks));
      found["ceiling"].push_back(redisBenchmark(server, in_flight, 3 * tasks) / scripts_per_task);
      found["sqlite"].push_back(sqlite.run(tasks / 4, in_flight));
    }
    const std::string what =
        (in_flight == 1 ? "one at a time" : "64 in flight") + (", appendfsync " + appendfsync);
    const double own = median(found["redis"]);
    line("queue-redis, " + what + "; peer: BullMQ", own, median(found["bullmq"]),
         in_flight == 1 ? "1.5, aim 2" : "4, aim 6");
    line("  peer: redis-benchmark SET / " + std::to_string(scripts_per_task), own,
         median(found["ceiling"]), "0.5");
    line("  queue-sqlite beside it", median(found["sqlite"]), 0, "");
  }
}

/// Microseconds a task, one at a time, over stores that hold more and more ended ones.
void grow(const Options& options) {
  RedisServer server({"--appendonly", "no", "--save", ""});
  Queue redis("queue-redis", Json::object({{"url", server.url()}, {"pool", 64}}));
  Queue sqlite("queue-sqlite", Json::object({{"synchronous", "normal"}}));
  std::printf("\n| %-56s | %13s | %12s |\n", "records stored", "queue-redis", "queue-sqlite");
  std::printf("|%s|%s|%s|\n", std::string(58, '-').c_str(), std::string(15, '-').c_str(),
              std::string(14, '-').c_str());
  int stored = 0;
  for (const int records : options.records) {
    redis.run(std::max(1, records - stored), 64);
    sqlite.run(std::max(1, records - stored), 64);
    stored = records;
    std::vector<double> of_redis, of_sqlite;
    for (int i = 0; i < options.repetitions; ++i) {
      of_redis.push_back(1e6 / redis.run(options.smoke ? 10 : 500, 1));
      of_sqlite.push_back(1e6 / sqlite.run(options.smoke ? 10 : 500, 1));
      stored += options.smoke ? 10 : 500;
    }
    std::printf("| %-56d | %10.0f us | %9.0f us |\n", records, median(of_redis), median(of_sqlite));
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) try {
  using namespace scanhost::bench;
  const Options options = readOptions(count, words);
  const char* bullmq_at = std::getenv("SCANHOST_BENCH_BULLMQ");
  std::printf("| %-62s | %13s | %12s | %6s | %-10s |\n",
              "figure: tasks submitted, leased, finished", "measured", "peer", "ratio", "target");
  std::printf("|%s|%s|%s|%s|%s|\n", std::string(64, '-').c_str(), std::string(15, '-').c_str(),
              std::string(14, '-').c_str(), std::string(8, '-').c_str(),
              std::string(12, '-').c_str());
  for (const char* appendfsync : {"always", "everysec"})
    compare(options, appendfsync, bullmq_at ? bullmq_at : "");
  grow(options);
  return 0;
} catch (const std::exception& failure) {  // only here, so that the servers have been ended
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
