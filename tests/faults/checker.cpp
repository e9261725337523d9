// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/checker.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace scanhost::faults {
namespace {

constexpr std::int64_t second_us = 1'000'000;
/// What was done to a node may cost it its leases for that long afterwards.
constexpr std::int64_t aftermath_us = 6 * second_us;

/// A fault, and the tasks of its victim that nobody was seen to work on since. Nobody can while the
/// queue's server is away, so that recovery from its faults counts from their end.
struct Outage {
  std::string detail;
  std::string node;
  std::int64_t began_us = 0;
  std::optional<std::int64_t> over_us;
  bool had_tasks = false;
  std::set<std::string> waiting;
  std::int64_t recovered_us = 0;
};

struct Lease {
  std::uint64_t epoch = 0;
  std::string token;
  std::string node;
};

struct Task {
  std::string key;
  bool stored = false;
  std::int64_t stored_us = 0;
  bool forgotten = false;
  bool resumed = false;
  bool accepted = false;
  bool to_be_cancelled = false;
  std::optional<Lease> lease;  ///< as last granted; nothing while that is not known
  bool held = false;
  std::string holder;  ///< as far as was seen: a server that is away changes nothing
  int attempt = 1;
  std::map<int, std::vector<std::int64_t>> launches;  ///< remote scans by attempt
  std::vector<std::int64_t> ends_us;
  std::string answer;
  std::uint64_t attempts = 0;  ///< as the client was told at the end; 0 when it was not
  std::uint64_t launched = 0;
  std::string launched_twice;
  bool maybe_spent_unseen = false;
  std::optional<std::int64_t> refers_to;
  std::string final_state;  ///< of its record
};

struct RemoteScan {
  std::string task;
  std::uint64_t launch = 0;
  std::string left;  ///< the state of its run at the end; empty when it was removed
};

std::string named(const std::string& task) {
  return "task " + task;
}

class Judge {
 public:
  explicit Judge(const Rules& rules) : rules_(rules) {}

  Verdict judge(const std::vector<Event>& events) {
    for (const Event& event : events) take(event);
    judgeTasks();
    judgeRemains();
    judgeRecoveries();
    return std::move(verdict_);
  }

 private:
  void take(const Event& event) {
    switch (event.what) {
      case What::submitted: return;
      case What::accepted: return takeAccepted(event);
      case What::cancelled: tasks_[event.task].to_be_cancelled = true; return;
      case What::answered: return takeAnswer(event);
      case What::counted: return takeFindings(event);
      case What::stored: return takeStored(event);
      case What::granted: return takeGrant(event);
      case What::written: return takeWrite(event);
      case What::spent: ++tasks_[event.task].attempt; return;
      case What::ended: return takeEnd(event);
      case What::paused: return;
      case What::resumed: tasks_[event.task].resumed = true; return;
      case What::forgotten: return takeForgotten(event);
      case What::blind: return takeBlindness();
      case What::refers: return takeRecord(event);
      case What::made: return takeMade(event);
      case What::launched: return takeLaunch(event);
      case What::removed: scans_.erase(event.scan); return;
      case What::left: return takeLeft(event);
      case What::fault: return takeFault(event);
      case What::healed: return takeHealed(event);
    }
  }

  void takeStored(const Event& event) {
    Task& task = tasks_[event.task];
    task.key = event.key;
    task.stored = true;
    task.stored_us = event.at_us;
    if (std::exchange(task.forgotten, false) && task.accepted) ++verdict_.restored;
  }

  /// What the server did since then is undone: it counts when it is done again.
  void takeForgotten(const Event& event) {
    const auto since_us = static_cast<std::int64_t>(event.number);
    for (auto& [id, task] : tasks_) {
      if (task.stored && task.stored_us >= since_us) {
        task.stored = false;
        task.forgotten = true;
      }
      std::erase_if(task.ends_us, [&](std::int64_t at_us) { return at_us >= since_us; });
    }
    takeBlindness();
  }

  void takeRecord(const Event& event) {
    Task& task = tasks_[event.task];
    if (event.scan != 0) task.refers_to = event.scan;
    task.final_state = event.detail;
    records_told_ = records_told_ || !event.detail.empty();
  }

  void takeAccepted(const Event& event) {
    Task& task = tasks_[event.task];
    if (!task.accepted) ++verdict_.accepted;
    task.accepted = true;
    auto& known = keys_[event.key];
    if (!known.empty() && known != event.task)
      verdict_.duplicated.push_back("key " + event.key + " was answered with the tasks " + known +
                                    " and " + event.task);
    known = event.task;
  }

  void takeAnswer(const Event& event) {
    Task& task = tasks_[event.task];
    task.answer = event.detail;
    task.attempts = event.number;
  }

