// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A queue in memory that forgets on demand, as a server does that failed over: for tests of what
/// looks after accepted tasks. It knows submissions, their keys and their removal, no leases.
#pragma once

#include <scanhost/queue.h>

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "host/plugins/queue_client.h"

namespace scanhost {

class ForgetfulQueue : public Queue {
 public:
  ForgetfulQueue() = default;
  explicit ForgetfulQueue(const Settings&) {}

  /// The host's view of it; this outlives it.
  QueueClient client() {
    return {"forgetful", interfaceTable<ForgetfulQueue>(), static_cast<Queue*>(this)};
  }

  void forget(const std::string& id) {
    keys.erase(tasks[id].first.key);
    tasks.erase(id);
  }
  void setState(const std::string& id, TaskState state) { tasks.at(id).second.state = state; }

  TaskAnswer submit(const Submission& given, Call&) override {
    failIfTold();
    if (const auto known = keys.find(given.key); !given.key.empty() && known != keys.end()) {
      const auto& [first, task] = tasks.at(known->second);
      if (first.key_hash != given.key_hash) return {QueueOutcome::conflict, std::nullopt};
      return {QueueOutcome::replay, task};
    }
    if (tasks.contains(given.id) || gone.contains(given.id))
      return {QueueOutcome::id_taken, std::nullopt};
    if (given.cap <= tasks.size()) return {QueueOutcome::full, std::nullopt};
    QueuedTask task;
    task.id = given.id;
    task.trace_id = given.trace_id;
    task.owner = given.owner;
    task.pool = given.pool;
    task.wanted_instance = given.wanted_instance;
    task.submission = given.submission;
    task.created_us = given.created_us;
    tasks[given.id] = {given, task};
    if (!given.key.empty()) keys[given.key] = given.id;
    if (answer_lost) throw PluginError(ErrorClass::transient, "lost", ErrorSubject::backend);
    return {QueueOutcome::created, task};
  }
  QueueOutcome timeOut(const std::string&, std::uint64_t, std::int64_t, const std::string&,
                       Call&) override {
    return {};
  }
  std::optional<QueuedTask> get(const std::string& id, Call&) override {
    failIfTold();
    const auto task = tasks.find(id);
    if (task == tasks.end()) return std::nullopt;
    return task->second.second;
  }
  TaskAnswer request(const std::string& id, TaskRequest, std::int64_t, Call&) override {
    failIfTold();
    if (!tasks.contains(id)) return {QueueOutcome::not_found, std::nullopt};
    setState(id, TaskState::cancelled);
    return {QueueOutcome::done, tasks.at(id).second};
  }
  QueueOutcome remove(const std::string& id, Call&) override {
    failIfTold();
    if (!tasks.contains(id)) return QueueOutcome::not_found;
    forget(id);
    gone.insert(id);
    return QueueOutcome::done;
  }
  Durability durability(Call&) override {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty())
      throw PluginError(ErrorClass::transient, trouble_, ErrorSubject::backend);
    return durability_;
  }

  std::vector<QueuedTask> lease(const LeaseRequest&, Call&) override { return {}; }
  std::vector<RenewalOutcome> renew(const std::vector<Renewal>&, std::chrono::nanoseconds,
                                    Call&) override {
    return {};
  }
  TaskAnswer advance(const Lease&, const Change&, Call&) override { return {}; }
  QueueOutcome finish(const Lease&, const Finish&, Call&) override { return {}; }
  QueueOutcome release(const Lease&, const Release&, Call&) override { return {}; }
  TaskAnswer redrive(const std::string&, bool, Call&) override { return {}; }
  std::vector<QueuedTask> expire(std::int64_t, std::int64_t, std::uint32_t, Call&) override {
    return {};
  }
  TaskPage list(const TaskQuery&, Call&) override { return {}; }
  QueueCounts counts(Call&) override { return {}; }
  void announce(const std::string&, const std::vector<InstanceState>&, Call&) override {}
  std::vector<InstanceState> instances(Call&) override { return {}; }
  QueueChanges changes(std::uint64_t, std::chrono::nanoseconds, Call&) override { return {}; }

  std::map<std::string, std::pair<Submission, QueuedTask>> tasks;
  std::map<std::string, std::string> keys;
  std::set<std::string> gone;
  bool silent = false;       ///< every call fails
  bool answer_lost = false;  ///< submit is done, and its answer lost

  /// Until it is told an empty one. Any thread.
  void failDurability(const std::string& trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = trouble;
  }
  /// Any thread.
  void setDurability(const Durability& durability) {
    const std::lock_guard lock(mutex_);
    durability_ = durability;
  }

 private:
  void failIfTold() const {
    if (silent) throw PluginError(ErrorClass::transient, "silent", ErrorSubject::backend);
  }

  std::mutex mutex_;
  Durability durability_{true, true, false, "as found"};
  std::string trouble_;
};

}  // namespace scanhost
