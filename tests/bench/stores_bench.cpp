// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the embedded stores cost through their ABI, with commits that survive a loss of power: a
/// task from submission to its end, a finding stored and read a page at a time. Beside them the
/// same number of transactions, or rows, in a bare SQLite file of the same settings.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "host/plugins/instance.h"
#include "host/plugins/queue_client.h"
#include "host/plugins/results_client.h"
#include "tests/bench/figures.h"
#include "tests/bench/sync_count.h"

namespace scanhost::bench {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void giveUp(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(1);
}

/// The value, or the end of the program: what failed cannot be measured.
template <class T>
T must(Result<T> result) {
  if (!result) giveUp(result.error().message);
  return std::move(*result);
}
void must(Status status) {
  if (!status) giveUp(status.error().message);
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) giveUp("no folder can be made in " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A started store plugin over an empty folder.
template <class Client>
class Store {
 public:
  explicit Store(const std::string& name) {
    static PluginLoader loader({.folder = measuredBuild() / "plugins"});
    instance_ =
        must(PluginInstance::create(*must(loader.load(name)), Client::interfaceId(),
                                    {.name = "bench", .data_dir = folder_.path() / "data"}));
    must(instance_->start({.timeout = 30s}));
    client_ = std::make_unique<Client>(name, &instance_->template table<scanhost_interface>(),
                                       instance_->self());
  }
  const Client& client() const { return *client_; }

 private:
  Folder folder_;
  std::unique_ptr<PluginInstance> instance_;
  std::unique_ptr<Client> client_;
};

/// A file with one table, opened as the stores open theirs.
class BareSqlite {
 public:
  BareSqlite() {
    if (sqlite3_open((folder_.path() / "bare.db").c_str(), &database_) != SQLITE_OK)
      giveUp("SQLite cannot be opened");
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "CREATE TABLE rows(id INTEGER PRIMARY KEY, body TEXT)");
    sqlite3_prepare_v2(database_, "INSERT INTO rows(body) VALUES (?)", -1, &insert_, nullptr);
  }
  ~BareSqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      giveUp(sqlite3_errmsg(database_));
  }
  void insert(const std::string& body) {
    sqlite3_bind_text(insert_, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) giveUp(sqlite3_errmsg(database_));
    sqlite3_reset(insert_);
  }