  void takeFindings(const Event& event) {
    if (rules_.findings != 0 && event.number != rules_.findings)
      verdict_.mixed.push_back(named(event.task) + " serves " + std::to_string(event.number) +
                               " findings of " + std::to_string(rules_.findings));
  }

  void takeGrant(const Event& event) {
    Task& task = tasks_[event.task];
    if (!task.holder.empty() && task.holder != event.node && !wasTouched(task.holder, event.at_us))
      verdict_.usurped.push_back(named(event.task) + " was taken from " + task.holder +
                                 ", to which nothing had been done, by " + event.node);
    task.lease = Lease{event.epoch, event.token, event.node};
    task.held = true;
    task.holder = event.node;
    recover(event.task, event.at_us);
  }

  void takeWrite(const Event& event) {
    Task& task = tasks_[event.task];
    if (task.lease) {
      const bool is_current = task.held && task.lease->epoch == event.epoch &&
                              (task.lease->token.empty() || task.lease->token == event.token);
      if (!is_current)
        verdict_.stale.push_back(named(event.task) + " took '" + event.detail + "' under epoch " +
                                 std::to_string(event.epoch) + ", when " +
                                 (task.held ? "epoch " + std::to_string(task.lease->epoch) +
                                                  " of " + task.lease->node + " held it"
                                            : std::string("nobody held it")));
    }
    if (event.detail == "release") {
      task.held = false;
      task.holder.clear();
    }
    recoverBy(event.task, event.at_us);
  }

  void takeEnd(const Event& event) {
    Task& task = tasks_[event.task];
    task.held = false;
    task.holder.clear();
    task.ends_us.push_back(event.at_us);
    recover(event.task, event.at_us);
  }

  void takeBlindness() {
    for (auto& [id, task] : tasks_) {
      task.lease.reset();
      task.held = false;
      task.maybe_spent_unseen = true;
    }
  }

  void takeMade(const Event& event) {
    for (const auto& [id, scan] : scans_)
      if (scan.task == event.task && scan.launch == event.launch)
        verdict_.duplicated.push_back(named(event.task) + " has the scans " + std::to_string(id) +
                                      " and " + std::to_string(event.scan) +
                                      " under one marker, of launch " +
                                      std::to_string(event.launch));
    scans_[event.scan] = {event.task, event.launch, {}};
  }

  void takeLaunch(const Event& event) {
    Task& task = tasks_[event.task];
    auto& launches = task.launches[task.attempt];
    ++task.launched;
    if (!launches.empty())
      task.launched_twice = named(event.task) + " was launched in attempt " +
                            std::to_string(task.attempt) + " as scan " +
                            std::to_string(launches.back()) + " and as scan " +
                            std::to_string(event.scan);
    launches.push_back(event.scan);
  }

  /// Where the observer was blind, an attempt may have been spent unseen; the final number of
  /// attempts bounds the launches all the same.
  void judgeLaunches(const Task& task) {
    if (task.launched_twice.empty()) return;
    if (!task.maybe_spent_unseen || (task.attempts != 0 && task.launched > task.attempts))
      verdict_.duplicated.push_back(task.launched_twice);
  }

  void takeLeft(const Event& event) {
    scans_[event.scan] = {event.task, event.launch, event.detail.empty() ? "?" : event.detail};
  }

  void takeFault(const Event& event) {
    last_fault_us_ = std::max(last_fault_us_, event.at_us);
    Outage outage;
    outage.detail = event.detail;
    outage.node = event.node;
    outage.began_us = outage.recovered_us = event.at_us;
    for (const auto& [id, task] : tasks_)
      if (task.held && task.lease && isVictim(event.node, task.lease->node))
        outage.waiting.insert(id);
    outage.had_tasks = !outage.waiting.empty();
    outages_.push_back(std::move(outage));
  }

  void takeHealed(const Event& event) {
    last_fault_us_ = std::max(last_fault_us_, event.at_us);
    for (auto outage = outages_.rbegin(); outage != outages_.rend(); ++outage)
      if (outage->node == event.node && outage->detail == event.detail && !outage->over_us) {
        outage->over_us = event.at_us;
        return;
      }
  }

  static bool isShared(const std::string& node) { return node == "redis"; }
  static bool isVictim(const std::string& fault_node, const std::string& node) {
    return fault_node == node || isShared(fault_node);
  }

  bool wasTouched(const std::string& node, std::int64_t at_us) const {
    return std::any_of(outages_.begin(), outages_.end(), [&](const Outage& outage) {
      if (outage.node != node) return false;
      return !outage.over_us || *outage.over_us + aftermath_us > at_us;
    });
  }

  /// Someone works on the task again, or nobody needs to.
  void recover(const std::string& task, std::int64_t at_us) {
    for (Outage& outage : outages_)
      if (outage.waiting.erase(task) != 0) outage.recovered_us = at_us;
  }

