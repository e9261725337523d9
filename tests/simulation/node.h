// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One life of a simulated node: the real dispatcher, with the real clients of queue, results and
/// scanners, on a simulated loop. Destroying it is a SIGKILL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/base/keyring.h"
#include "host/tasks/dispatcher.h"
#include "tests/simulation/queue_port.h"
#include "tests/simulation/results_server.h"
#include "tests/simulation/scanner_port.h"
#include "tests/support/folder.h"

namespace scanhost::simulation {

/// What the nodes of all runs use and what decides nothing: metrics, the log, scope, keys.
class Surroundings {
 public:
  /// Prints what the nodes log along with the trace.
  explicit Surroundings(bool tracing);

  void printEvents(const World& world);

  const Live<Config> config;
  EventLog log;
  Metrics metrics;
  ScanDurations durations;
  TaskEvents events{log};
  const DiskSpace disk{[] { return std::nullopt; }, 0};
  const Live<Scope> scope;
  Resolver& resolver() { return *resolver_; }
  const Credentials& credentials() const { return credentials_; }

 private:
  testing_support::Folder folder_;
  Keyring keys_;
  Credentials credentials_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<EventSubscription> subscription_;
};

/// The servers of a run and the ways to them.
struct Servers {
  QueueServer queue;
  ResultsServer results;
  std::vector<std::unique_ptr<ScannerServer>> scanners;
  Way queue_way, results_way;
  std::vector<Way> scanner_ways;
};

/// A node's clocks, each wrong by some amount of its own.
class NodeTime : public TimeSource {
 public:
  NodeTime(const World& world, Nanos since_boot) : world_(world), since_boot_(since_boot) {}
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(world_.now() + since_boot_);
  }
  Timestamp wall() const override;
  void set(Nanos ahead) { ahead_ = ahead; }

 private:
  const World& world_;
  const Nanos since_boot_;
  Nanos ahead_{0};
};

class Node {
 public:
  Node(World& world, Servers& servers, Surroundings& around, const NodeTime& time,
       std::string worker);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const std::string& worker() const { return worker_; }
  Dispatcher& dispatcher() { return *dispatcher_; }
  Process& process() { return *process_; }

 private:
  const std::string worker_;
  const std::shared_ptr<Process> process_;
  std::unique_ptr<SimulatedLoop> loop_;  ///< until the dispatcher has it
  Wire wire_;
  QueuePort queue_port_;
  ResultsPort results_port_;
  std::vector<std::unique_ptr<ScannerPort>> scanner_ports_;
  QueueClient queue_;
  ResultsClient results_;
  std::unique_ptr<Live<Scanners>> scanners_;
  std::unique_ptr<Work> work_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace scanhost::simulation
