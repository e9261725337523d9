// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/sqlite_queue.h"

#include <utility>

#include "plugins/queue/sqlite/boot_clock.h"
#include "plugins/queue/sqlite/schema.h"

namespace scanhost::queue_sqlite {
namespace {

std::int64_t wallMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

sqlite::StoreOptions storeOptions(const Config& config) {
  sqlite::StoreOptions options;
  options.plugin = "queue-sqlite";
  options.path = config.path;
  options.full = config.full;
  options.application_id = application_id;
  options.schema_version = schema_version;
  options.schema = schema;
  options.second_process =
      "queue-sqlite serves one process: end that one, or use queue-redis for several";
  return options;
}

}  // namespace

SqliteQueue::SqliteQueue(const Settings& settings)
    : host_(settings.host()), config_(readConfig(settings)) {}

void SqliteQueue::start(Call& call) {
  auto opened = std::make_shared<sqlite::Store>(storeOptions(config_), host_);
  endLeasesOfEarlierBoots(*opened, call);
  const std::lock_guard lock(store_mutex_);
  store_ = std::move(opened);
}

void SqliteQueue::stop(Call&) {
  feed_.close();
  std::shared_ptr<sqlite::Store> closing;
  const std::lock_guard lock(store_mutex_);
  closing.swap(store_);
}

std::shared_ptr<sqlite::Store> SqliteQueue::store() const {
  const std::lock_guard lock(store_mutex_);
  if (!store_)
    throw PluginError(ErrorClass::transient, "queue-sqlite is not started, or was stopped",
                      ErrorSubject::backend);
  return store_;
}

/// Times of an earlier boot mean nothing now: its leases are over, and so are its delays.
void SqliteQueue::endLeasesOfEarlierBoots(sqlite::Store& store, Call& call) {
  const std::string boot = bootId();
  store.write(call, sqlite::Sync::durable, [&](sqlite::Database& database) {
    if (database.execute("UPDATE boot SET id = ?1 WHERE id <> ?1", boot) == 0) return;
    database.execute("UPDATE tasks SET lease_until_ns = leased WHERE state IN (1, 2) AND held = 0");
    database.execute("UPDATE tasks SET due_ns = 0 WHERE state IN (0, 2) AND due_ns > 0");
  });
}

template <class Work>
auto SqliteQueue::write(Call& call, sqlite::Sync sync, Work&& work) {
  std::vector<QueueChange> changes;
  return store()->write(
      call, sync,
      [&](sqlite::Database& database) {
        changes.clear();
        return work(Step{database, bootNanos(), changes});
      },
      [&] { feed_.publish(std::move(changes)); });
}

TaskAnswer SqliteQueue::submit(const Submission& submission, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return submitTask(step, submission, wallMicros()); });
}

std::vector<QueuedTask> SqliteQueue::lease(const LeaseRequest& request, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return leaseTasks(step, request); });
}

std::vector<RenewalOutcome> SqliteQueue::renew(const std::vector<Renewal>& renewals,
                                               std::chrono::nanoseconds lease, Call& call) {
  return write(call, sqlite::Sync::relaxed, [&](const Step& step) {
    std::vector<RenewalOutcome> outcomes;
    outcomes.reserve(renewals.size());
    for (const Renewal& renewal : renewals) outcomes.push_back(renewLease(step, renewal, lease));
    return outcomes;
  });
}

TaskAnswer SqliteQueue::advance(const Lease& lease, const Change& change, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return advanceTask(step, lease, change); });
}

QueueOutcome SqliteQueue::finish(const Lease& lease, const Finish& finish, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return finishTask(step, lease, finish); });
}

QueueOutcome SqliteQueue::release(const Lease& lease, const Release& release, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return releaseTask(step, lease, release); });
}

TaskAnswer SqliteQueue::redrive(const std::string& id, bool relaunch, Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return redriveTask(step, id, relaunch, wallMicros()); });
}

TaskAnswer SqliteQueue::request(const std::string& id, TaskRequest what, std::int64_t now_us,
                                Call& call) {
  return write(call, sqlite::Sync::durable,
               [&](const Step& step) { return requestChange(step, id, what, now_us); });
}

QueueOutcome SqliteQueue::remove(const std::string& id, Call& call) {
  return write(call, sqlite::Sync::durable, [&](const Step& step) { return removeTask(step, id); });
}

std::vector<QueuedTask> SqliteQueue::expire(std::int64_t completed_before_us,
                                            std::int64_t failed_before_us, std::uint32_t limit,
                                            Call& call) {
  return write(call, sqlite::Sync::durable, [&](const Step& step) {
    return expireTasks(step, completed_before_us, failed_before_us, limit);
  });
}

QueueOutcome SqliteQueue::timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                                  const std::string& error_message, Call& call) {
  return write(call, sqlite::Sync::durable, [&](const Step& step) {
    return timeOutTask(step, id, epoch, now_us, error_message);
  });
}

std::optional<QueuedTask> SqliteQueue::get(const std::string& id, Call& call) {
  return store()->read(
      call, [&](sqlite::Database& database) { return getTask(database, id, bootNanos()); });
}

TaskPage SqliteQueue::list(const TaskQuery& query, Call& call) {
  return store()->read(
      call, [&](sqlite::Database& database) { return listTasks(database, query, bootNanos()); });
}

QueueCounts SqliteQueue::counts(Call& call) {
  return store()->read(
      call, [&](sqlite::Database& database) { return countTasks(database, bootNanos()); });
}

void SqliteQueue::announce(const std::string&, const std::vector<InstanceState>& instances, Call&) {
  announcements_.announce(instances, bootNanos());
}

std::vector<InstanceState> SqliteQueue::instances(Call&) {
  return announcements_.known(bootNanos());
}

QueueChanges SqliteQueue::changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                                  Call& call) {
  store();
  return feed_.after(sequence, wait, call);
}

/// Writes, too, for what is asked again and again here is whether a task would be kept. The row is
/// made anew, since SQLite leaves out a write that changes nothing.
Durability SqliteQueue::durability(Call& call) {
  const auto open = store();
  open->write(call, sqlite::Sync::durable, [](sqlite::Database& database) {
    database.execute("DELETE FROM boot");
    database.execute("INSERT INTO boot VALUES (?1)", bootId());
  });
  Durability found;
  found.survives_process = true;
  found.survives_power = open->full() && !open->inMemory();
  found.survives_machine = false;
  found.detail = "SQLite, journal_mode " + open->journalMode() + ", synchronous " +
                 (open->full() ? "full" : "normal: set it to full to survive a loss of power") +
                 (open->inMemory() ? ", in memory (tmpfs): set path to a disk" : "") +
                 "; one machine's disk";
  return found;
}

}  // namespace scanhost::queue_sqlite
