// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the driver puts under strain: a Redis, the Nessus simulator, and nodes between them.
///
/// One thread rules it; `urls` may be asked from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/faults/disk.h"
#include "tests/faults/history.h"
#include "tests/faults/node.h"
#include "tests/faults/queue_observer.h"
#include "tests/support/folder.h"
#include "tests/support/nessus_simulator.h"
#include "tests/support/redis_server.h"

namespace scanhost::faults {

struct ClusterSettings {
  int nodes = 4;
  double scan_seconds = 2.5;
  std::uint64_t seed = 1;
  bool small_disks = false;
  bool failover = false;  ///< a replica and a Sentinel stand beside the Redis
  int wait_replicas = 0;  ///< that must have a write before it counts
  int scans_at_once = 50;
  std::string without;     ///< protections to take away from every node
  std::string plugin_dir;  ///< empty: where the build has them
};

class Cluster {
 public:
  Cluster(const ClusterSettings& settings, std::function<void(Event)> tell);

  std::vector<std::unique_ptr<Node>>& nodes() { return nodes_; }
  Disk& disk(std::size_t node) { return *disks_.at(node); }
  bool hasDisks() const { return !disks_.empty(); }
  testing_support::RedisServer& redis() const { return *servers_[master_]; }
  /// The other server hears no more of what the master does.
  void cutReplicaOff();
  /// Whether the Sentinel has made the other server the master; it is `redis()` from then on.
  bool hasNewMaster();
  testing_support::RedisServer& formerMaster() { return *servers_[1 - master_]; }
  /// Makes the former master follow the new one, where it lives and where it was killed.
  void followNewMaster();
  void bringBackKilled();
  bool replicaFollows() const;
  /// Whether it has all that the master did before the call of `masterOffset`.
  bool replicaHas(std::int64_t offset) const;
  std::int64_t masterOffset() const;
  /// What both servers say of it: for a round that cannot go on.
  std::string replication() const;
  const testing_support::NessusSimulator& scanner() const { return scanner_; }

  /// Notes who is ready now.
  void look();
  /// Waits until all nodes are; throws std::runtime_error with what they said when they are not.
  void waitUntilReady();
  std::vector<std::string> urls() const;
  /// Where that node serves; empty when it is not ready.
  std::string urlOf(const std::string& node) const;

 private:
  std::string queueSettings() const;

  const ClusterSettings settings_;
  testing_support::Folder folder_;
  std::vector<std::unique_ptr<testing_support::RedisServer>> servers_;
  std::unique_ptr<testing_support::RedisSentinel> sentinel_;
  std::size_t master_ = 0;
  std::atomic<unsigned short> master_port_{0};
  testing_support::NessusSimulator scanner_;
  std::vector<std::unique_ptr<Disk>> disks_;
  std::vector<std::unique_ptr<Node>> nodes_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> ready_;  ///< url by node
  std::unique_ptr<QueueObserver> observer_;
};

}  // namespace scanhost::faults
