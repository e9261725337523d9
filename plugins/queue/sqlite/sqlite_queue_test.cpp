// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// queue-sqlite through its ABI: the behaviour of every queue, and what is its own: one file, one
/// process, crashes.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "tests/suites/queue_suite.h"
#include "tests/support/folder.h"

namespace scanhost::suites {
namespace {

using testing::HasSubstr;

std::unique_ptr<LoadedPlugin> openQueue(const std::string& folder,
                                        const std::string& settings = "{}") {
  return std::make_unique<LoadedPlugin>(SCANHOST_BINARY_DIR "/plugins/queue-sqlite.so",
                                        SCANHOST_QUEUE_ID, settings, folder);
}

class SqliteBackend : public QueueBackend {
 public:
  std::unique_ptr<LoadedPlugin> open() override { return openQueue(folder_.path()); }

 private:
  testing_support::Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Queues, QueueSuite,
                         testing::Values(QueueCase{
                             "sqlite", [] { return std::make_unique<SqliteBackend>(); }}),
                         caseName);

class SqliteQueueFile : public testing::Test {
 protected:
  std::string file() const { return folder_.path() / "queue.db"; }
  std::string folder() const { return folder_.path(); }

  QueueClient client(const LoadedPlugin& plugin) const {
    return QueueClient("queue-sqlite", plugin.table(), plugin.self());
  }
  static Submission submission(const std::string& id) {
    Submission made;
    made.id = id;
    made.owner = "alice";
    made.pool = "lan";
    made.submission = "{}";
    made.created_us = 1;
    made.cap = 1'000'000;
    return made;
  }
  static LeaseRequest leaseRequest() {
    LeaseRequest request;
    request.max_tasks = 1;
    request.worker = "w";
    request.lease = std::chrono::hours(1);
    request.instances = {{"lan", "a", 10}};
    return request;
  }

  /// Changes the file as nobody should.
  void tamper(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
    sqlite3_close(database);
  }

 private:
  testing_support::Folder folder_;
};

TEST_F(SqliteQueueFile, IsReadableByItsOwnerAlone) {
  const auto plugin = openQueue(folder());
  ASSERT_TRUE(plugin->start());
  for (const char* ending : {"", "-wal", "-shm", ".lock"}) {
    struct stat found {};
    ASSERT_EQ(stat((file() + ending).c_str(), &found), 0) << ending;
    EXPECT_EQ(found.st_mode & 077, 0u) << ending;
  }
}

TEST_F(SqliteQueueFile, RefusesASecondUserNamingTheFileAndTheFirst) {
  const auto first = openQueue(folder());
  ASSERT_TRUE(first->start());

  const auto second = openQueue(folder());
  const Status refused = second->start();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::config);
  EXPECT_THAT(refused.error().message, HasSubstr(file()));
  EXPECT_THAT(refused.error().message, HasSubstr("process " + std::to_string(getpid())));
  EXPECT_THAT(refused.error().message, HasSubstr("queue-redis"));
}

TEST_F(SqliteQueueFile, IsFreeAgainAfterStop) {
  const auto first = openQueue(folder());
  ASSERT_TRUE(first->start());
  first->stop();
  EXPECT_FALSE(client(*first).get("t1", {}));
  EXPECT_TRUE(openQueue(folder())->start());
}

TEST_F(SqliteQueueFile, OfANewerVersionIsRefusedAndLeftAlone) {
  ASSERT_TRUE(openQueue(folder())->start());
  tamper("PRAGMA user_version=99");
  const Status refused = openQueue(folder())->start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
  EXPECT_THAT(refused.error().message, HasSubstr("99"));
}

TEST_F(SqliteQueueFile, OfAnotherProgramIsRefused) {
  tamper("CREATE TABLE theirs (x)");
  const Status refused = openQueue(folder())->start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("no file of queue-sqlite"));
}

TEST_F(SqliteQueueFile, ThatIsNoDatabaseIsRefused) {
  std::ofstream(file()) << std::string(8192, 'x');
  const Status refused = openQueue(folder())->start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(file()));
}

