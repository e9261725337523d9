// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "memory_queue.h"

#include <algorithm>
#include <charconv>
#include <random>

using namespace scanhost;
using std::chrono::nanoseconds;

namespace {

constexpr std::size_t kept_changes = 1024;

std::int64_t wallMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

LeaseToken newToken() {
  std::random_device random;
  LeaseToken token;
  for (std::uint8_t& byte : token) byte = static_cast<std::uint8_t>(random());
  return token;
}

bool matches(const QueuedTask& task, const TaskQuery& query) {
  return (!query.state || task.state == *query.state) &&
         (!query.dead_letter || task.flags.dead_letter == *query.dead_letter) &&
         (query.owner.empty() || task.owner == query.owner) &&
         (query.pool.empty() || task.pool == query.pool);
}

}  // namespace

@CLASS@::@CLASS@(const Settings& settings)
    : data_dir_(settings.dataDir()),
      // Above every number of a life before, so that who was told one of those hears of a gap.
      sequence_(static_cast<std::uint64_t>(wallMicroseconds())) {}

void @CLASS@::start(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  load();
}

void @CLASS@::stop(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  save();
}

TaskAnswer @CLASS@::submit(const Submission& submission, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto key = keys_.find({submission.owner, submission.key});
  if (!submission.key.empty() && key != keys_.end() && key->second.end > Clock::now()) {
    if (key->second.hash != submission.key_hash) return {QueueOutcome::conflict, std::nullopt};
    return answer(QueueOutcome::replay, *find(key->second.id));
  }
  if (find(submission.id)) return {QueueOutcome::id_taken, std::nullopt};
  const auto waiting = std::count_if(tasks_.begin(), tasks_.end(), [&](const auto& one) {
    return one.second.waits() && one.second.task.pool == submission.pool;
  });
  if (static_cast<std::uint64_t>(waiting) >= submission.cap) return {QueueOutcome::full, std::nullopt};

  arrivals_[submission.id] = next_arrival_;
  Entry& entry = tasks_[next_arrival_++];
  entry.task.id = submission.id;
  entry.task.trace_id = submission.trace_id;
  entry.task.owner = submission.owner;
  entry.task.pool = submission.pool;
  entry.task.wanted_instance = submission.wanted_instance;
  entry.task.submission = submission.submission;
  entry.task.created_us = entry.task.queued_us = submission.created_us;
  if (!submission.key.empty())
    keys_[{submission.owner, submission.key}] = {submission.id, submission.key_hash,
                                                 Clock::now() + submission.key_ttl};
  pools_.insert(submission.pool);
  note(submission.id, TaskState::queued);
  return answer(QueueOutcome::created, entry);
}

std::vector<QueuedTask> @CLASS@::lease(const LeaseRequest& request, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<QueuedTask> granted;
  // Those under way first: their scans run on without anyone who follows them.
  for (const bool under_way : {true, false})
    for (auto& [arrival, entry] : tasks_) {
      if (granted.size() >= request.max_tasks) return granted;
      if (entry.underWay() != under_way || !mayBeLeased(entry, request)) continue;
      if (const LeaseInstance* place = placeFor(entry, request))
        granted.push_back(grant(entry, *place, request));
    }
  return granted;
}

std::vector<RenewalOutcome> @CLASS@::renew(const std::vector<Renewal>& renewals, nanoseconds lease,
                                           Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<RenewalOutcome> outcomes;
  for (const Renewal& renewal : renewals) {
    RenewalOutcome& told = outcomes.emplace_back();
    Entry* entry = holdBy(renewal.lease, told.outcome);
    if (const Entry* found = find(renewal.lease.id)) {
      told.flags = found->task.flags;
      told.found_epoch = found->task.epoch;
    }
    if (!entry) continue;
    entry->lease_end = Clock::now() + lease;
    if (renewal.good_poll) entry->task.takeovers = 0;
    if (!renewal.progress.empty()) entry->task.progress = renewal.progress;
  }
  return outcomes;
}

TaskAnswer @CLASS@::advance(const Lease& lease, const Change& change, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  QueueOutcome outcome{};
  Entry* entry = holdBy(lease, outcome);
  if (!entry) return {outcome, std::nullopt};
  if (change.state && *change.state != TaskState::running && *change.state != TaskState::paused)
    return answer(QueueOutcome::wrong_state, *entry);
  QueuedTask& task = entry->task;
  if (change.intent) {
    ++task.launch;
    task.reference.clear();
    task.run_id.clear();
  }
  if (change.launch) task.launch = *change.launch;
  if (change.reference) task.reference = *change.reference;
  if (change.run_id) task.run_id = *change.run_id;
  if (change.progress) task.progress = *change.progress;
  if (change.intent || change.launch) task.flags.relaunch = false;  // the permission is spent
  entry->bound = entry->bound || change.intent || change.launch || change.reference;
  if (change.state) {
    task.state = *change.state;
    note(task.id, task.state);
  }
  return answer(QueueOutcome::done, *entry);
}

