// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// results-sqlite through its ABI: the behaviour of every result store, and what is its own.
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

#include "tests/suites/results_suite.h"
#include "tests/support/folder.h"

namespace scanhost::suites {
namespace {

using testing::HasSubstr;

std::unique_ptr<LoadedPlugin> openResults(const std::string& folder) {
  return std::make_unique<LoadedPlugin>(SCANHOST_BINARY_DIR "/plugins/results-sqlite.so",
                                        SCANHOST_RESULTS_ID, "{}", folder);
}

class SqliteResultsBackend : public ResultsBackend {
 public:
  std::unique_ptr<LoadedPlugin> open() override { return openResults(folder_.path()); }

 private:
  testing_support::Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Results, ResultsSuite,
                         testing::Values(ResultsCase{
                             "sqlite", [] { return std::make_unique<SqliteResultsBackend>(); }}),
                         resultsCaseName);

class SqliteResultsFile : public testing::Test {
 protected:
  std::string file() const { return folder_.path() / "results.db"; }
  std::string folder() const { return folder_.path(); }

  static ResultsClient client(const LoadedPlugin& plugin) {
    return ResultsClient("results-sqlite", plugin.table(), plugin.self());
  }
  static Generation generation(const std::string& task_id) {
    Generation made;
    made.task_id = task_id;
    made.created_us = 1;
    return made;
  }
  static std::vector<FindingRecord> batch(int from, int count) {
    std::vector<FindingRecord> findings(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      FindingRecord& one = findings[static_cast<std::size_t>(i)];
      one.host = "10.0.0." + std::to_string(i % 250);
      one.check_id = std::to_string(from + i);
      one.severity = static_cast<Severity>((from + i) % 5);
      one.fingerprint = "1:" + std::to_string(from + i);
      one.description = std::string(200, 'd');
    }
    return findings;
  }
  static ResultsQuery everythingOf(const std::string& name) {
    ResultsQuery query;
    query.generation = name;
    return query;
  }
  void run(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  std::int64_t count(const std::string& table) const {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_open(file().c_str(), &database);
    sqlite3_prepare_v2(database, ("SELECT count(*) FROM " + table).c_str(), -1, &statement,
                       nullptr);
    const std::int64_t rows =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return rows;
  }

 private:
  testing_support::Folder folder_;
};

TEST_F(SqliteResultsFile, RefusesASecondUserNamingTheFileAndTheFirst) {
  const auto first = openResults(folder());
  ASSERT_TRUE(first->start());
  const Status refused = openResults(folder())->start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(file()));
  EXPECT_THAT(refused.error().message, HasSubstr("process " + std::to_string(getpid())));
  EXPECT_THAT(refused.error().message,
              HasSubstr("end that one, or give each node a node.data_dir of its own"));
}

TEST_F(SqliteResultsFile, LeavesNoRowOfARemovedTaskBehind) {
  const auto plugin = openResults(folder());
  ASSERT_TRUE(plugin->start());
  const ResultsClient results = client(*plugin);
  const std::string name = *results.openGeneration(generation("t1"), {});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(results.append(name, batch(i * 1000, 1000), {}));
  ASSERT_TRUE(results.seal(name, "{}", {}));
  EXPECT_EQ(count("sightings"), 5'000);

  EXPECT_EQ(*results.remove("t1", {}), 5'000u);

  for (const char* table : {"generations", "findings", "texts", "sightings"})
    EXPECT_EQ(count(table), 0) << table;
}

TEST_F(SqliteResultsFile, FinishesARemovalThatWasInterrupted) {
  {
    const auto plugin = openResults(folder());
    ASSERT_TRUE(plugin->start());
    const std::string name = *client(*plugin).openGeneration(generation("t1"), {});
    ASSERT_TRUE(client(*plugin).append(name, batch(0, 10), {}));
  }
  run("UPDATE generations SET gone = 1");
  const auto plugin = openResults(folder());
  ASSERT_TRUE(plugin->start());

  const auto keep_all = [](std::string_view, std::string_view) { return true; };
  EXPECT_EQ(*client(*plugin).sweep(0, 0, 10, keep_all, {}), 0u);

  EXPECT_EQ(count("findings"), 0);
}

TEST_F(SqliteResultsFile, NamesADamagedFinding) {
  {
    const auto plugin = openResults(folder());
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(client(*plugin).openGeneration(generation("t1"), {}));
    const std::string name = *client(*plugin).current("t1", 0, {}).value();
    ASSERT_TRUE(client(*plugin).append(name, batch(0, 1), {}));
  }
  run("UPDATE findings SET cve = '[\"broken'");
  const auto plugin = openResults(folder());
  ASSERT_TRUE(plugin->start());
  const std::string name = client(*plugin).current("t1", 0, {})->value();
  auto cursor = client(*plugin).open(everythingOf(name), {});
  const auto next = cursor->next(10, {});
  ASSERT_FALSE(next);
  EXPECT_THAT(next.error().message, HasSubstr("finding 1 is damaged"));
}

TEST_F(SqliteResultsFile, ALongQueryEndsWhenItsCallIsCancelled) {
  const auto plugin = openResults(folder());
  ASSERT_TRUE(plugin->start());
  const ResultsClient results = client(*plugin);
  const std::string name = *results.openGeneration(generation("t1"), {});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(results.append(name, batch(i * 1000, 1000), {}));
  ResultsQuery query = everythingOf(name);
  query.conditions.push_back(
      {"description", {ResultsOperand::ofText(ResultsOperator::contains, "x")}});
  const auto source = std::make_shared<CancelSource>();
  source->cancel();
  const auto counted = results.count(query, {.cancel = source});
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().error_class, ErrorClass::cancelled);
}

TEST_F(SqliteResultsFile, SortsALargeGenerationInWindowsWithoutLossOrRepeat) {
  const auto plugin = openResults(folder());
  ASSERT_TRUE(plugin->start());
  const ResultsClient results = client(*plugin);
  const std::string name = *results.openGeneration(generation("t1"), {});
  constexpr int total = 120'000;
  for (int i = 0; i < total; i += 2'000) ASSERT_TRUE(results.append(name, batch(i, 2'000), {}));
  ResultsQuery query = everythingOf(name);
  query.sort = {{"severity", true}, {"host", false}};
  query.fields = {"host", "severity", "plugin_id"};
  auto cursor = results.open(query, {});
  std::set<std::string> seen;
  int last_severity = 4;
  for (;;) {
    const auto some = cursor->next(1'000, {});
    ASSERT_TRUE(some) << some.error().message;
    if (some->empty()) break;
    for (const FindingRecord& one : *some) {
      ASSERT_LE(static_cast<int>(one.severity), last_severity);
      last_severity = static_cast<int>(one.severity);
      ASSERT_TRUE(seen.insert(one.check_id).second) << one.check_id << " was told twice";
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(total));
}

/// Fills and seals generations without end, writing each sealed name to `out`.
[[noreturn]] void sealUntilKilled(const std::string& folder, int out) {
  const auto plugin = openResults(folder);
  if (!plugin->start()) _exit(1);
  const ResultsClient results("results-sqlite", plugin->table(), plugin->self());
  for (int i = 0;; ++i) {
    Generation made;
    made.task_id = "t" + std::to_string(getpid()) + "-" + std::to_string(i);
    const auto name = results.openGeneration(made, {});
    std::vector<FindingRecord> findings(50);
    for (FindingRecord& one : findings) one.fingerprint = *name;
    if (!results.append(*name, findings, {}) || !results.seal(*name, "{\"n\":50}", {})) _exit(1);
    const std::string line = *name + "\n";
    if (write(out, line.data(), line.size()) < 0) _exit(1);
  }
}

TEST_F(SqliteResultsFile, LosesNoSealedFindingWhenItsProcessIsKilled) {
  std::set<std::string> sealed;
  for (int round = 0; round < 4; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      sealUntilKilled(folder(), ends[1]);
    }
    close(ends[1]);
    std::thread killer;
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
      if (killer.joinable() || std::count(text.begin(), text.end(), '\n') < 7) continue;
      killer = std::thread([child, round] {
        std::this_thread::sleep_for(std::chrono::milliseconds(7 * round));
        kill(child, SIGKILL);
      });
    }
    if (killer.joinable()) killer.join();
    close(ends[0]);
    int ended = 0;
    ASSERT_EQ(waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFSIGNALED(ended));
    std::istringstream lines(text);
    for (std::string name; std::getline(lines, name) && !lines.eof();) sealed.insert(name);

    const auto plugin = openResults(folder());
    ASSERT_TRUE(plugin->start());
    for (const std::string& name : sealed) {
      ASSERT_EQ(client(*plugin).summary(name, {})->value_or(""), "{\"n\":50}");
      ASSERT_EQ(*client(*plugin).count(everythingOf(name), {}), 50u);
    }
  }
  EXPECT_GT(sealed.size(), 20u);
}

}  // namespace
}  // namespace scanhost::suites