TEST_F(SqliteQueueFile, ThatCannotBeMadeIsATransientFailureOfTheBackend) {
  const auto plugin = openQueue(folder(), R"({"path":"missing/queue.db"})");
  const Status refused = plugin->start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::transient);
  EXPECT_EQ(refused.error().subject, ErrorSubject::backend);
  EXPECT_THAT(refused.error().message, HasSubstr("missing/queue.db"));
}

TEST_F(SqliteQueueFile, NamesADamagedRecordInsteadOfPassingOverIt) {
  {
    const auto plugin = openQueue(folder());
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(client(*plugin).submit(submission("broken"), {}));
    ASSERT_TRUE(client(*plugin).submit(submission("whole"), {}));
  }
  tamper("PRAGMA ignore_check_constraints=1; UPDATE tasks SET state = 42 WHERE id = 'broken'");
  const auto plugin = openQueue(folder());
  ASSERT_TRUE(plugin->start());

  const auto listed = client(*plugin).list({}, {});
  const auto got = client(*plugin).get("broken", {});

  ASSERT_FALSE(listed);
  EXPECT_THAT(listed.error().message, HasSubstr("task broken"));
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("state 42"));
  EXPECT_TRUE(client(*plugin).get("whole", {})->has_value());
}

TEST_F(SqliteQueueFile, EndsLeasesAndDelaysOfAnEarlierBoot) {
  {
    const auto plugin = openQueue(folder());
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(client(*plugin).submit(submission("held"), {}));
    ASSERT_EQ(client(*plugin).lease(leaseRequest(), {})->size(), 1u);
    ASSERT_TRUE(client(*plugin).submit(submission("delayed"), {}));
    const auto task = client(*plugin).lease(leaseRequest(), {})->at(0);
    Release release;
    release.delay = std::chrono::hours(1);
    ASSERT_TRUE(client(*plugin).release(task.lease(), release, {}));
  }
  tamper("UPDATE boot SET id = 'another'");
  const auto plugin = openQueue(folder());
  ASSERT_TRUE(plugin->start());

  const auto first = client(*plugin).lease(leaseRequest(), {});
  const auto second = client(*plugin).lease(leaseRequest(), {});

  ASSERT_EQ(first->size(), 1u);
  EXPECT_EQ(first->at(0).id, "held");
  EXPECT_EQ(first->at(0).takeovers, 1);
  ASSERT_EQ(second->size(), 1u);
  EXPECT_EQ(second->at(0).id, "delayed");
}

TEST_F(SqliteQueueFile, SaysWhatALossOfPowerMayTake) {
  const auto careful = openQueue(folder());
  ASSERT_TRUE(careful->start());
  const bool in_memory = client(*careful).durability({})->detail.find("tmpfs") != std::string::npos;
  EXPECT_EQ(client(*careful).durability({})->survives_power, !in_memory);
  EXPECT_TRUE(client(*careful).durability({})->survives_process);
  EXPECT_FALSE(client(*careful).durability({})->survives_machine);

  const testing_support::Folder other;
  const auto quick = openQueue(other.path(), R"({"synchronous":"normal"})");
  ASSERT_TRUE(quick->start());
  const auto found = client(*quick).durability({});
  EXPECT_FALSE(found->survives_power);
  EXPECT_THAT(found->detail, HasSubstr("set it to full"));
}