QueueOutcome @CLASS@::finish(const Lease& lease, const Finish& finish, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  QueueOutcome outcome{};
  Entry* entry = holdBy(lease, outcome);
  if (!entry) return outcome;
  if (!isTerminal(finish.state)) return QueueOutcome::wrong_state;
  QueuedTask& task = entry->task;
  task.state = finish.state;
  task.flags.dead_letter = finish.dead_letter && finish.state == TaskState::failed;
  task.flags.pause_requested = task.flags.relaunch = false;
  task.error_class = finish.error_class;
  task.error_message = finish.error_message;
  task.generation = finish.generation;
  task.completed_us = finish.completed_us;
  if (!finish.progress.empty()) task.progress = finish.progress;
  endLease(*entry);
  note(task.id, task.state);
  return QueueOutcome::done;
}

QueueOutcome @CLASS@::release(const Lease& lease, const Release& release, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  QueueOutcome outcome{};
  Entry* entry = holdBy(lease, outcome);
  if (!entry) return outcome;
  QueuedTask& task = entry->task;
  endLease(*entry);
  if (release.spend_attempt) ++task.attempt;
  if (release.error_class) {
    task.error_class = release.error_class;
    task.error_message = release.error_message;
  }
  const Clock::time_point until = Clock::now() + release.delay;
  if (release.stay_running) {
    entry->lease_end = until;
  } else {
    // A pause that was asked for takes effect here; a cancel is not kept waiting by a delay.
    entry->held = task.flags.pause_requested && !task.flags.cancel_requested;
    task.state = entry->held ? TaskState::paused : TaskState::queued;
    task.flags.pause_requested = false;
    task.reference.clear();
    task.run_id.clear();
    entry->bound = false;
    entry->due = task.flags.cancel_requested ? Clock::time_point{} : until;
  }
  note(task.id, task.state);
  return QueueOutcome::done;
}

TaskAnswer @CLASS@::redrive(const std::string& id, bool relaunch, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry* entry = find(id);
  if (!entry) return {QueueOutcome::not_found, std::nullopt};
  QueuedTask& task = entry->task;
  if (task.state != TaskState::failed) return answer(QueueOutcome::wrong_state, *entry);
  if (relaunch) {
    entry->bound = entry->bound && !task.reference.empty();
    task.reference.clear();
    task.run_id.clear();
  }
  task.state = TaskState::queued;
  task.flags = {};
  task.flags.relaunch = relaunch;
  ++task.attempt;
  task.takeovers = 0;
  task.completed_us = 0;
  task.queued_us = wallMicroseconds();
  entry->due = {};
  note(id, task.state);
  return answer(QueueOutcome::done, *entry);
}

TaskAnswer @CLASS@::request(const std::string& id, TaskRequest what, std::int64_t now_us, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry* entry = find(id);
  if (!entry) return {QueueOutcome::not_found, std::nullopt};
  QueuedTask& task = entry->task;
  const TaskState before = task.state;
  if (entry->ended()) {
    const bool repeated = what == TaskRequest::cancel && task.state == TaskState::cancelled;
    return answer(repeated ? QueueOutcome::done : QueueOutcome::wrong_state, *entry);
  }
  if (what == TaskRequest::cancel) {
    task.flags.cancel_requested = true;
    if (entry->waits()) {
      task.state = TaskState::cancelled;
      task.completed_us = now_us;
      entry->held = false;
    }
  } else if (entry->underWay()) {
    task.flags.pause_requested = what == TaskRequest::pause;
  } else if (what == TaskRequest::pause) {
    task.state = TaskState::paused;
    entry->held = true;
  } else if (entry->held) {
    task.state = TaskState::queued;
    task.queued_us = now_us;
    entry->held = false;
  }
  if (task.state != before) note(id, task.state);
  return answer(QueueOutcome::done, *entry);
}

QueueOutcome @CLASS@::remove(const std::string& id, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Entry* entry = find(id);
  if (!entry) return QueueOutcome::not_found;
  if (!entry->ended()) return QueueOutcome::wrong_state;
  erase(id);
  return QueueOutcome::done;
}