  /// The same by a write of the holder, which means something only once the fault is over.
  void recoverBy(const std::string& task, std::int64_t at_us) {
    for (Outage& outage : outages_)
      if (outage.over_us && *outage.over_us <= at_us && outage.waiting.erase(task) != 0)
        outage.recovered_us = at_us;
  }

  void judgeTasks() {
    const std::int64_t latest_us =
        last_fault_us_ + std::chrono::microseconds(rules_.slowest_end).count();
    for (const auto& [id, task] : tasks_) {
      judgeLaunches(task);
      if (task.ends_us.size() > 1)
        verdict_.duplicated.push_back(named(id) + " ended " + std::to_string(task.ends_us.size()) +
                                      " times");
      if (!task.accepted) {
        judgeUntold(id, task);
        continue;
      }
      if (task.answer.empty())
        verdict_.lost.push_back(named(id) + " was accepted" + (task.resumed ? ", resumed" : "") +
                                " and never told to have ended" + lastSeen(task));
      else if (records_told_ && !isOver(task.final_state))
        verdict_.lost.push_back(named(id) + " was told to have ended" + lastSeen(task));
      else if (task.answer == "completed")
        ++verdict_.completed;
      else if (task.to_be_cancelled && task.answer.starts_with("cancelled"))
        ++verdict_.cancelled;
      else
        verdict_.failed.push_back(named(id) + " ended as " + task.answer);
      if (last_fault_us_ > 0 && !task.ends_us.empty() && task.ends_us.front() > latest_us)
        verdict_.lost.push_back(named(id) + " ended " +
                                std::to_string((task.ends_us.front() - last_fault_us_) / 1000) +
                                " ms after the last fault");
    }
  }

  static bool isOver(const std::string& state) {
    return !state.empty() && state != "queued" && state != "running" && state != "paused";
  }
  std::string lastSeen(const Task& task) const {
    if (!records_told_) return "";
    return task.final_state.empty() ? "; the queue does not know it at the end"
                                    : "; it is " + task.final_state + " at the end";
  }

  /// A record that no client was told of is harmless as long as its key leads to it: its client
  /// asks again. All clients here send keys.
  void judgeUntold(const std::string& id, const Task& task) {
    if (task.stored && task.key.empty())
      verdict_.duplicated.push_back(named(id) +
                                    " was stored without its key; its client made another");
    const auto told = keys_.find(task.key);
    if (task.stored && !task.key.empty() && told != keys_.end())
      verdict_.duplicated.push_back("key " + task.key + " made the tasks " + told->second +
                                    " and " + id);
  }

  void judgeRemains() {
    for (const auto& [id, scan] : scans_) {
      if (scan.left.empty()) continue;
      const auto task = tasks_.find(scan.task);
      if (task != tasks_.end() && task->second.refers_to == id) continue;
      const bool over =
          scan.left == "completed" || scan.left == "aborted" || scan.left == "canceled";
      if (over) {
        ++verdict_.remains;
        continue;
      }
      verdict_.orphaned.push_back("scan " + std::to_string(id) + " (" + scan.left + ") of " +
                                  named(scan.task) + ", launch " + std::to_string(scan.launch) +
                                  ", is left and the task does not refer to it");
    }
  }

  void judgeRecoveries() {
    for (const Outage& outage : outages_) {
      if (!outage.had_tasks || !outage.waiting.empty()) continue;
      const std::int64_t from =
          isShared(outage.node) && outage.over_us ? *outage.over_us : outage.began_us;
      const std::int64_t took = std::max<std::int64_t>(0, outage.recovered_us - from);
      verdict_.recoveries[outage.detail].push_back(std::chrono::milliseconds(took / 1000));
    }
  }

  const Rules& rules_;
  Verdict verdict_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> keys_;
  std::map<std::int64_t, RemoteScan> scans_;
  std::vector<Outage> outages_;
  std::int64_t last_fault_us_ = 0;
  bool records_told_ = false;
};

}  // namespace

bool Verdict::isClean() const {
  return lost.empty() && duplicated.empty() && stale.empty() && orphaned.empty() && mixed.empty();
}

std::string Verdict::text() const {
  std::string text;
  const std::array<std::pair<const char*, const std::vector<std::string>*>, 7> all = {
      {{"lost", &lost},
       {"duplicated", &duplicated},
       {"stale", &stale},
       {"orphaned", &orphaned},
       {"usurped", &usurped},
       {"mixed", &mixed},
       {"failed", &failed}}};
  for (const auto& [name, lines] : all)
    for (const std::string& line : *lines) text += std::string(name) + ": " + line + "\n";
  return text;
}

Verdict check(const std::vector<Event>& events, const Rules& rules) {
  return Judge(rules).judge(events);
}

}  // namespace scanhost::faults