/// Lets no file of this process grow past `bytes` while it lives: a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(SqliteQueueFile, AFullDiskRefusesClearlyAndLosesNothing) {
  const auto plugin = openQueue(folder());
  ASSERT_TRUE(plugin->start());
  const QueueClient queue = client(*plugin);
  ASSERT_TRUE(queue.submit(submission("before"), {}));
  Submission big = submission("big");
  big.submission.assign(300'000, 'x');
  {
    struct stat wal {};
    ASSERT_EQ(stat((file() + "-wal").c_str(), &wal), 0);
    const FileSizeLimit full(static_cast<rlim_t>(wal.st_size) + 20'000);
    const auto refused = queue.submit(big, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error_class, ErrorClass::transient);
    EXPECT_EQ(refused.error().subject, ErrorSubject::backend);
    EXPECT_THAT(refused.error().message, HasSubstr(file()));
    EXPECT_TRUE(queue.get("before", {})->has_value());
  }
  const auto answer = queue.submit(big, {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->outcome, QueueOutcome::created);
  EXPECT_TRUE(queue.get("before", {})->has_value());
}

TEST_F(SqliteQueueFile, HasNoDurabilityToTellOfWhileItRefusesWrites) {
  const auto plugin = openQueue(folder());
  ASSERT_TRUE(plugin->start());
  const QueueClient queue = client(*plugin);
  ASSERT_TRUE(queue.durability({}));
  {
    struct stat wal {};
    ASSERT_EQ(stat((file() + "-wal").c_str(), &wal), 0);
    const FileSizeLimit full(static_cast<rlim_t>(wal.st_size));
    EXPECT_FALSE(queue.durability({}));
  }
  EXPECT_TRUE(queue.durability({}));

  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_FALSE(queue.durability({.timeout = std::chrono::seconds(1)}));
  EXPECT_TRUE(queue.counts({})) << "it may still be read";
  sqlite3_close(other);
  EXPECT_TRUE(queue.durability({}));
}

/// Submits, leases and finishes without end, writing each accepted id to `out` once it is told.
[[noreturn]] void workUntilKilled(const std::string& folder, int out) {
  const auto plugin = openQueue(folder);
  if (!plugin->start()) _exit(1);
  const QueueClient queue("queue-sqlite", plugin->table(), plugin->self());
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 4; ++worker)
    threads.emplace_back([&, worker] {
      for (int i = 0;; ++i) {
        Submission made;
        made.id = std::to_string(getpid()) + "-" + std::to_string(worker) + "-" + std::to_string(i);
        made.pool = "lan";
        made.submission = std::string(500, 'x');
        made.created_us = i;
        made.cap = UINT64_MAX;
        if (!queue.submit(made, {})) continue;
        const std::string line = made.id + "\n";
        if (write(out, line.data(), line.size()) < 0) _exit(1);
        LeaseRequest request;
        request.max_tasks = 1;
        request.worker = "w";
        request.lease = std::chrono::hours(1);
        request.instances = {{"lan", "a", 1'000'000}};
        const auto tasks = queue.lease(request, {});
        if (tasks && !tasks->empty() && i % 2 == 0) queue.finish(tasks->at(0).lease(), {}, {});
      }
    });
  for (std::thread& thread : threads) thread.join();
  _exit(0);
}

/// Kills the process once it has said `lines` lines; all that it said.
std::string readAndKill(int in, std::ptrdiff_t lines, pid_t process) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(in, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
    if (std::count(text.begin(), text.end(), '\n') >= lines) kill(process, SIGKILL);
  }
  return text;
}

TEST_F(SqliteQueueFile, LosesNoAcceptedTaskWhenItsProcessIsKilled) {
  std::set<std::string> accepted;
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      workUntilKilled(folder(), pipe_ends[1]);
    }
    close(pipe_ends[1]);
    const std::string text = readAndKill(pipe_ends[0], 10 + 3 * round, child);
    close(pipe_ends[0]);
    int ended = 0;
    ASSERT_EQ(waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFSIGNALED(ended));
    std::istringstream lines(text);
    for (std::string id; std::getline(lines, id) && !lines.eof();) accepted.insert(id);

    const auto plugin = openQueue(folder());
    const Status started = plugin->start();
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_THAT(plugin->events(), testing::Contains("store_checked"));
    for (const std::string& id : accepted)
      ASSERT_TRUE(client(*plugin).get(id, {})->has_value()) << id << " was lost";
    plugin->stop();
  }
  EXPECT_GE(accepted.size(), 80u);
}

}  // namespace
}  // namespace scanhost::suites
