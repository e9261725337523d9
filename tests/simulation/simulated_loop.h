// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The loop of a simulated node, and the life of the process it is part of.
///
/// Messages and turns are events of the world; a pool's job is a fiber that sleeps where it would
/// block. A process that is stopped (SIGSTOP) runs nothing until it goes on; one that died runs
/// nothing any more.
#pragma once

#include <array>
#include <deque>
#include <list>
#include <memory>

#include "host/tasks/loop.h"
#include "tests/simulation/fiber.h"
#include "tests/simulation/world.h"

namespace scanhost::simulation {

/// Whether a process runs. Shared with the events that wait for it.
class Process : public std::enable_shared_from_this<Process> {
 public:
  explicit Process(World& world) : world_(world) {}

  bool alive() const { return alive_; }
  bool stopped() const { return world_.now() < stopped_until_; }
  void stopUntil(Nanos when) { stopped_until_ = when; }
  void die() { alive_ = false; }
  /// Lets something happen in this process: later if it is stopped then, never if it is dead.
  void at(Nanos when, World::Action action);

  World& world() const { return world_; }

 private:
  World& world_;
  bool alive_ = true;
  Nanos stopped_until_{0};
};

class SimulatedLoop : public Loop {
 public:
  SimulatedLoop(std::shared_ptr<Process> process, Nanos between_turns);
  ~SimulatedLoop() override = default;

  void start(std::function<void()> turn) override;
  bool started() const override { return static_cast<bool>(turn_); }
  void turnSoon() override;
  void post(std::function<void()> message) override;
  void widenLocal(std::size_t jobs) override;
  void stopTurning() override { stopped_ = true; }
  /// What is under way ends without another effect, what has not begun never does.
  void joinPools() override;
  Clock::time_point lastTurn() const override { return Clock::time_point(last_turn_); }

  /// The running job sleeps until then. False when its process died meanwhile: it is to end.
  bool sleepUntil(Nanos when);
  bool ending() const { return ending_; }
  const std::shared_ptr<Process>& process() const { return process_; }

 private:
  struct Jobs {
    std::size_t most = 1;
    std::size_t running = 0;
    std::deque<std::function<void()>> waiting;
  };
  struct Running {
    Running(std::size_t its_pool, std::function<void()> job)
        : pool(its_pool), fiber(std::move(job)) {}
    std::size_t pool;
    Fiber fiber;
  };

  void run(Pool pool, std::function<void()> job) override;
  void beginJobs(std::size_t pool);
  void go(std::list<Running>::iterator job);
  void turn();

  const std::shared_ptr<Process> process_;
  World& world_;
  const Nanos tick_;
  std::function<void()> turn_;
  std::deque<std::function<void()>> inbox_;
  std::array<Jobs, 4> pools_;
  std::list<Running> jobs_;
  std::list<Running>::iterator current_ = jobs_.end();
  std::uint64_t turns_ = 0;
  Nanos last_turn_{0};
  bool stopped_ = false;
  bool ending_ = false;
};

}  // namespace scanhost::simulation
