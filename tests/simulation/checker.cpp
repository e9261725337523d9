// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checker.h"

#include <array>

namespace scanhost::simulation {
namespace {

constexpr std::array<const char*, 6> kind_names{"plain",        "aborts-once",  "bad-report",
                                                "kills-worker", "kills-reader", "runs-too-long"};

}  // namespace

const char* kindName(Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

Kind kindOf(std::string_view scan_name) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (scan_name == kind_names[i]) return static_cast<Kind>(i);
  return Kind::plain;
}

void Checker::violate(const std::string& id, const std::string& what) {
  const std::string text = id.empty() ? what : id + ": " + what;
  world_.trace("VIOLATION", text);
  violations_.push_back(text);
}

void Checker::accepted(const std::string& id, Kind kind, const std::string& owner_and_key) {
  Task& task = tasks_[id];
  task.kind = kind;
  task.accepted = true;
  const auto [place, is_new] = task_of_key_.emplace(owner_and_key, id);
  if (!is_new && place->second != id)
    violate(id, "a second task for key " + owner_and_key + ", which stood for " + place->second);
}

void Checker::replayed(const std::string& id, const std::string& owner_and_key) {
  const auto known = task_of_key_.find(owner_and_key);
  if (known == task_of_key_.end() || known->second != id)
    violate(id, "told as a replay of key " + owner_and_key + ", which stands for another task");
}

void Checker::granted(const QueuedTask& granted, Nanos lease) {
  Task& task = tasks_[granted.id];
  if (task.leased && task.lease_until > world_.now())
    violate(granted.id,
            "leased to " + granted.worker + " while the lease of " + task.worker + " still had " +
                std::to_string((task.lease_until - world_.now()).count() / 1'000'000) + " ms");
  if (granted.epoch <= task.epoch) violate(granted.id, "a new lease with an old epoch");
  task.epoch = granted.epoch;
  task.token = granted.token;
  task.leased = true;
  task.lease_until = world_.now() + lease;
  task.worker = granted.worker;
}

void Checker::activeOn(const std::string& instance, std::uint64_t active, std::uint64_t limit) {
  if (active > limit)
    violate("", std::to_string(active) + " tasks are active on instance " + instance +
                    ", which takes " + std::to_string(limit));
}

void Checker::wrote(const Lease& lease, const char* what) {
  const Task& task = tasks_[lease.id];
  if (!task.leased || task.epoch != lease.epoch || task.token != lease.token)
    violate(lease.id, std::string("a stale write was taken: ") + what + " under epoch " +
                          std::to_string(lease.epoch) + ", and epoch " +
                          std::to_string(task.epoch) + (task.leased ? " holds" : " was the last"));
}

void Checker::renewed(const Lease& lease, Nanos length) {
  wrote(lease, "renew");
  tasks_[lease.id].lease_until = world_.now() + length;
}

void Checker::intended(const std::string& id, std::uint64_t launch) {
  Task& task = tasks_[id];
  task.epoch_of_launch[launch] = task.epoch;
}

void Checker::finished(const Lease& lease, const Finish& finish) {
  wrote(lease, "finish");
  Task& task = tasks_[lease.id];
  task.leased = false;
  task.dead_letter = finish.dead_letter;
  if (++task.endings > 1) violate(lease.id, "its end was recorded a second time");
  if (finish.state != TaskState::completed) return;
  const auto results = sealed_.find(finish.generation);
  if (results == sealed_.end())
    violate(lease.id, "completed with results that were never sealed: " + finish.generation);
  else if (results->second != std::pair(lease.id, lease.epoch))
    violate(lease.id, "completed with results of another task or lease: " + finish.generation);
}

void Checker::released(const Lease& lease, const Release& release) {
  wrote(lease, "release");
  Task& task = tasks_[lease.id];
  task.leased = false;
  if (!release.spend_attempt) return;
  ++task.spent;
  if (!release.error_class) violate(lease.id, "an attempt was spent on handing it back");
  if (task.kind == Kind::plain && !task.disturbed)
    violate(lease.id,
            "an attempt was spent although the task did nothing wrong: " + release.error_message);
}

void Checker::redriven(const std::string& id) {
  Task& task = tasks_[id];
  task.endings = 0;
  task.dead_letter = false;
  ++task.redrives;
}

void Checker::prepared(const Scan& scan) {
  Task& task = tasks_[scan.task_id];
  const auto intent = task.epoch_of_launch.find(scan.launch);
  if (intent == task.epoch_of_launch.end()) return violate(scan.task_id, "prepared without intent");
  if (intent->second != task.epoch || !task.leased) task.late_scans.insert(scan.reference);
}

void Checker::started(const Scan& scan) {
  const int starts = ++tasks_[scan.task_id].starts_by_attempt[scan.attempt];
  if (starts > 1)
    violate(scan.task_id, "attempt " + std::to_string(scan.attempt) + " started a scan " +
                              std::to_string(starts) + " times, now " + scan.reference);
}

void Checker::runningOn(const std::string& instance, std::uint64_t running, std::uint64_t limit) {
  if (running > limit)
    violate("", std::to_string(running) + " scans of ours run on instance " + instance +
                    ", which takes " + std::to_string(limit));
}

void Checker::judgeEnd(const std::string& id, const Task& known, const QueuedTask& found) {
  const std::string ended_as = std::string(taskStateName(found.state)) + " (" +
                               found.error_message + ", attempt " + std::to_string(found.attempt) +
                               ", takeovers " + std::to_string(found.takeovers) + ")";
  if (found.attempt != 1 + known.spent + known.redrives)
    violate(id, "its attempts do not add up: " + ended_as);
  const bool poison = known.kind == Kind::bad_report || known.kind == Kind::kills_worker ||
                      known.kind == Kind::kills_reader;
  const bool took_too_long = found.state == TaskState::timeout && known.kind == Kind::bad_report;
  if (poison && !known.cancel_asked && !known.disturbed && !clock_set_ && !took_too_long &&
      !(found.state == TaskState::failed && found.flags.dead_letter))
    violate(id, std::string("of kind ") + kindName(known.kind) +
                    " and no dead letter at the end, but " + ended_as);
  const bool excused = known.disturbed || known.cancel_asked || found.takeovers > max_takeovers_ ||
                       (clock_set_ && found.state != TaskState::failed);
  if (known.kind == Kind::plain && !excused && found.state != TaskState::completed)
    violate(id, "did nothing wrong and is " + ended_as);
}

void Checker::judgeScan(const Scan& scan, const QueuedTask& task) {
  // One that a scanner out of reach could not be told to stop runs on, and the task says so.
  const bool told = task.error_message.find("could not be stopped") != std::string::npos;
  if (scan.active() && scan.ours && !task.flags.dead_letter && !told)
    violate(scan.task_id, "scan " + scan.reference + " of it runs on, and the task is " +
                              taskStateName(task.state));
  // What was left at another instance, or arrived late, never ran; housekeeping clears it up.
  const bool known = scan.reference == task.reference;
  const bool excused = scan.removal_asked || scan.instance != task.instance ||
                       tasks_[scan.task_id].late_scans.count(scan.reference) != 0;
  if (task.state == TaskState::completed && !known && !excused)
    violate(scan.task_id,
            "scan " + scan.reference + " was left at the scanner, beside " + task.reference);
}

void Checker::ended(const std::map<std::string, QueuedTask>& found,
                    const std::vector<const Scan*>& scans) {
  for (const auto& [id, known] : tasks_) {
    const auto task = found.find(id);
    if (task == found.end())
      violate(id, "was accepted and is lost");
    else
      judgeEnd(id, known, task->second);
  }
  for (const Scan* scan : scans) {
    const auto task = found.find(scan->task_id);
    if (task != found.end()) judgeScan(*scan, task->second);
  }
}

void Checker::notAllEnded(const std::map<std::string, QueuedTask>& tasks) {
  for (const auto& [id, task] : tasks)
    if (!isTerminal(task.state))
      violate(id, std::string("has not ended, long after the last fault: ") +
                      taskStateName(task.state) + ", attempt " + std::to_string(task.attempt) +
                      ", takeovers " + std::to_string(task.takeovers) + ", worker " + task.worker +
                      ", " + task.error_message);
}

}  // namespace scanhost::simulation
