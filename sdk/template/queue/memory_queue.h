// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// A queue in the memory of one process: whole in what it does, and a place to begin from.
///
/// It keeps the contract of scanhost.queue/1 but for durability: tasks outlive a clean stop, by a file
/// in the data folder, and not a crash; and its steps walk all tasks, so thousands are too many. Put a
/// real store in its place, one transaction for each function, and keep the answers.
#pragma once

#include <scanhost/queue.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

class @CLASS@ : public scanhost::Queue {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);

  void start(scanhost::Call& call) override;
  void stop(scanhost::Call& call) override;

  scanhost::TaskAnswer submit(const scanhost::Submission& submission, scanhost::Call&) override;
  std::vector<scanhost::QueuedTask> lease(const scanhost::LeaseRequest& request,
                                          scanhost::Call&) override;
  std::vector<scanhost::RenewalOutcome> renew(const std::vector<scanhost::Renewal>& renewals,
                                              std::chrono::nanoseconds lease,
                                              scanhost::Call&) override;
  scanhost::TaskAnswer advance(const scanhost::Lease& lease, const scanhost::Change& change,
                               scanhost::Call&) override;
  scanhost::QueueOutcome finish(const scanhost::Lease& lease, const scanhost::Finish& finish,
                                scanhost::Call&) override;
  scanhost::QueueOutcome release(const scanhost::Lease& lease, const scanhost::Release& release,
                                 scanhost::Call&) override;
  scanhost::TaskAnswer redrive(const std::string& id, bool relaunch, scanhost::Call&) override;
  scanhost::TaskAnswer request(const std::string& id, scanhost::TaskRequest what,
                               std::int64_t now_us, scanhost::Call&) override;
  scanhost::QueueOutcome remove(const std::string& id, scanhost::Call&) override;
  std::vector<scanhost::QueuedTask> expire(std::int64_t completed_before_us,
                                           std::int64_t failed_before_us, std::uint32_t limit,
                                           scanhost::Call&) override;
  scanhost::QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                                 const std::string& error_message, scanhost::Call&) override;
  std::optional<scanhost::QueuedTask> get(const std::string& id, scanhost::Call&) override;
  scanhost::TaskPage list(const scanhost::TaskQuery& query, scanhost::Call&) override;
  scanhost::QueueCounts counts(scanhost::Call&) override;
  void announce(const std::string& worker, const std::vector<scanhost::InstanceState>& instances,
                scanhost::Call&) override;
  std::vector<scanhost::InstanceState> instances(scanhost::Call&) override;
  scanhost::QueueChanges changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                                 scanhost::Call& call) override;
  scanhost::Durability durability(scanhost::Call&) override;

 private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    scanhost::QueuedTask task;
    bool held = false;    ///< waits, and was paused meanwhile
    bool leased = false;  ///< somebody holds task.token
    bool bound = false;   ///< its instance may know its scan: it goes there and nowhere else
    Clock::time_point due{};        ///< not leased before
    Clock::time_point lease_end{};  ///< of the lease, or when a released one may be taken

    bool ended() const { return scanhost::isTerminal(task.state); }
    bool waits() const { return task.state == scanhost::TaskState::queued || held; }
    bool underWay() const { return !ended() && !waits(); }
    bool leaseLives() const { return leased && lease_end > Clock::now(); }
  };
  struct Key {
    std::string id, hash;
    Clock::time_point end;
  };
  using Place = std::pair<std::string, std::string>;  ///< pool and instance

  Entry* find(const std::string& id);
  /// The task of a lease that still holds it; else null, and why in `outcome`.
  Entry* holdBy(const scanhost::Lease& lease, scanhost::QueueOutcome& outcome);
  scanhost::QueuedTask shown(const Entry& entry) const;
  scanhost::TaskAnswer answer(scanhost::QueueOutcome outcome, const Entry& entry) const;
  std::uint64_t activeOn(const Place& place) const;
  const scanhost::LeaseInstance* placeFor(const Entry& entry,
                                          const scanhost::LeaseRequest& request) const;
  bool mayBeLeased(const Entry& entry, const scanhost::LeaseRequest& request) const;
  scanhost::QueuedTask grant(Entry& entry, const scanhost::LeaseInstance& instance,
                             const scanhost::LeaseRequest& request);
  void endLease(Entry& entry);
  void note(const std::string& id, std::optional<scanhost::TaskState> state);
  void erase(const std::string& id);
  std::string file() const { return data_dir_ + "/tasks.json"; }
  void load();
  void save() const;

  const std::string data_dir_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Entry> tasks_;  ///< by arrival
  std::map<std::string, std::uint64_t> arrivals_;
  std::uint64_t next_arrival_ = 1;
  std::map<std::pair<std::string, std::string>, Key> keys_;  ///< by owner and key
  std::set<std::string> pools_;
  std::set<Place> places_;
  std::map<Place, std::pair<scanhost::InstanceState, Clock::time_point>> announced_;
  std::deque<scanhost::QueueChange> changes_;
  std::uint64_t sequence_ = 0;
};