std::vector<QueuedTask> @CLASS@::expire(std::int64_t completed_before_us,
                                        std::int64_t failed_before_us, std::uint32_t limit, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<QueuedTask> gone;
  for (const auto& [arrival, entry] : tasks_) {
    if (gone.size() >= limit) break;
    const bool completed = entry.task.state == TaskState::completed;
    if (entry.ended() &&
        entry.task.completed_us < (completed ? completed_before_us : failed_before_us))
      gone.push_back(shown(entry));
  }
  for (const QueuedTask& task : gone) erase(task.id);
  return gone;
}

QueueOutcome @CLASS@::timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                              const std::string& error_message, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry* entry = find(id);
  if (!entry) return QueueOutcome::not_found;
  if (entry->ended() || entry->held) return QueueOutcome::wrong_state;
  if (entry->task.epoch != epoch || entry->leaseLives()) return QueueOutcome::lease_lost;
  entry->task.state = TaskState::timeout;
  entry->task.error_class = ErrorClass::timeout;
  entry->task.error_message = error_message;
  entry->task.completed_us = now_us;
  endLease(*entry);
  note(id, TaskState::timeout);
  return QueueOutcome::done;
}

std::optional<QueuedTask> @CLASS@::get(const std::string& id, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Entry* entry = find(id);
  if (!entry) return std::nullopt;
  return shown(*entry);
}

TaskPage @CLASS@::list(const TaskQuery& query, Call&) {
  std::uint64_t from = 0;  // the arrival told last
  const char* end = query.cursor.data() + query.cursor.size();
  if (!query.cursor.empty() && std::from_chars(query.cursor.data(), end, from).ptr != end)
    throw PluginError(ErrorClass::config, "'" + query.cursor.substr(0, 64) +
                                              "' is no cursor of this queue; begin the list anew");
  const std::lock_guard<std::mutex> lock(mutex_);
  TaskPage page;
  if (query.count_total) page.total = 0;
  const auto look = [&](std::uint64_t arrival, const Entry& entry) {
    if (!matches(entry.task, query)) return;
    if (page.total) ++*page.total;
    if (!query.cursor.empty() && (query.oldest_first ? arrival <= from : arrival >= from)) return;
    if (page.tasks.size() < query.limit) {
      page.tasks.push_back(shown(entry));
      from = arrival;
    } else {
      page.next = std::to_string(from);
    }
  };
  if (query.oldest_first)
    for (auto one = tasks_.begin(); one != tasks_.end(); ++one) look(one->first, one->second);
  else
    for (auto one = tasks_.rbegin(); one != tasks_.rend(); ++one) look(one->first, one->second);
  return page;
}

QueueCounts @CLASS@::counts(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  QueueCounts counts;
  for (const std::string& name : pools_) {
    PoolCounts& pool = counts.pools.emplace_back();
    pool.pool = name;
    for (const auto& [arrival, entry] : tasks_) {
      if (entry.task.pool != name) continue;
      if (entry.waits()) {
        ++pool.queued;
        if (!entry.held && entry.due > Clock::now()) ++pool.delayed;
        if (pool.oldest_us == 0) pool.oldest_us = entry.task.created_us;
      }
      if (entry.task.state == TaskState::running) ++pool.running;
      if (entry.task.state == TaskState::paused && !entry.held) ++pool.paused;
      if (entry.task.flags.dead_letter) ++pool.dead;
    }
  }
  for (const Place& place : places_)
    counts.instances.push_back({place.first, place.second, activeOn(place)});
  return counts;
}

void @CLASS@::announce(const std::string& worker, const std::vector<InstanceState>& instances,
                       Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (InstanceState state : instances) {
    state.worker = worker;
    const Clock::time_point end = Clock::now() + state.ttl;
    const Place place{state.pool, state.name};
    announced_[place] = {std::move(state), end};
  }
}

std::vector<InstanceState> @CLASS@::instances(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<InstanceState> told;
  for (const auto& [place, state] : announced_)
    if (state.second > Clock::now()) told.push_back(state.first);
  return told;
}

