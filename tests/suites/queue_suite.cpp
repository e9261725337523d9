// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/suites/queue_suite.h"

#include <thread>

namespace scanhost::suites {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(QueueSuite);

Submission QueueSuite::submission(const std::string& id, const std::string& pool) {
  Submission made;
  made.id = id;
  made.trace_id = "trace-" + id;
  made.owner = "alice";
  made.pool = pool;
  made.submission = R"({"targets":"10.0.0.1"})";
  made.created_us = ++clock_us_;
  made.cap = 1'000'000;
  return made;
}

QueuedTask QueueSuite::submitted(const std::string& id, const std::string& pool) {
  auto answer = queue().submit(submission(id, pool), {});
  if (!answer || answer->outcome != QueueOutcome::created || !answer->task) {
    ADD_FAILURE() << id << " was not accepted: " << (answer ? "" : answer.error().message);
    return {};
  }
  return *answer->task;
}

std::vector<QueuedTask> QueueSuite::leased(std::uint32_t most, std::chrono::nanoseconds lease,
                                           std::vector<LeaseInstance> instances,
                                           const std::string& worker) {
  LeaseRequest request;
  request.max_tasks = most;
  request.worker = worker;
  request.lease = lease;
  request.now_us = ++clock_us_;
  request.instances = std::move(instances);
  auto tasks = queue().lease(request, {});
  if (!tasks) ADD_FAILURE() << tasks.error().message;
  return tasks.value_or(std::vector<QueuedTask>());
}

QueuedTask QueueSuite::running(const std::string& id, std::chrono::nanoseconds lease) {
  submitted(id);
  const auto tasks = leased(1, lease);
  if (tasks.size() != 1 || tasks[0].id != id) {
    ADD_FAILURE() << id << " was not leased";
    return {};
  }
  return tasks[0];
}

QueuedTask QueueSuite::ended(const std::string& id, TaskState state, std::int64_t completed_us) {
  const QueuedTask task = running(id);
  Finish finish;
  finish.state = state;
  finish.completed_us = completed_us;
  const auto outcome = queue().finish(task.lease(), finish, {});
  EXPECT_TRUE(outcome && *outcome == QueueOutcome::done);
  return get(id);
}

QueuedTask QueueSuite::get(const std::string& id) {
  auto task = queue().get(id, {});
  if (!task || !*task) {
    ADD_FAILURE() << id << " is not there: " << (task ? "" : task.error().message);
    return {};
  }
  return **task;
}

QueuedTask QueueSuite::advanced(const QueuedTask& task, const Change& change) {
  auto answer = queue().advance(task.lease(), change, {});
  if (!answer || answer->outcome != QueueOutcome::done || !answer->task) {
    ADD_FAILURE() << task.id << " was not changed: " << (answer ? "" : answer.error().message);
    return {};
  }
  return *answer->task;
}

QueueOutcome QueueSuite::renewed(const QueuedTask& task, std::chrono::nanoseconds lease) {
  const std::vector<Renewal> renewals{{task.lease(), false, {}}};
  const auto outcomes = queue().renew(renewals, lease, {});
  if (!outcomes) {
    ADD_FAILURE() << outcomes.error().message;
    return QueueOutcome::not_found;
  }
  return outcomes->at(0).outcome;
}

PoolCounts QueueSuite::poolCounts(const std::string& pool) {
  const auto counts = queue().counts({});
  if (!counts) ADD_FAILURE() << counts.error().message;
  for (const PoolCounts& found : counts ? counts->pools : std::vector<PoolCounts>())
    if (found.pool == pool) return found;
  return {};
}

std::uint64_t QueueSuite::activeOn(const std::string& instance, const std::string& pool) {
  const auto counts = queue().counts({});
  for (const InstanceLoad& load : counts ? counts->instances : std::vector<InstanceLoad>())
    if (load.pool == pool && load.instance == instance) return load.active;
  return 0;
}

std::vector<std::string> QueueSuite::ids(const std::vector<QueuedTask>& tasks) {
  std::vector<std::string> names;
  for (const QueuedTask& task : tasks) names.push_back(task.id);
  return names;
}

void QueueSuite::wait(std::chrono::nanoseconds time) {
  std::this_thread::sleep_for(time);
}

}  // namespace scanhost::suites
