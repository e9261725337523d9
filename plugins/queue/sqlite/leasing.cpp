// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "plugins/queue/sqlite/steps.h"

namespace scanhost::queue_sqlite {
namespace {

LeaseToken newToken() {
  LeaseToken token;
  std::size_t filled = 0;
  while (filled < token.size()) {
    const ssize_t got = getrandom(token.data() + filled, token.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw PluginError(ErrorClass::internal, std::string("getrandom: ") + std::strerror(errno));
    filled += static_cast<std::size_t>(got);
  }
  return token;
}

/// An instance of the request and what runs on it.
struct Slot {
  const LeaseInstance* instance;
  std::int64_t active;

  bool hasRoom() const { return active < static_cast<std::int64_t>(instance->limit); }
  /// Compared by share of its limit, then by number.
  bool lighterThan(const Slot& other) const {
    const std::int64_t mine = active * other.instance->limit;
    const std::int64_t others = other.active * instance->limit;
    return mine != others ? mine < others : active < other.active;
  }
};

/// A task that waits, oldest first.
struct Candidate {
  std::int64_t created_us;
  std::int64_t seq;
  std::string place;

  bool olderThan(const Candidate& other) const {
    return created_us != other.created_us ? created_us < other.created_us : seq < other.seq;
  }
};

/// One call of `lease`.
class Leasing {
 public:
  Leasing(const Step& step, const LeaseRequest& request)
      : database_(step.database), step_(step), request_(request) {
    for (const LeaseInstance& instance : request.instances)
      pools_[instance.pool].push_back({&instance, activeOn(instance)});
  }

  std::vector<QueuedTask> run() {
    for (auto& [pool, slots] : pools_) takeOver(pool, slots);
    makeDue();
    while (!satisfied() && takeOldest()) {
    }
    return std::move(granted_);
  }

 private:
  using Slots = std::vector<Slot>;

  bool satisfied() const { return granted_.size() >= request_.max_tasks; }

  std::int64_t activeOn(const LeaseInstance& instance) {
    auto load = database_.query("SELECT n FROM loads WHERE pool = ? AND instance = ?",
                                instance.pool, instance.name);
    return load.step() ? load.integer(0) : 0;
  }

  static Slot* lightest(Slots& slots) {
    Slot* best = nullptr;
    for (Slot& slot : slots)
      if (slot.hasRoom() && (!best || slot.lighterThan(*best))) best = &slot;
    return best;
  }
  static Slot* named(Slots& slots, std::string_view name) {
    for (Slot& slot : slots)
      if (slot.instance->name == name) return &slot;
    return nullptr;
  }

  // Running and paused tasks whose lease ended. One that stays on its instance has its place there
  // already, so only a move needs room.
  void takeOver(const std::string& pool, Slots& slots) {
    for (Slot& slot : slots)
      for (const std::string& place : {slot.instance->name, std::string()})
        for (const std::int64_t seq : endedLeases(pool, place, slot.instance->name))
          grant(seq, *slot.instance);
    for (const std::string& instance : othersAtWork(pool, slots))
      for (const std::int64_t seq : endedLeases(pool, "", instance)) {
        Slot* slot = lightest(slots);
        if (!slot) return;
        ++slot->active;
        grant(seq, *slot->instance);
      }
  }

  /// Instances of the pool that hold tasks and are not among those served.
  std::vector<std::string> othersAtWork(const std::string& pool, Slots& slots) {
    std::vector<std::string> others;
    auto found = database_.query("SELECT instance FROM loads WHERE pool = ? AND n > 0", pool);
    while (found.step())
      if (!named(slots, found.view(0))) others.push_back(found.text(0));
    return others;
  }

  std::vector<std::int64_t> endedLeases(const std::string& pool, std::string_view place,
                                        std::string_view instance) {
    const std::int64_t before =
        std::max<std::int64_t>(0, step_.now - request_.takeover_grace.count());
    auto found = database_.query(
        "SELECT seq FROM tasks INDEXED BY tasks_under_way WHERE state IN (1, 2) AND held = 0 AND "
        "pool = ? AND place = ? AND instance = ? AND lease_until_ns <= ? ORDER BY lease_until_ns "
        "LIMIT ?",
        pool, place, instance, before, request_.max_tasks - granted_.size());
    std::vector<std::int64_t> ended;
    while (found.step()) ended.push_back(found.integer(0));
    return ended;
  }

  /// Puts those whose delay is over among the ready ones: each is moved once.
  void makeDue() {
    database_.execute(
        "UPDATE tasks INDEXED BY tasks_delayed SET due_ns = 0 WHERE state = 0 AND due_ns > 0 AND "
        "due_ns <= ?",
        step_.now);
  }

  /// Grants the oldest task that some instance has room for; false when there is none.
  bool takeOldest() {
    std::optional<Candidate> oldest;
    Slots* its_slots = nullptr;
    for (auto& [pool, slots] : pools_)
      if (auto candidate = oldestOf(pool, slots))
        if (!oldest || candidate->olderThan(*oldest)) {
          oldest = std::move(candidate);
          its_slots = &slots;
        }
    if (!oldest) return false;
    Slot* slot = oldest->place.empty() ? lightest(*its_slots) : named(*its_slots, oldest->place);
    ++slot->active;
    grant(oldest->seq, *slot->instance);
    return true;
  }

  std::optional<Candidate> oldestOf(const std::string& pool, const Slots& slots) {
    std::optional<Candidate> oldest;
    const auto consider = [&](const std::string& place) {
      auto first = database_.query(
          "SELECT created_us, seq FROM tasks INDEXED BY tasks_ready WHERE state = 0 AND due_ns = 0 "
          "AND pool = ? AND place = ? ORDER BY created_us, seq LIMIT 1",
          pool, place);
      if (!first.step()) return;
      Candidate candidate{first.integer(0), first.integer(1), place};
      if (!oldest || candidate.olderThan(*oldest)) oldest = std::move(candidate);
    };
    bool room = false;
    for (const Slot& slot : slots)
      if (slot.hasRoom()) {
        room = true;
        consider(slot.instance->name);
      }
    if (room) consider("");
    return oldest;
  }

  void grant(std::int64_t seq, const LeaseInstance& instance) {
    const LeaseToken token = newToken();
    const std::string previous_worker = workerUnderWay(seq);
    database_.execute(
        "UPDATE tasks SET takeovers = takeovers + (state IN (1, 2) AND leased), "
        "state = max(state, 1), epoch = epoch + 1, token = ?, leased = 1, lease_until_ns = ?, "
        "worker = ?, instance = ?, started_us = iif(started_us = 0, ?, started_us) "
        "WHERE seq = ?",
        blob(token), step_.now + request_.lease.count(), request_.worker, instance.name,
        request_.now_us, seq);
    QueuedTask task = loadTask(database_, seq, step_.now);
    task.token = token;
    task.previous_worker = previous_worker;
    step_.note(task.id, task.state);
    granted_.push_back(std::move(task));
  }

  std::string workerUnderWay(std::int64_t seq) {
    auto row = database_.query("SELECT worker FROM tasks WHERE seq = ? AND state IN (1, 2)", seq);
    return row.step() ? row.text(0) : std::string();
  }

  sqlite::Database& database_;
  const Step& step_;
  const LeaseRequest& request_;
  std::map<std::string, Slots> pools_;
  std::vector<QueuedTask> granted_;
};

}  // namespace

std::vector<QueuedTask> leaseTasks(const Step& step, const LeaseRequest& request) {
  return Leasing(step, request).run();
}

}  // namespace scanhost::queue_sqlite