QueueChanges @CLASS@::changes(std::uint64_t sequence, nanoseconds wait, Call& call) {
  const Clock::time_point until = Clock::now() + wait;
  std::unique_lock<std::mutex> lock(mutex_);
  QueueChanges told;
  const std::uint64_t known_from = changes_.empty() ? sequence_ : changes_.front().sequence - 1;
  if (sequence < known_from || sequence > sequence_) {
    told.gap = sequence_;
    return told;
  }
  while (sequence == sequence_ && Clock::now() < until) {
    call.check();
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  for (const QueueChange& change : changes_)
    if (change.sequence > sequence) told.changes.push_back(change);
  return told;
}

Durability @CLASS@::durability(Call&) {
  Durability told;
  told.detail =
      "tasks are in the memory of one process: they outlive a clean stop and no crash; use another "
      "queue where an accepted scan must not be lost";
  return told;
}

@CLASS@::Entry* @CLASS@::find(const std::string& id) {
  const auto arrival = arrivals_.find(id);
  return arrival == arrivals_.end() ? nullptr : &tasks_.at(arrival->second);
}

@CLASS@::Entry* @CLASS@::holdBy(const Lease& lease, QueueOutcome& outcome) {
  Entry* entry = find(lease.id);
  const bool holds = entry && entry->leased && entry->task.epoch == lease.epoch &&
                     entry->task.token == lease.token;
  outcome = !entry ? QueueOutcome::not_found : holds ? QueueOutcome::done : QueueOutcome::lease_lost;
  return holds ? entry : nullptr;
}

QueuedTask @CLASS@::shown(const Entry& entry) const {
  const Clock::time_point now = Clock::now();
  QueuedTask task = entry.task;
  task.token = {};
  if (task.state == TaskState::queued) {
    task.delay = std::max<nanoseconds>(nanoseconds(0), entry.due - now);
    task.position = 1;
    for (const auto& [arrival, other] : tasks_) {
      if (&other == &entry) break;
      task.position += other.task.state == TaskState::queued && other.task.pool == task.pool;
    }
  }
  if (entry.underWay()) task.lease_left = entry.lease_end - now;
  return task;
}

TaskAnswer @CLASS@::answer(QueueOutcome outcome, const Entry& entry) const {
  return {outcome, shown(entry)};
}

std::uint64_t @CLASS@::activeOn(const Place& place) const {
  return static_cast<std::uint64_t>(
      std::count_if(tasks_.begin(), tasks_.end(), [&](const auto& one) {
        const QueuedTask& task = one.second.task;
        return one.second.underWay() && task.pool == place.first && task.instance == place.second;
      }));
}

bool @CLASS@::mayBeLeased(const Entry& entry, const LeaseRequest& request) const {
  const Clock::time_point now = Clock::now();
  if (entry.underWay()) return entry.lease_end + request.takeover_grace <= now;
  return entry.task.state == TaskState::queued && entry.due <= now;
}

/// Where a task may go: the lightest instance, by share of its limit, that has room for it. A task
/// under way has its place already and needs none when it stays there.
const LeaseInstance* @CLASS@::placeFor(const Entry& entry, const LeaseRequest& request) const {
  const QueuedTask& task = entry.task;
  const LeaseInstance* best = nullptr;
  std::uint64_t best_active = 0;
  for (const LeaseInstance& instance : request.instances) {
    if (instance.pool != task.pool) continue;
    if (!task.wanted_instance.empty() && instance.name != task.wanted_instance) continue;
    if (entry.bound && instance.name != task.instance) continue;
    if (entry.underWay() && instance.name == task.instance) return &instance;
    const std::uint64_t active = activeOn({instance.pool, instance.name});
    if (active >= instance.limit) continue;
    if (!best || active * best->limit < best_active * instance.limit) {
      best = &instance;
      best_active = active;
    }
  }
  return best;
}

QueuedTask @CLASS@::grant(Entry& entry, const LeaseInstance& instance, const LeaseRequest& request) {
  QueuedTask& task = entry.task;
  const std::string previous_worker = entry.underWay() ? task.worker : std::string();
  if (entry.underWay() && entry.leased) ++task.takeovers;
  if (task.state == TaskState::queued) task.state = TaskState::running;
  ++task.epoch;
  task.token = newToken();
  task.instance = instance.name;
  task.worker = request.worker;
  if (task.started_us == 0) task.started_us = request.now_us;
  entry.leased = true;
  entry.lease_end = Clock::now() + request.lease;
  places_.insert({instance.pool, instance.name});
  note(task.id, task.state);
  QueuedTask told = shown(entry);
  told.token = task.token;
  told.previous_worker = previous_worker;
  return told;
}

void @CLASS@::endLease(Entry& entry) {
  entry.leased = false;
  entry.task.token = {};
}

void @CLASS@::note(const std::string& id, std::optional<TaskState> state) {
  changes_.push_back({++sequence_, id, state});
  if (changes_.size() > kept_changes) changes_.pop_front();
  changed_.notify_all();
}

void @CLASS@::erase(const std::string& id) {
  for (auto key = keys_.begin(); key != keys_.end();)
    key = key->second.id == id ? keys_.erase(key) : std::next(key);
  tasks_.erase(arrivals_.at(id));
  arrivals_.erase(id);
  note(id, std::nullopt);
}