 private:
  Folder folder_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

const std::string submission_text =
    R"({"version":1,"name":"LAN","targets":"10.0.0.0/24","scan_type":"untrusted"})";

Submission submissionOf(std::uint64_t number) {
  Submission made;
  made.id = "task-" + std::to_string(number);
  made.trace_id = "trace";
  made.owner = "alice";
  made.pool = "lan";
  made.submission = submission_text;
  made.created_us = static_cast<std::int64_t>(number) + 1;
  made.cap = 10'000'000;
  return made;
}

/// One task through its life: three writes that each wait for stable storage.
void runTask(const QueueClient& queue, std::uint64_t number) {
  must(queue.submit(submissionOf(number), {}));
  LeaseRequest request;
  request.max_tasks = 1;
  request.worker = "worker";
  request.lease = 60s;
  request.now_us = static_cast<std::int64_t>(number) + 1;
  request.instances = {{"lan", "a", 1000}};
  for (const QueuedTask& task : must(queue.lease(request, {}))) {
    Finish finish;
    finish.completed_us = request.now_us;
    must(queue.finish(task.lease(), finish, {}));
  }
}

std::unique_ptr<Store<QueueClient>> shared_queue;
std::atomic<std::uint64_t> next_task{0};

void task(benchmark::State& state) {
  if (state.thread_index() == 0) {
    next_task = 0;
    shared_queue = std::make_unique<Store<QueueClient>>("queue-sqlite");
  }
  const std::uint64_t before = syncCount();
  for (auto _ : state) runTask(shared_queue->client(), next_task++);
  if (state.thread_index() == 0) {
    state.counters["syncs"] = static_cast<double>(syncCount() - before) /
                              static_cast<double>(state.iterations() * state.threads());
    shared_queue.reset();
  }
}
BENCHMARK(task)->Name("task")->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(task)->Name("taskOfEight")->Threads(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

void threeTransactions(benchmark::State& state) {
  BareSqlite bare;
  const std::uint64_t before = syncCount();
  for (auto _ : state)
    for (int i = 0; i < 3; ++i) bare.insert(submission_text);
  state.counters["syncs"] =
      static_cast<double>(syncCount() - before) / static_cast<double>(state.iterations());
}
BENCHMARK(threeTransactions)->UseRealTime()->Unit(benchmark::kMicrosecond);

constexpr int findings_per_batch = 256;
constexpr int findings_per_scan = 4 * findings_per_batch;
constexpr int findings_per_page = 40;

/// About 2 KB, as a Nessus finding is.
std::vector<FindingRecord> someFindings() {
  std::vector<FindingRecord> findings(findings_per_batch);
  for (int i = 0; i < findings_per_batch; ++i) {
    FindingRecord& finding = findings[static_cast<std::size_t>(i)];
    finding.host = "10.0.0." + std::to_string(i % 200);
    finding.port = std::to_string(1 + i);
    finding.check_id = std::to_string(10'000 + i);
    finding.check_name = "A weakness of some product before version " + std::to_string(i);
    finding.severity = static_cast<Severity>(i % 5);
    finding.cvss3_base_score = i % 10;
    finding.cve = {"CVE-2026-" + std::to_string(1000 + i)};
    finding.synopsis = std::string(100, 's');
    finding.description = std::string(900, 'd');
    finding.solution = std::string(200, 'o');
    finding.output = std::string(600, 'p');
    finding.scanner_family = "nessus";
    finding.fingerprint = std::string(64, 'f');
  }
  return findings;
}

/// A scan's findings stored and sealed; answers the generation.
std::string storeScan(const ResultsClient& results, const std::vector<FindingRecord>& batch,
                      std::uint64_t number) {
  Generation generation;
  generation.task_id = "task-" + std::to_string(number);
  generation.epoch = 1;
  generation.created_us = 1;
  const std::string name = must(results.openGeneration(generation, {}));
  for (int i = 0; i < findings_per_scan / findings_per_batch; ++i)
    must(results.append(name, std::span<const FindingRecord>(batch), {}));
  must(results.seal(name, "{}", {}));
  return name;
}

void perFinding(benchmark::State& state) {
  state.counters["per_finding"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * findings_per_scan / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void storedFindings(benchmark::State& state) {
  const Store<ResultsClient> store("results-sqlite");
  const auto batch = someFindings();
  std::uint64_t number = 0;
  const std::uint64_t before = syncCount();
  for (auto _ : state) storeScan(store.client(), batch, number++);
  state.counters["syncs_per_scan"] =
      static_cast<double>(syncCount() - before) / static_cast<double>(state.iterations());
  perFinding(state);
}
BENCHMARK(storedFindings)->UseRealTime()->Unit(benchmark::kMillisecond);

void bareRows(benchmark::State& state) {
  BareSqlite bare;
  const std::string body(2000, 'x');
  for (auto _ : state)
    for (int batch = 0; batch < findings_per_scan / findings_per_batch; ++batch) {
      bare.run("BEGIN IMMEDIATE");
      for (int i = 0; i < findings_per_batch; ++i) bare.insert(body);
      bare.run("COMMIT");
    }
  perFinding(state);
}
BENCHMARK(bareRows)->UseRealTime()->Unit(benchmark::kMillisecond);

void pagedFindings(benchmark::State& state) {
  const Store<ResultsClient> store("results-sqlite");
  ResultsQuery query;
  query.generation = storeScan(store.client(), someFindings(), 1);
  query.limit = findings_per_page;
  for (auto _ : state)
    for (query.offset = 0; query.offset < findings_per_scan; query.offset += findings_per_page) {
      FindingCursor cursor = must(store.client().open(query, {}));
      benchmark::DoNotOptimize(must(cursor.next(findings_per_page, {})));
    }
  perFinding(state);
}
BENCHMARK(pagedFindings)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace scanhost::bench

int main(int count, char** words) {
  using scanhost::bench::Reading;
  return scanhost::bench::runFigures(
      count, words,
      {{"A task: submit, lease, finish; peer: 3 transactions",
        "task",
        "us",
        Reading::real_time,
        {},
        "threeTransactions"},
       {"  waits for stable storage in it", "task", "", Reading::counter, "syncs",
        "threeTransactions"},
       {"A task, 8 threads at once",
        "taskOfEight",
        "us",
        Reading::real_time,
        {},
        "threeTransactions"},
       {"  waits for stable storage in it", "taskOfEight", "", Reading::counter, "syncs",
        "threeTransactions"},
       {"A finding stored, 1024 in a scan; peer: bare rows", "storedFindings", "us",
        Reading::counter, "per_finding", "bareRows"},
       {"A finding read, 40 to a page", "pagedFindings", "us", Reading::counter, "per_finding"}});
}
