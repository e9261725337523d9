// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/queue_server.h"

#include <scanhost/json.h>

#include <algorithm>
#include <utility>

#include "plugins/queue/sqlite/schema.h"

namespace scanhost::simulation {
namespace {

/// The queue's clock when a run begins: some time after the machine started.
constexpr std::int64_t boot_ns = 1'000'000'000'000;

std::string keyOf(const Submission& submission) {
  return submission.owner + "/" + submission.key;
}

}  // namespace

QueueServer::QueueServer(World& world, Checker& checker, Protection removed)
    : world_(world), checker_(checker), removed_(removed) {
  database_.run(queue_sqlite::schema);
}

std::int64_t QueueServer::now() const {
  return boot_ns + world_.now().count();
}

template <class Work>
auto QueueServer::transact(Work&& work) {
  std::vector<QueueChange> changes;
  database_.execute("BEGIN");
  try {
    auto answer = work(queue_sqlite::Step{database_, now(), changes});
    database_.execute("COMMIT");
    if (on_change_ && !changes.empty()) on_change_({std::nullopt, changes});
    return answer;
  } catch (...) {
    database_.execute("ROLLBACK");
    throw;
  }
}

TaskAnswer QueueServer::submit(const Submission& submission) {
  Submission stored = submission;
  if (removed_ == Protection::submission_keys) stored.key.clear();
  const TaskAnswer answer = transact([&](const auto& step) {
    return queue_sqlite::submitTask(step, stored, submission.created_us);
  });
  if (answer.outcome == QueueOutcome::created) {
    const Json document = Json::parse(submission.submission);
    checker_.accepted(answer.task->id, kindOf(document["name"].asString()), keyOf(submission));
    if (removed_ == Protection::kept_submissions && ++submissions_ % 3 == 0)
      database_.execute("DELETE FROM tasks WHERE id = ?", submission.id);
  }
  if (answer.outcome == QueueOutcome::replay) checker_.replayed(answer.task->id, keyOf(submission));
  return answer;
}

std::vector<QueuedTask> QueueServer::lease(LeaseRequest request) {
  const LeaseRequest asked = request;
  if (removed_ == Protection::instance_limits)
    for (LeaseInstance& instance : request.instances) instance.limit *= 3;
  if (removed_ == Protection::lease_length)
    database_.execute("UPDATE tasks SET lease_until_ns = 1 WHERE leased AND worker <> ?",
                      request.worker);
  if (removed_ == Protection::takeover_count) database_.execute("UPDATE tasks SET takeovers = 0");
  auto tasks = transact([&](const auto& step) { return queue_sqlite::leaseTasks(step, request); });
  for (const QueuedTask& task : tasks) {
    world_.trace("queue", task.id + " is leased to " + request.worker + ", epoch " +
                              std::to_string(task.epoch) + ", attempt " +
                              std::to_string(task.attempt) + ", takeovers " +
                              std::to_string(task.takeovers));
    checker_.granted(task, request.lease);
  }
  if (!tasks.empty()) checkLimits(asked);
  return tasks;
}

void QueueServer::checkLimits(const LeaseRequest& request) {
  for (const LeaseInstance& instance : request.instances) {
    if (instance.limit == 0) continue;  // nothing new is for it; what is there has its place
    auto active = database_.query(
        "SELECT count(*) FROM tasks WHERE state IN (1, 2) AND held = 0 AND instance = ?",
        instance.name);
    active.step();
    checker_.activeOn(instance.name, static_cast<std::uint64_t>(active.integer(0)), instance.limit);
  }
}

void QueueServer::forgeLease(Lease& lease) {
  if (removed_ != Protection::fencing) return;
  const auto row = queue_sqlite::findRow(database_, lease.id);
  if (!row) return;
  lease.epoch = row->epoch;
  lease.token = row->token;
}

std::vector<RenewalOutcome> QueueServer::renew(const std::vector<Renewal>& renewals, Nanos length) {
  auto outcomes = transact([&](const auto& step) {
    std::vector<RenewalOutcome> told;
    for (const Renewal& renewal : renewals) {
      Renewal stored = renewal;
      forgeLease(stored.lease);
      told.push_back(queue_sqlite::renewLease(step, stored, length));
    }
    return told;
  });
  for (std::size_t i = 0; i < renewals.size(); ++i)
    if (outcomes[i].outcome == QueueOutcome::done) checker_.renewed(renewals[i].lease, length);
  return outcomes;
}

TaskAnswer QueueServer::advance(Lease lease, const Change& change) {
  const Lease given = lease;
  forgeLease(lease);
  const TaskAnswer answer =
      transact([&](const auto& step) { return queue_sqlite::advanceTask(step, lease, change); });
  if (answer.outcome != QueueOutcome::done) return answer;
  checker_.wrote(given, "advance");
  if (change.intent) checker_.intended(given.id, answer.task->launch);
  world_.trace("queue", given.id + (change.intent ? " intends launch " : " is at launch ") +
                            std::to_string(answer.task->launch) + ", reference " +
                            answer.task->reference + ", run " + answer.task->run_id + ", " +
                            taskStateName(answer.task->state));
  return answer;
}

QueueOutcome QueueServer::finish(Lease lease, const Finish& finish) {
  const Lease given = lease;
  forgeLease(lease);
  const QueueOutcome outcome =
      transact([&](const auto& step) { return queue_sqlite::finishTask(step, lease, finish); });
  if (outcome != QueueOutcome::done) return outcome;
  world_.trace("queue", given.id + " ends as " + taskStateName(finish.state) +
                            (finish.dead_letter ? ", a dead letter: " : ": ") +
                            finish.error_message);
  checker_.finished(given, finish);
  return outcome;
}

QueueOutcome QueueServer::release(Lease lease, Release release) {
  const Lease given = lease;
  forgeLease(lease);
  if (removed_ == Protection::unspent_drain && !release.error_class) release.spend_attempt = true;
  const QueueOutcome outcome =
      transact([&](const auto& step) { return queue_sqlite::releaseTask(step, lease, release); });
  if (outcome != QueueOutcome::done) return outcome;
  world_.trace("queue", given.id + (release.stay_running ? " is let go" : " is queued again") +
                            (release.spend_attempt ? ", one attempt less: " : ": ") +
                            release.error_message);
  checker_.released(given, release);
  return outcome;
}

TaskAnswer QueueServer::redrive(const std::string& id, bool relaunch) {
  TaskAnswer answer = transact([&](const auto& step) {
    return queue_sqlite::redriveTask(step, id, relaunch, now() / 1000);
  });
  if (answer.outcome == QueueOutcome::done) checker_.redriven(id);
  return answer;
}

TaskAnswer QueueServer::request(const std::string& id, TaskRequest what, std::int64_t now_us) {
  TaskAnswer answer = transact(
      [&](const auto& step) { return queue_sqlite::requestChange(step, id, what, now_us); });
  if (answer.outcome == QueueOutcome::done && what == TaskRequest::cancel) checker_.cancelAsked(id);
  return answer;
}

QueueOutcome QueueServer::remove(const std::string& id) {
  return transact([&](const auto& step) { return queue_sqlite::removeTask(step, id); });
}

QueueOutcome QueueServer::timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                                  const std::string& error_message) {
  return transact([&](const auto& step) {
    return queue_sqlite::timeOutTask(step, id, epoch, now_us, error_message);
  });
}

std::optional<QueuedTask> QueueServer::get(const std::string& id) {
  return queue_sqlite::getTask(database_, id, now());
}
TaskPage QueueServer::list(const TaskQuery& query) {
  return queue_sqlite::listTasks(database_, query, now());
}
QueueCounts QueueServer::counts() {
  return queue_sqlite::countTasks(database_, now());
}

int QueueServer::announce(const std::vector<InstanceState>& instances) {
  announcements_.announce(instances, now());
  return 0;
}
std::vector<InstanceState> QueueServer::instances() {
  return announcements_.known(now());
}

std::map<std::string, QueuedTask> QueueServer::allTasks() {
  std::vector<std::int64_t> rows;
  {
    auto found = database_.query("SELECT seq FROM tasks");
    while (found.step()) rows.push_back(found.integer(0));
  }
  std::map<std::string, QueuedTask> tasks;
  for (const std::int64_t seq : rows) {
    QueuedTask task = queue_sqlite::loadTask(database_, seq, now());
    tasks.emplace(task.id, std::move(task));
  }
  return tasks;
}

}  // namespace scanhost::simulation
