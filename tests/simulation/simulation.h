// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One run: nodes, clients, scanners and strangers over one queue, with faults for a while and then
/// none, all decided by a seed; and the judgement at its end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/node.h"

namespace scanhost::simulation {

struct RunOptions {
  std::uint64_t seed = 1;
  Protection removed = Protection::none;
  bool tracing = false;
};

struct RunOutcome {
  std::vector<std::string> violations;
  std::uint64_t digest = 0;  ///< of all that happened
  std::size_t tasks = 0;
  std::size_t events = 0;
  Nanos lasted{0};  ///< simulated
};

class Simulation {
 public:
  Simulation(RunOptions options, Surroundings& around);
  ~Simulation();

  RunOutcome run();

 private:
  /// A place where one node after another lives.
  struct Seat {
    std::string name;
    std::unique_ptr<NodeTime> time;
    std::unique_ptr<Node> node;
    int lives = 0;
    bool starting = false;
  };
  struct Order {
    std::string id, key, name;
    bool accepted = false;
    bool redriven = false;
  };
  enum class Fault {
    crash,
    stop,
    drain,
    queue_cut,
    queue_flaky,
    scanner_cut,
    scanner_flaky,
    scanner_mood,
    results_flaky,
    meddler,
    clock,
    count,
  };

  // clients
  void planOrders();
  void submit(std::size_t order);
  void planRequests(const std::string& id);
  void ask(const std::string& id, TaskRequest what);
  void redriveSome();

  // faults
  void planFaults();
  void strike();
  void strike(Fault fault);
  void restoreAfter(Nanos delay, Way& way);
  void spoil(Way& way);
  void endFaults();
  bool quiet() const { return world_.now() >= faults_end_; }

  // nodes
  void tellNodes(const QueueChanges& changes);
  void start(Seat& seat);
  void kill(Seat& seat, Nanos down);
  void drain(Seat& seat);
  void watchDrain(Seat& seat, int life, Nanos give_up);
  void killWorkerOf(const std::string& task_id, Nanos after);
  Seat& anySeat() { return *seats_[world_.below(seats_.size())]; }

  bool allEnded();
  bool nothingHeld() const;
  void runOn(Nanos until);

  const RunOptions options_;
  Surroundings& around_;
  World world_;
  Checker checker_;
  Servers servers_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<Order> orders_;
  std::vector<Fault> faults_;
  Nanos faults_end_{0};
  std::size_t events_ = 0;
};

}  // namespace scanhost::simulation
